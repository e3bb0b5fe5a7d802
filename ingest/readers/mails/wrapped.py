"""Plain text of mails as it was before the mail program broke its lines. Pure."""

import re
from collections.abc import Iterator
from itertools import groupby, pairwise

from ingest.unwrap import columns

_QUOTE = re.compile(r"(?:> ?)+")
_OWN_LINE = re.compile(r"\s|[-*+•·–—|]\s|\(?\d{1,3}[.)]\s|[^\s:：]{1,20}[:：](?:\s|$)")
_SIGNATURE = re.compile(r"(?:> ?)*-- ?")
_NARROWEST, _WIDEST = 60, 82  # columns at which mail programs break lines


def unwrapped(text: str, flowed: bool = False) -> str:
    """Lines that end only because they were full are joined to the next; quotes keep their marks.

    `flowed` tells that the mail marks such lines by a space at their end (RFC 3676).
    """
    lines = [_quoted(line.expandtabs(4), flowed) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    out: list[str] = []
    for depth, group in groupby(lines, key=lambda line: line[0]):
        mark = ">" * depth + " " * (depth > 0)
        out += [(mark + line).rstrip() for line in _joined([line for _, line in group], flowed)]
    return "\n".join(out)


def _quoted(line: str, flowed: bool) -> tuple[int, str]:
    found = _QUOTE.match(line)
    if not found:
        return 0, line.removeprefix(" ") if flowed else line
    return found[0].count(">"), line[found.end() :]


def _joined(lines: list[str], flowed: bool) -> Iterator[str]:
    signature = next((at for at, line in enumerate(lines) if _SIGNATURE.fullmatch(line)), len(lines))
    width = max((_width(line) for line in lines[:signature]), default=0)
    if not flowed and not _NARROWEST <= width <= _WIDEST:
        yield from lines
        return
    current = ""
    for at, (line, following) in enumerate(pairwise([*lines, ""])):
        current += line
        goes_on = line.endswith(" ") if flowed else _is_full(line, following, width)
        if at < signature - 1 and goes_on and following.strip():
            current = current.rstrip() + ("" if _wide(line, following) else " ")
        else:
            yield current
            current = ""


def _is_full(line: str, following: str, width: int) -> bool:
    """Whether the next line's first word would not have fitted on this one."""
    if not line.strip() or not following.strip() or line[0].isspace() or _OWN_LINE.match(following):
        return False
    word = following[0] if columns(following[0]) == 2 else following.split(maxsplit=1)[0]
    return _width(line) + 1 + _width(word) > width


def _width(line: str) -> int:
    return len(line) if line.isascii() else columns(line)


def _wide(line: str, following: str) -> bool:
    return columns(line.rstrip()[-1:]) == 2 or columns(following[0]) == 2
