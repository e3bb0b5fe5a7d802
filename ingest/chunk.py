"""Cut a document into chunks that follow its structure and carry exact offsets. Pure.

Sections are cut at the ends of paragraphs; a paragraph that is too long at lines, then sentences (English and Chinese),
then commas, then spaces, then anywhere. Chunks never overlap, and together they hold every character that is not blank.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple

from storage.language import tokens
from storage.records import Chunk, Document, Section

# Where a text may be cut, the best places first; a match ends where the next part begins.
_CUTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n\s*\n",
        r"\n",
        r"[。！？；…]+[”’」』）\"')\]]*\s*|[.!?][\"'”’)\]]*\s+",
        r"[，、：]\s*|[,;:]\s+",
        r"\s+",
    )
)
_NO_LEAD = re.compile(r"^[-*+•|]|[.。!！?？;；,，、…\"”’)）]$")  # items of a list, ends of sentences and clauses
_LEAD = 30  # tokens of headings kept with the text below


@dataclass(frozen=True, slots=True)
class ChunkOptions:
    """`limit` is in tokens as `tokens` estimates them. A chunk goes over it, by a half at most, to spare a scrap."""

    limit: int = 200


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    heading: str
    tokens: int
    whole: bool = False  # a whole section


class Cut(NamedTuple):
    """Where a chunk begins and ends in its document's text, the headings above it, and its page."""

    start: int
    end: int
    heading: str
    page: int | None


def split(document: Document, options: ChunkOptions) -> tuple[Chunk, ...]:
    """The document's chunks in order, disjoint; `document.text[chunk.start:chunk.end] == chunk.text` for each."""
    return chunks(document, cuts(document.text, document.sections, options))


def cuts(text: str, sections: Sequence[Section], options: ChunkOptions) -> Iterator[Cut]:
    """Where to cut a text, in order."""
    spans: list[_Span] = []
    for section in _sections(text, sections):
        spans += _fill(text, section, options.limit)
    for span in _merge_small(text, spans, options.limit):
        start, end = _strip(text, span.start, span.end)
        if start < end:
            yield Cut(start, end, span.heading, _page_at(sections, start))


def chunks(document: Document, cuts: Iterable[Cut]) -> tuple[Chunk, ...]:
    """The document cut at these places."""
    made: list[Chunk] = []
    for start, end, heading, page in cuts:
        body = document.text[start:end]
        identity = chunk_id(document.id, start, _passage(document.title, heading, body))
        made.append(Chunk(identity, document.id, len(made), body, start, end, heading, page))
    return tuple(made)


def chunk_id(document_id: str, start: int, passage: str) -> int:
    """63 bits from the document, the place and all that is indexed: another title or heading makes another chunk."""
    value = blake2b(f"{document_id}\0{start}\0{passage}".encode(), digest_size=8).digest()
    return int.from_bytes(value) >> 1


def passage_text(document: Document, chunk: Chunk) -> str:
    """What is embedded for a chunk: title and heading path, then the text, as the library indexes and re-embeds it."""
    return _passage(document.title, chunk.heading, chunk.text)


def _passage(title: str, heading: str, text: str) -> str:
    from storage.rows import passage_text  # with SQL, which takes longer to load than most files to read and cut

    return passage_text(title, heading, text)


def _sections(text: str, sections: Sequence[Section]) -> Iterator[Section]:
    """Sections of one heading path as one, whatever the page; a heading without text goes with what follows it."""
    runs: list[Section] = []
    for section in sections or (Section("", None, 0, len(text)),):
        if runs and runs[-1].heading == section.heading:
            runs[-1] = Section(section.heading, None, runs[-1].start, section.end)
        else:
            runs.append(Section(section.heading, None, section.start, section.end))
    carried: int | None = None
    for number, run in enumerate(runs):
        start = run.start if carried is None else carried
        bare = "\n" not in text[run.start : run.end].strip()
        following = runs[number + 1].heading if number + 1 < len(runs) else ""
        below = following.startswith(run.heading + " > " if run.heading else "") and bool(following)
        if bare and below and tokens(text[start : run.end]) < 60:
            carried = start
        else:
            yield Section(run.heading, None, start, run.end)
            carried = None


def _fill(text: str, section: Section, limit: int) -> Iterator[_Span]:
    """Pack the parts of a section into spans of nearly equal size, none much over the limit."""
    parts = list(_parts(text, section.start, section.end, limit, 0))
    total = sum(part.tokens for part in parts)
    if total <= limit * 5 // 4:
        yield _Span(section.start, section.end, section.heading, total, whole=True)
        return
    target = total / -(-total // limit)
    start, size = section.start, 0
    lead, lead_size = section.start, 0  # lines at the end of what is packed that read like a heading
    for part in parts:
        if size > lead_size and (size + part.tokens > limit or size + part.tokens / 2 > target):
            end = lead if lead_size else part.start
            yield _Span(start, end, section.heading, size - lead_size)
            start, size = end, lead_size
        if line := text[part.start : part.end].strip():
            goes_on = 0 < lead_size <= _LEAD - part.tokens
            lead = lead if goes_on else part.start
            lead_size = (lead_size * goes_on + part.tokens) * _leads(line)
            size += part.tokens
    if size:
        yield _Span(start, section.end, section.heading, size)


def _leads(line: str) -> bool:
    """Whether a part is a single short line without the end of a sentence: it belongs to what follows."""
    return "\n" not in line and not _NO_LEAD.search(line) and tokens(line) <= _LEAD


def _parts(text: str, start: int, end: int, limit: int, level: int) -> Iterator[_Span]:
    """Tile a stretch with parts no longer than the limit, cut at the best places there are."""
    size = tokens(text[start:end])
    if level == len(_CUTS):
        step = max(1, (end - start) * limit // max(size, 1) // 2) if size > limit else max(1, end - start)
        for at in range(start, end, step):
            yield _Span(at, min(at + step, end), "", tokens(text[at : min(at + step, end)]))
        return
    if size <= limit and level > 0:
        yield _Span(start, end, "", size)
        return
    cuts = [match.end() for match in _CUTS[level].finditer(text, start, end)]
    for begin, stop in pairwise([start, *(cut for cut in cuts if cut < end), end]):
        yield from _parts(text, begin, stop, limit, level + 1)


def _merge_small(text: str, spans: Sequence[_Span], limit: int) -> Iterator[_Span]:
    """Join a scrap to its neighbour: the rest of its own section, or a short section under the same parent."""
    held: _Span | None = None
    for span in spans:
        if held is not None and _belong(held, span, limit):
            heading = held.heading if held.heading == span.heading else _common(held.heading, span.heading)
            held = _Span(held.start, span.end, heading, held.tokens + span.tokens, held.whole)
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _belong(held: _Span, span: _Span, limit: int) -> bool:
    if held.heading == span.heading:
        return min(held.tokens, span.tokens) <= limit // 4 and held.tokens + span.tokens <= limit * 3 // 2
    family = _common(held.heading, span.heading) == _parent(span.heading) and bool(span.heading)
    return family and held.whole and span.whole and max(held.tokens, span.tokens) <= limit * 2 // 5


def _parent(heading: str) -> str:
    return heading.rpartition(" > ")[0]


def _common(first: str, second: str) -> str:
    shared = []
    for left, right in zip(first.split(" > "), second.split(" > "), strict=False):
        if left != right:
            break
        shared.append(left)
    return " > ".join(shared)


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    return start + len(body) - len(body.lstrip()), end - (len(body) - len(body.rstrip()))


def _page_at(sections: Sequence[Section], position: int) -> int | None:
    at = bisect_right(sections, position, key=lambda section: section.start)
    return sections[at - 1].page if at else None
