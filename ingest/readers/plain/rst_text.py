"""The words of reStructuredText: marks inside of lines, and lines that make paragraphs (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.readers.source import Numbered
from ingest.unwrap import rejoined

_INLINE = re.compile(
    r"``(?P<code>[^`]+)``"
    r"|(?::[\w:+.-]{1,40}:)`(?P<role>[^`]+)`"
    r"|`(?P<link>[^`]+)`(?::[\w:+.-]{1,40}:|__?)?"
    r"|(?P<note>\[[^\]\s]{1,40}\])_|\|(?P<put>[^|\s]{1,40})\|_{0,2}|\\ "
)
_AIMED = re.compile(r"(.*?)\s*<([^<>]+)>", re.DOTALL)
MARKER = re.compile(r"(?:[-*+•]|\(?(?:\d{1,3}|[a-zA-Z#]|[ivxIVX]{1,5})[.)]|\|)\s+|(?P<field>:[^:`\s][^:`]*:)(?:\s|$)")


def inline(text: str) -> str:
    """Without the marks of roles and links; the address of a link stays."""
    return _INLINE.sub(_bare, text) if any(mark in text for mark in "`[|\\") else text


def _bare(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    said = found[kind] if kind else ""
    aimed = _AIMED.fullmatch(said)
    match kind:
        case "code":
            return f"`{said}`"
        case "role" if aimed:
            return aimed[1] or aimed[2]
        case "role":
            return said.rpartition(".")[2] if said.startswith("~") else said.lstrip("!")
        case "link" if aimed:
            return f"{aimed[1]} ({aimed[2]})" if "/" in aimed[2] else aimed[1] or aimed[2]
    return said


@dataclass(slots=True)
class Stretch:
    """Lines that belong together: a paragraph, or an item of a list. What goes on with it has the indentation `body`,
    any below its first line for None."""

    lines: list[Numbered]
    indent: int
    body: int | None

    @property
    def text(self) -> str:
        """All in one line, the name of a field without the colon before it."""
        whole = rejoined(line for _, line in self.lines)
        return inline(whole[1:] if MARKER.match(whole) and whole.startswith(":") else whole)


def stretches(block: Sequence[Numbered]) -> Iterator[Stretch]:
    """The paragraphs and items that are in lines without a blank one between them."""
    held: Stretch | None = None
    for number, line in block:
        indent = len(line) - len(line.lstrip())
        marker = MARKER.match(line, indent)
        if held and not marker and (indent == held.body or (held.body is None and indent > held.indent)):
            held.lines.append((number, line))
            continue
        if held:
            yield held
        body = indent if not marker else None if marker["field"] else marker.end()
        held = Stretch([(number, line)], indent, body)
    if held:
        yield held
