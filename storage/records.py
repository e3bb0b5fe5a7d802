"""The nouns that flow through Footnote, as frozen values without behaviour or identity of their own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.anchors import Anchor, Spot

Role = Literal["user", "assistant"]
Via = Literal["keywords", "vectors", "fused", "reranked"]
# Of a passage that was looked at: handed to the chat model; put beside such a one because that was cut in mid-thought;
# spared as another alone answers; left out as a better one says the same, as the prompt was full, or others were better
Fate = Literal["chosen", "joined", "not needed", "duplicate", "no room", "passed over"]


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of `Document.text` under one heading path, on one page where the format has pages."""

    heading: str
    page: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One file's text as extracted and normalised; every offset in Footnote counts characters of `text`.

    `path` is the file's path as ingested (of files with the same content, one), `format` its suffix without the dot,
    `language` "en" or "zh" (the language most of the text is in), `size` bytes, `modified` seconds since the epoch.
    `authors` and `created` are what the file itself says. `anchors`, in order, say where in the file the text stands,
    where its format has lines, cells or boxes. A file too long for one document makes several, `part` 1 and up.
    """

    id: str
    path: str
    title: str
    sha256: str
    text: str
    sections: tuple[Section, ...]
    format: str
    language: str
    size: int
    modified: float
    pages: int | None = None
    tags: tuple[str, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    authors: tuple[str, ...] = ()
    created: datetime | None = None
    part: int = 1


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document as a list shows it: everything but the text. `paths` are all files that hold it, `path` among them."""

    id: str
    collection: str
    path: str
    title: str
    format: str
    language: str
    size: int
    pages: int | None
    characters: int
    chunks: int
    tags: tuple[str, ...]
    ingested: datetime
    attached_to: str | None = None
    authors: tuple[str, ...] = ()
    created: datetime | None = None
    paths: tuple[str, ...] = ()
    part: int = 1


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was found: `size` in bytes, `modified` in nanoseconds since the epoch, None where unknown."""

    path: str
    sha256: str
    size: int
    modified: int | None
    named: bool = False  # by a person, who wants this very file
    settled: bool = True  # not changed so shortly before that a later change may not show in its size and time


@dataclass(frozen=True, slots=True)
class Known:
    """What a collection remembers of a file, enough to tell whether it changed: `id` is its document's (first) one."""

    id: str
    file: File


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be ingested, and the reason with what to do about it."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document small enough to embed: `document.text[start:end] == text`, always.

    `id` is derived from document, start, title, heading and text (63 bits): what is indexed never changes under an id.
    `heading` is the path of headings above it, joined with " > ".
    """

    id: int
    document_id: str
    position: int
    text: str
    start: int
    end: int
    heading: str
    page: int | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found for a question. Scores of two indexes are not comparable; only ranks (from 1) are."""

    chunk: Chunk
    title: str
    path: str
    rank: int
    score: float
    via: Via


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents of a collection are searched: those that fit all of what is given. Empty holds nobody back.

    `documents` are ids; `folder` is the folder that the paths lie in, at any depth; of `formats`, `languages` and
    `tags` a document fits one of each; `since` and `until` bound when its file was changed, themselves included.
    A document that is attached to a conversation is searched only where `conversation` names that one, and is then held
    back by nothing else: it was brought to be asked about.
    """

    documents: tuple[str, ...] = ()
    folder: str = ""
    formats: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What each stage of retrieval knew of one passage; None where a stage did not see it.

    `vectors` and `keywords` are its ranks in the two indexes (from 1), `similarity` its cosine to the question,
    `standing` how far that stands out among its language, `coverage` the share of the question's words it holds,
    `fused` the score of all that; `relevance` is the reranker's score. `fate` is what became of it.
    """

    chunk_id: int
    document_id: str
    title: str
    start: int
    end: int
    vectors: int | None
    keywords: int | None
    similarity: float
    standing: float
    coverage: float
    fused: float
    relevance: float | None = None
    fate: Fate = "passed over"


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about: what was searched, what was found there, and what was decided by what.

    `question` was searched, and in the other language `translation`; `chunks` is how many the search could have found,
    `candidates` the passages that were looked at, best first. `signals` are what the gate weighed, `probability` how
    likely the documents answer by them, `least` what it had to be (None: not asked). `seconds`: what each stage took.
    """

    question: str
    collection: str
    chunks: int
    embedder: str
    reranker: str = ""
    filter: Filter = Filter()
    candidates: tuple[Candidate, ...] = ()
    signals: tuple[tuple[str, float], ...] = ()
    probability: float | None = None
    least: float | None = None
    seconds: tuple[tuple[str, float], ...] = ()
    translation: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A footnote: the span of a document that supports the answer's characters `answer_start:answer_end`.

    `document.text[start:end] == quote`; the quote is kept, so an old answer stays readable without its file. `spot`
    are the lines or cells it stands in.
    """

    marker: int
    document_id: str
    title: str
    path: str
    page: int | None
    start: int
    end: int
    quote: str
    answer_start: int
    answer_end: int
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents, all embedded by one embedder; `generation` grows with every change."""

    id: int
    name: str
    embedder: str
    generation: int
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds since the question was asked: passages found, evidence shown, first word, all done."""

    retrieve: float = 0.0
    evidence: float = 0.0
    first_token: float = 0.0
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Message:
    """One turn as history keeps it. Every field below `created` belongs to the assistant's messages.

    `status` is "done", "stopped" (by the person), "writing" (not finished yet) or "interrupted" (a crash or restart
    ended it; `text` is what had come), "failed" (`text` says why). `unsupported` are the spans of
    `text` that no passage supports. `feedback` is 1 or -1, with a `comment`.

    A question that was edited and an answer that was asked for again stand beside what they replace: `variants` are the
    ids of all that stand in this place, itself among them, the oldest first. Only one of them is shown.
    """

    id: str
    role: Role
    text: str
    created: datetime
    status: str = "done"
    found: bool | None = None
    short_answer: str | None = None
    model: str = ""
    backend: str = ""
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[tuple[int, int], ...] = ()
    hits: tuple[Hit, ...] = ()
    timings: Timings = Timings()
    feedback: int | None = None
    trace: Trace | None = None
    comment: str = ""
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages in order, about one collection: those of the branch that is shown. It is in the bin since `deleted`."""

    id: str
    title: str
    collection: str
    created: datetime
    updated: datetime
    messages: tuple[Message, ...] = ()
    pinned: bool = False
    tags: tuple[str, ...] = ()
    deleted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A message that matched a search of the history: `excerpt` holds the match with its surroundings."""

    conversation_id: str
    conversation_title: str
    message_id: str
    role: Role
    excerpt: str
    created: datetime
