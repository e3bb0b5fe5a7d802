"""Questions worth asking: for whoever meets a collection for the first time, and after an answer.

They are made from the documents' own headings and defining sentences, without a model, so that each can be answered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple, Protocol

from qa.statements import answered
from qa.topics import cased, listed, named, question, substantial, topic, words
from storage.keywords import content_words
from storage.language import language
from storage.records import Chunk, DocumentInfo, Message

_LOOKED_AT = 4  # documents for each question that is wanted, at most
_SAMPLE = 300  # chunks of a document that are read for it
# Share of the questions that one sentence answers, where a document has headings too. In English the gate refuses half
# of the answers about a whole heading, in Chinese hardly one.
_STATED = {"en": 0.8, "zh": 0.35}
_FOLLOW_UPS = 3
_READ = 2  # documents that are read for follow-ups
_NEAR = 6  # chunks between a source and a sentence that is asked about


class Reader(Protocol):
    """What is read of a library."""

    def documents(self, collection: str | None = None) -> tuple[DocumentInfo, ...]:
        """The documents of a collection."""
        ...

    def chunks(self, document_id: str) -> tuple[Chunk, ...]:
        """The chunks of a document in order."""
        ...


def suggestions(library: Reader, collection: str, n: int = 4, seed: int = 0) -> tuple[str, ...]:
    """Up to `n` questions that the collection answers, each about another document while there are enough.

    The same seed gives the same questions; with the number of the day as seed they change daily.
    """
    random = Random(seed)
    held = [each for each in library.documents(collection) if each.attached_to is None]
    random.shuffle(held)
    first: list[_Ask] = []
    more: list[_Ask] = []
    for each in held[: n * _LOOKED_AT]:
        if sum(one.sure for one in first) >= n:
            break
        found = _of_document(each, library.chunks(each.id), random)
        first += found[:1]
        more += found[1:n]
    ordered = sorted(first, key=lambda one: not one.sure) + more
    return tuple(dict.fromkeys(one.text for one in ordered))[:n]


class _Ask(NamedTuple):
    text: str
    sure: bool  # to be answered


def _of_document(info: DocumentInfo, chunks: Sequence[Chunk], random: Random) -> list[_Ask]:
    """A document's questions in a random order."""
    if len(chunks) > _SAMPLE:  # a part of a long book has enough to ask about
        start = random.randrange(len(chunks) - _SAMPLE)
        chunks = chunks[start : start + _SAMPLE]
    title, written = named(info.title), words("\n".join(chunk.text for chunk in chunks))
    abouts = [_inside(about, written, info.language) for about in _topics(chunks)]
    if title and not abouts:
        abouts = [name for chunk in chunks for name in listed(chunk.text)]
    headed = list(dict.fromkeys(ask for about in abouts if (ask := question(about, title, info.language))))
    stated = list(dict.fromkeys(ask for chunk in chunks for ask in answered(chunk.text, written)))
    random.shuffle(headed)
    random.shuffle(stated)
    mixed = []
    while headed or stated:
        if stated and (not headed or random.random() < _STATED[info.language]):
            mixed.append(_Ask(stated.pop(), sure=True))
        else:
            mixed.append(_Ask(headed.pop(), sure=info.language == "zh"))
    return mixed


def _inside(about: str, written: Mapping[str, int], spoken: str) -> str:
    """A topic as it stands inside a question. Chinese leaves the Latin words in it as they are."""
    return about if spoken == "zh" else cased(about, written)


def _topics(chunks: Iterable[Chunk]) -> dict[str, int]:
    """The topics of a document whose headings have enough under them, each with the position of its first chunk."""
    under: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        under.setdefault(chunk.heading, []).append(chunk)
    return {
        about: some[0].position
        for heading, some in under.items()
        if (about := topic(heading)) and substantial("\n".join(chunk.text for chunk in some))
    }


def follow_ups(library: Reader, turns: Sequence[Message]) -> tuple[str, ...]:
    """Up to three questions that go on from the last answer: about what stands near its sources and was not used.

    `turns` are a conversation's messages up to that answer; nothing is suggested that was asked before. Of a document
    that the answer does not cite, as of all after a refusal, only what shares a word with the question is near.
    """
    if not turns or turns[-1].role != "assistant" or turns[-1].status not in ("done", "stopped"):
        return ()
    answer, asked = turns[-1], [turn.text for turn in turns if turn.role == "user"]
    known = [set(content_words(text)) for text in asked]
    last = known[-1] if known else set()
    titles = {hit.chunk.document_id: hit.title for hit in answer.hits}
    cited = [citation.document_id for citation in answer.citations]
    found: list[str] = []
    for document in list(dict.fromkeys([*cited, *titles]))[:_READ]:
        for about, ask in _near(library.chunks(document), named(titles.get(document, "")), answer, document):
            said = set(content_words(about))
            if ask not in asked and not any(said <= each for each in known) and (document in cited or said & last):
                found.append(ask)
    return tuple(dict.fromkeys(found))[:_FOLLOW_UPS]


def _near(chunks: Sequence[Chunk], title: str, answer: Message, document_id: str) -> Iterator[tuple[str, str]]:
    """What a document is asked about, with the question: what follows the answer's sources first, then what precedes.

    Without sources in it, its best passage takes their place.
    """
    spans = [(each.start, each.end) for each in answer.citations if each.document_id == document_id]
    sources = [chunk for chunk in chunks if any(chunk.start < end and start < chunk.end for start, end in spans)]
    hits = [hit.chunk.position for hit in answer.hits if hit.chunk.document_id == document_id]
    at = sources[0].position if sources else hits[0] if hits else 0
    text = "\n".join(chunk.text for chunk in chunks)
    written, spoken, used = words(text), language(text), {topic(chunk.heading) for chunk in sources}
    places: list[tuple[int, str, str]] = []
    for chunk in chunks:
        if sources and chunk not in sources and abs(chunk.position - at) <= _NEAR:
            places += [(chunk.position, ask, ask) for ask in answered(chunk.text, written)]
    for about, position in _topics(chunks).items():
        if about not in used and (ask := question(_inside(about, written, spoken), title, spoken)):
            places.append((position, about, ask))
    for _, about, ask in sorted(places, key=lambda each: (each[0] < at, abs(each[0] - at))):
        yield about, ask
