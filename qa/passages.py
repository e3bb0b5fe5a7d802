"""Which of the ranked passages the chat model reads: none twice, none torn, as many as a budget of tokens holds (pure).

Two passages are near-duplicates if one says nothing that the other does not say: the other, but for whole sentences
that it has more, has the same words in the same order. Spaces, line ends, punctuation, capitals, articles, and the two
scripts of Chinese make no difference. Shingles of words (Broder 1997) with a threshold would not do: this year's
form and last year's differ in few of them, as do "may" and "may not", so that no threshold below 1 tells a copy from
another truth. What is kept beside its copy costs some tokens; what is dropped for another may be the answer.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from storage.keywords import folded
from storage.language import sentences, tokens
from storage.records import Chunk, Fate, Hit

USED: tuple[Fate, ...] = ("chosen", "joined")  # the fates of what the chat model reads
FENCE = 20  # tokens of a passage's fence with its title and heading

_CHINESE = r"\u3400-\u9fff\uf900-\ufaff"
_LETTERS = rf"[^\W_{_CHINESE}]+"  # and digits
_WORD = re.compile(rf"[{_CHINESE}]|(?:(?<!\S)-(?=\d))?{_LETTERS}(?:[.,:/'’-]{_LETTERS})*|[^\w\s]")
_LIGHT = frozenset("a an the this these is are and of 的 了 是 之 和 与 及".split())
_MARKUP = "|`^~="
# What a copy's name has more than the name of what it was copied from.
_COPY = re.compile(r"\bcopy(?: of)?\b|\(\d{1,2}\)|副本|复件|复制")

_STOPPED = re.compile(r"[.!?。！？…;；][\"'”’」』）)\]*_]*(?:\[\d+\])*$")
_OPEN = re.compile(r"[:：,，、(（—–-]$")
_ITEM = re.compile(
    r"\s*(?:[-*+•·]\s|\(?\d{1,3}(?:[.．](?!\d)|[)）、])|\(?[a-z][.)]\s|[（(]?[一二三四五六七八九十]{1,3}[)）、．])"
)
_ROW = re.compile(r"\s*\|.*\|\s*$|[^\t]+\t")
_RECORD = re.compile(r"[^:;\n]+: [^;\n]+; ")  # a row of a spreadsheet, as readers write it, says what its values mean
_BLANK_LINE = 2  # characters between two chunks


def cut_off(before: Chunk, after: Chunk) -> bool:
    """Whether a chunk ends in mid-thought and goes on in the next one, under the same heading.

    So it is where it ends with a colon or a comma, or in the middle of a paragraph without the end of a sentence, and
    where a list or table goes on.
    """
    follows = (before.document_id, before.position + 1, before.heading) == (
        after.document_id, after.position, after.heading,
    )  # fmt: skip
    last, first = before.text.rpartition("\n")[2].rstrip(), after.text.partition("\n")[0]
    if not follows or (_RECORD.match(last) and _RECORD.match(first)):
        return False
    if _OPEN.search(last) or any(mark.match(last) and mark.match(first) for mark in (_ITEM, _ROW)):
        return True
    return not _STOPPED.search(last) and (first[:1].islower() or after.start - before.end < _BLANK_LINE)


def chosen(
    hits: Sequence[Hit], neighbours: Mapping[tuple[str, int], Hit], budget: int, most: int
) -> tuple[tuple[Hit, ...], dict[int, Fate]]:
    """The passages for a prompt, and what became of each chunk that was looked at, by its id.

    By rank, at most `most` hits are taken that fit into `budget` tokens together, the first one always; one too long
    for what is left stops no shorter one. A near-duplicate of what is taken is left out. Where a hit is cut off, the
    neighbour that has the rest comes right after it if there is room, and counts as no hit of its own.
    """
    fates: dict[int, Fate] = dict.fromkeys((hit.chunk.id for hit in hits), "passed over")
    known = {**neighbours, **{(hit.chunk.document_id, hit.chunk.position): hit for hit in hits}}
    taken: dict[int, Hit] = {}
    for hit in hits:
        here = hit.chunk.id
        if sum(fate == "chosen" for fate in fates.values()) == most:
            break
        cost = 0 if here in taken else tokens(hit.chunk.text) + FENCE
        if here not in taken and _repeats(hit, taken.values()):
            fates[here] = "duplicate"
        elif taken and cost > budget:
            fates[here] = "no room"
        else:
            fates[here], taken[here], budget = "chosen", hit, budget - cost
            for rest in _rest(hit, known):
                cost = tokens(rest.chunk.text)
                if rest.chunk.id not in taken and cost <= budget and not _repeats(rest, taken.values()):
                    fates[rest.chunk.id], taken[rest.chunk.id], budget = "joined", rest, budget - cost
    return tuple(taken.values()), fates


def _rest(hit: Hit, known: Mapping[tuple[str, int], Hit]) -> Iterator[Hit]:
    """What a hit is cut off from: what goes on after it, and what it goes on from."""
    document, position = hit.chunk.document_id, hit.chunk.position
    after, before = known.get((document, position + 1)), known.get((document, position - 1))
    if after and cut_off(hit.chunk, after.chunk):
        yield after
    if before and cut_off(before.chunk, hit.chunk):
        yield before


@dataclass(frozen=True, slots=True)
class _Said:
    """What a passage says, whatever it looks like: the words it stands under, and its sentences in plain words."""

    under: frozenset[str]
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return f" {' '.join(self.sentences)} "


def _repeats(hit: Hit, others: Iterable[Hit]) -> bool:
    """Whether a passage says nothing that one of the others does not say."""
    one = _said(hit.title, hit.chunk.heading, hit.chunk.text)
    return any(_within(one, _said(other.title, other.chunk.heading, other.chunk.text)) for other in others)


def _within(one: _Said, other: _Said) -> bool:
    if not one.sentences or len(one.text) > len(other.text) or not one.under <= other.under | set(other.text.split()):
        return False
    shared = [sentence for sentence in other.sentences if f" {sentence} " in one.text]
    return " ".join(shared) == " ".join(one.sentences)


@functools.lru_cache(maxsize=512)
def _said(title: str, heading: str, text: str) -> _Said:
    plain = folded(text)
    spoken = (" ".join(_words(plain[start:end])) for start, end in sentences(plain))
    return _Said(frozenset(_words(_COPY.sub(" ", folded(f"{title}\n{heading}")))), tuple(filter(None, spoken)))


def _words(text: str) -> Iterator[str]:
    """Words, single Chinese characters, and signs that say something, such as "%", "<" and "☑"."""
    for word in _WORD.findall(text):
        says = word[-1].isalnum() or word in "%‰" or (unicodedata.category(word)[0] == "S" and word not in _MARKUP)
        if says and word not in _LIGHT:
            yield word
