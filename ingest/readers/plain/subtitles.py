"""Subtitles: what is said, in paragraphs that begin with the time they are said at."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

from ingest.clean import Piece, Reading
from ingest.readers import source
from ingest.readers.plain import text
from ingest.readers.source import Source
from ingest.unwrap import rejoined
from storage.anchors import Lines

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
_TITLE = re.compile(r"WEBVTT[ \t]+(?:-[ \t]+)?(\S.*)")
_UNSAID = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)(?:\s|$)")
_VOICE = re.compile(r"<v(?:\.[^ >]*)?\s+([^<>]+)>")
_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|<\d\d:[\d:.]+>|\{\\[^{}]*\}")
_SPEAKER = re.compile(r"(?:[-–—]\s?|>>\s?)(?=\w)")
_NAMED = re.compile(r"[A-Z][\w. -]{0,30}: |[\w·]{1,12}：")
_SENTENCE_END = re.compile("[.!?。！？…][\"'”’」』）)\\]♪]*$")
_PAUSE = 4.0  # seconds without a word, after which a paragraph begins
_LINES = 500  # of a cue
_ENOUGH, _MOST = 250, 800  # characters: a paragraph ends with a sentence after so many, or at last anywhere


@dataclass(slots=True)
class _Cue:
    """What is shown at once: from when to when, in seconds, and the lines of the file it is in."""

    start: float
    end: float
    first: int
    last: int
    lines: list[str]


def read(path: Path) -> Reading:
    """SubRip and WebVTT. The title is that of a WebVTT file."""
    opened = source.opened(path)
    if not any(map(_TIMES.match, opened.head.split("\n"))):
        return text.parse(opened)
    title = _TITLE.match(opened.head.lstrip("\ufeff"))
    return Reading(title[1] if title else "", opened.kept(_paragraphs(_said(_cues(opened)))))


def _cues(opened: Source) -> Iterator[_Cue]:
    """The cues as the file has them. A text below a blank line still belongs to the cue above."""
    cue: _Cue | None = None
    waiting: list[tuple[int, str]] = []  # lines below a blank one: the number of the next cue, or such a text
    inside = unsaid = False
    for number, line in opened.lines:
        if times := _TIMES.match(line):
            if cue:
                yield _with(cue, waiting[:-1])
            values = times.groups()
            first = waiting[-1][0] if waiting else number
            cue = _Cue(_seconds(values[:4]), _seconds(values[4:]), first, number, [])
            waiting, inside = [], True
        elif not line.strip():
            inside = unsaid = False
        elif cue and inside:
            _with(cue, [(number, line)])
        elif unsaid or _UNSAID.match(line):
            unsaid = True
        else:
            waiting.append((number, line))
        if cue and max(len(cue.lines), len(waiting)) > _LINES:  # no subtitles any more
            yield _with(cue, waiting)
            cue, waiting = replace(cue, first=number + 1, lines=[]), []
    if cue:
        yield _with(cue, waiting)


def _with(cue: _Cue, lines: Iterable[tuple[int, str]]) -> _Cue:
    for number, line in lines:
        cue.lines.append(line)
        cue.last = number
    return cue


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _said(cues: Iterable[_Cue]) -> Iterator[_Cue]:
    """Without marks; who speaks comes before a colon. Lines that roll up are said once, where they come first."""
    before: _Cue | None = None
    for cue in cues:
        voices = [_VOICE.sub(r"\1: ", line, count=1) for line in cue.lines]
        lines = [" ".join(unescape(_TAGS.sub("", line)).split()) for line in voices]
        lines = [line for line in lines if line]
        new = lines
        if before and cue.start - before.end < 0.1 and len(before.lines[-1]) > 10 and before.lines[-1] in lines[:2]:
            new = lines[lines.index(before.lines[-1]) + 1 :]
        if new:
            yield replace(cue, lines=new)
        if lines:
            before = replace(cue, lines=lines)


def _paragraphs(cues: Iterable[_Cue]) -> Iterator[Piece]:
    """Cues up to the end of a sentence, a change of who speaks, or a silence."""
    held: list[_Cue] = []
    for cue in cues:
        for line in _spoken(cue.lines):
            part = replace(cue, lines=[line])
            if held and _ends(held, part):
                yield _paragraph(held)
                held = []
            held.append(part)
    if held:
        yield _paragraph(held)


def _spoken(lines: Sequence[str]) -> Iterator[str]:
    """The lines of one person as one."""
    held: list[str] = []
    for line in lines:
        if held and _SPEAKER.match(line):
            yield rejoined(held)
            held = []
        held.append(line)
    yield rejoined(held)


def _ends(held: Sequence[_Cue], following: _Cue) -> bool:
    size = sum(len(cue.lines[0]) for cue in held)
    whole = _SENTENCE_END.search(held[-1].lines[0]) is not None
    silent = following.start - held[-1].end > _PAUSE
    changed = _SPEAKER.match(following.lines[0]) or _NAMED.match(following.lines[0])
    return bool(changed) or size > _MOST or (whole and (silent or size > _ENOUGH))


def _paragraph(held: Sequence[_Cue]) -> Piece:
    minutes, seconds = divmod(int(held[0].start), 60)
    said = rejoined(cue.lines[0] for cue in held)
    text = f"[{minutes // 60:02}:{minutes % 60:02}:{seconds:02}] {said}"
    return Piece("", None, text, Lines(held[0].first, held[-1].last))
