"""Paragraphs whose lines were joined, as lines of a text with headings."""

import re
from collections.abc import Iterator, Sequence

from ingest.clean import Line, normalise
from ingest.unwrap import Unwrapped
from storage.anchors import Lines

_SHOWN = re.compile(r"[!-~]|[^\W_]")


def lines(unwrapped: Sequence[Unwrapped], number: int, tight: bool = False) -> Iterator[Line]:
    """A paragraph that begins in line `number` of its file.

    It is one piece if that tells its lines already, or if it has lines that will not be shown, which are a gap then;
    else each line is one for itself.
    """
    first, last = unwrapped[0].first, unwrapped[-1].last
    even = len(unwrapped) == last - first + 1
    if even or len(unwrapped) == 1 or not all(_shown(line.text) for line in unwrapped):
        text = "\n".join(line.text for line in unwrapped)
        yield Line(0, text, Lines(number + first, number + last), tight)
        return
    for line in unwrapped:
        yield Line(0, line.text, Lines(number + line.first, number + line.last), tight)
        tight = True


def _shown(text: str) -> bool:
    return _SHOWN.search(text) is not None or bool(normalise(text))
