"""Read a conversation back from its JSON (pure). The file may come from anyone: nothing in it is taken on trust."""

from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from storage.anchors import Lines, Spot
from storage.errors import UnreadableFile
from storage.records import (
    Candidate,
    Chunk,
    Citation,
    Conversation,
    Fate,
    Filter,
    Hit,
    Message,
    Role,
    Timings,
    Trace,
    Via,
)
from ui import spots
from ui.export.json import VERSION

LARGEST = 50_000_000  # bytes of a file; some thousand answers with their passages are less


def read(content: bytes, name: str, tag: str) -> Conversation:
    """The conversation in the content of a file called `name`, with one more `tag`, which tells where it comes from.

    Its ids are those it had where it was exported. What a later version of Footnote has put in besides is passed over.
    Raises UnreadableFile.
    """
    if len(content) > LARGEST:
        raise UnreadableFile(f"{name} is larger than {LARGEST // 1_000_000} MB. Choose another file.")
    content = content.removeprefix(b"\xef\xbb\xbf")  # an editor's byte order mark
    try:
        version = _Version.model_validate_json(content)
        if version.footnote > VERSION:
            raise UnreadableFile(f"{name} was exported by a newer Footnote. Update this one, then import it again.")
        return _Conversation.model_validate_json(content).record(tag)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        reason = f"{where}: {first['msg']}"
        raise UnreadableFile(
            f"{name} is not a conversation that Footnote exported as JSON ({reason}). Choose another file."
        ) from exc


def _kept(text: str) -> str:
    """No database keeps a NUL; offsets stay right."""
    return text.replace("\0", "\ufffd")


def _within_our_times(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 2200:
        raise ValueError("this date cannot be right")
    return moment


_Text = Annotated[str, StringConstraints(max_length=1_000_000), AfterValidator(_kept)]
_Line = Annotated[str, StringConstraints(max_length=100_000), AfterValidator(_kept)]
_Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(_kept)]
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{0,16}$")]
_Whole = Annotated[int, Field(ge=0, lt=2**31)]
_Nth = Annotated[int, Field(ge=1, lt=2**31)]
_Real = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
_Seconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_Moment = Annotated[AwareDatetime, AfterValidator(_within_our_times)]
_Named = Annotated[dict[_Name, _Real], Field(max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Version(_Part):
    footnote: _Whole = VERSION


class _Span(_Part):
    """A stretch of a document. Exports of the first version name only its path."""

    document: _Id
    path: _Line
    title: _Line = ""
    page: _Whole | None
    start: _Whole
    end: _Whole

    @property
    def called(self) -> str:
        return self.title or PurePath(self.path.replace("\\", "/")).name


class _Spot(_Part):
    """The lines or the cells of a quote; a later version may know of other places."""

    lines: tuple[_Nth, _Nth] | None = None
    cells: Annotated[str, StringConstraints(max_length=30)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.lines and self.lines[0] > self.lines[1]) or (self.cells and spots.cells(self.cells) is None):
            raise ValueError("this place cannot be right")
        return self

    def record(self) -> Spot | None:
        return Lines(*self.lines) if self.lines else spots.cells(self.cells) if self.cells else None


class _Citation(_Span):
    marker: Annotated[int, Field(ge=1, lt=100_000)]
    quote: _Text
    answer_start: _Whole
    answer_end: _Whole
    spot: _Spot | None = None

    def record(self) -> Citation:
        return Citation(
            self.marker, self.document, self.called, self.path, self.page, self.start, self.end, self.quote,
            self.answer_start, self.answer_end, self.spot.record() if self.spot else None,
        )  # fmt: skip


class _Hit(_Span):
    text: _Text
    score: _Real
    heading: _Line = ""
    via: Via = "fused"
    position: _Whole = 0

    def record(self, rank: int) -> Hit:
        # The chunk's id is of no use without the library that it was in.
        chunk = Chunk(rank, self.document, self.position, self.text, self.start, self.end, self.heading, self.page)
        return Hit(chunk, self.called, self.path, rank, self.score, self.via)


class _Timings(_Part):
    retrieve: _Seconds = 0.0
    evidence: _Seconds = 0.0
    first_token: _Seconds = 0.0
    total: _Seconds = 0.0

    def record(self) -> Timings:
        return Timings(self.retrieve, self.evidence, self.first_token, self.total)


class _Candidate(_Part):
    document: _Id
    title: _Line
    start: _Whole
    end: _Whole
    vectors: _Whole | None
    keywords: _Whole | None
    similarity: _Real
    standing: _Real
    coverage: _Real
    fused: _Real
    relevance: _Real | None = None
    fate: Fate = "passed over"

    def record(self, number: int) -> Candidate:
        return Candidate(chunk_id=number, document_id=self.document, **self.model_dump(exclude={"document"}))


class _Filter(_Part):
    documents: Annotated[tuple[_Id, ...], Field(max_length=10_000)] = ()
    folder: _Line = ""
    formats: Annotated[tuple[_Name, ...], Field(max_length=100)] = ()
    languages: Annotated[tuple[_Name, ...], Field(max_length=100)] = ()
    tags: Annotated[tuple[_Name, ...], Field(max_length=1_000)] = ()
    since: _Moment | None = None
    until: _Moment | None = None


class _Trace(_Part):
    question: _Text
    collection: _Name
    chunks: _Whole
    embedder: _Line
    reranker: _Line | None = None
    filter: _Filter = _Filter()
    candidates: Annotated[list[_Candidate], Field(max_length=1_000)] = []
    signals: _Named = {}
    probability: _Real | None = None
    least: _Real | None = None
    seconds: _Named = {}
    translation: _Text | None = None

    def record(self) -> Trace:
        candidates = tuple(each.record(number) for number, each in enumerate(self.candidates))
        return Trace(
            self.question, self.collection, self.chunks, self.embedder, self.reranker or "",
            Filter(**self.filter.model_dump()), candidates, tuple(self.signals.items()), self.probability, self.least,
            tuple(self.seconds.items()), self.translation or "",
        )  # fmt: skip


class _Message(_Part):
    role: Role
    text: _Text
    created: _Moment
    status: Literal["done", "stopped", "writing", "interrupted", "failed"] = "done"
    found: bool | None = None
    short_answer: _Text | None = None
    model: _Line = ""
    backend: _Line = ""
    citations: Annotated[list[_Citation], Field(max_length=1_000)] = []
    unsupported: Annotated[list[tuple[_Whole, _Whole]], Field(max_length=1_000)] = []
    hits: Annotated[list[_Hit], Field(max_length=1_000)] = []
    seconds: _Timings = _Timings()
    feedback: Literal[1, -1] | None = None
    comment: _Text = ""
    trace: _Trace | None = None

    @model_validator(mode="after")
    def _check_spans(self) -> Self:
        spans = [*self.unsupported, *((each.answer_start, each.answer_end) for each in self.citations)]
        if not all(start <= end <= len(self.text) for start, end in spans):
            raise ValueError("a footnote lies outside the text")
        return self

    def record(self, id: str) -> Message:
        return Message(
            id, self.role, self.text, self.created, "interrupted" if self.status == "writing" else self.status,
            self.found, self.short_answer, self.model, self.backend, tuple(each.record() for each in self.citations),
            tuple(self.unsupported), tuple(each.record(rank) for rank, each in enumerate(self.hits, 1)),
            self.seconds.record(), self.feedback, self.trace.record() if self.trace else None, self.comment,
        )  # fmt: skip


class _Conversation(_Part):
    id: _Id
    title: _Line
    collection: _Name
    created: _Moment
    updated: _Moment
    pinned: bool = False
    tags: Annotated[list[_Name], Field(max_length=100)] = []
    messages: Annotated[list[_Message], Field(min_length=1, max_length=10_000)]

    def record(self, tag: str) -> Conversation:
        messages = tuple(each.record(str(number)) for number, each in enumerate(self.messages))
        title, tags = " ".join(self.title.split())[:200], sorted({*self.tags, tag} - {""})
        return Conversation(
            self.id, title, self.collection, self.created, self.updated, messages, self.pinned, tuple(tags)
        )
