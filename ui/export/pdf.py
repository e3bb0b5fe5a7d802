"""A conversation as PDF, with reportlab: Latin text in Times, Chinese in the Song face that PDF viewers bring along."""

import io
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING
from unicodedata import category, normalize

from storage.records import Citation, Conversation, Message
from ui.blocks import Block, Kind, Run
from ui.export import lines
from ui.render import footnotes, printable
from ui.words import Say, english, place

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import BaseDocTemplate, Flowable

_LATIN, _LATIN_BOLD, _CHINESE, _CODE = "Times-Roman", "Times-Bold", "STSong-Light", "Courier"
_ABSENT = "□"  # in the place of a character that neither face has
_INK, _SOFT, _ACCENT = "#20292e", "#5b6568", "#0f5f63"
_MARGIN = 62.0  # points, on each side


def as_pdf(conversation: Conversation, say: Say = english) -> bytes:
    """Title, questions, answers with footnotes under each, and numbered pages."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE))
    file = io.BytesIO()
    title = _shown(conversation.title) or "Footnote"
    document = SimpleDocTemplate(
        file, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=title, author="", subject=_shown(lines.about(conversation, say)), creator="Footnote",
    )  # fmt: skip
    story = list(_story(conversation, say))
    foot = _Foot(title)
    document.build(story, onFirstPage=foot.draw, onLaterPages=foot.draw)
    return file.getvalue()


class _Foot:
    """What stands at the foot of each page: the title, and the page's number."""

    def __init__(self, title: str) -> None:
        self._title = title if len(title) <= 60 else title[:59] + "…"

    def draw(self, canvas: "Canvas", document: "BaseDocTemplate") -> None:
        """Draw it, word by word in the face that has it."""
        canvas.setFillColor(_SOFT)
        at = _MARGIN + 6  # the frame's padding
        for face, text in _stretches(self._title):
            canvas.setFont(face, 8)
            canvas.drawString(at, _MARGIN / 2, text)
            at += canvas.stringWidth(text, face, 8)
        canvas.setFont(_LATIN, 8)
        canvas.drawRightString(document.pagesize[0] - _MARGIN - 6, _MARGIN / 2, str(canvas.getPageNumber()))


def _story(conversation: Conversation, say: Say) -> "Iterator[Flowable]":
    yield _text(conversation.title, "title")
    yield _text(lines.about(conversation, say), "small")
    for number, message in enumerate(conversation.messages):
        if message.role == "user":
            yield from _question(message)
        else:
            yield from _answer(message, str(number), say)
    told = "".join(part for each in conversation.messages for part in (each.text, *(c.quote for c in each.citations)))
    if _ABSENT in _shown(told.replace(_ABSENT, "")):
        note = say("{mark} stands for a character that these fonts do not have; an HTML export has it.", mark=_ABSENT)
        yield _text(note, "small")


def _question(message: Message) -> "Iterator[Flowable]":
    from reportlab.platypus import CondPageBreak, HRFlowable, Spacer

    yield Spacer(1, 14)
    yield CondPageBreak(110)
    yield HRFlowable(width="100%", thickness=0.5, color="#ddd8ca", spaceAfter=8)
    yield _text(message.text, "question")


def _answer(message: Message, key: str, say: Say) -> "Iterator[Flowable]":
    from reportlab.platypus.flowables import AnchorFlowable

    for block in lines.answer(message):
        yield from _block(block, key)
    if message.unsupported:
        yield _text(f"{lines.DAGGER} {lines.unsupported(say)}", "small")
    if end := lines.ended(message, say):
        yield _text(end, "small")
    for citation in footnotes(message.citations):
        yield AnchorFlowable(f"note-{key}-{citation.marker}")
        yield _note(message, citation, say)
    yield _text(lines.facts(message, say), "small")


def _note(message: Message, citation: Citation, say: Say) -> "Flowable":
    """A footnote; of the path only the file's name, as in HTML."""
    name = PurePath(citation.path.replace("\\", "/")).name
    source, quote = place(citation, say, message.hits), " ".join(citation.quote.split())
    return _paragraph(
        f"{_markup(source, bold=True)} ({_markup(name)}): {_markup(f'“{quote}”')}", "note", citation.marker
    )


def _block(block: Block, key: str) -> "Iterator[Flowable]":
    told = ["".join(_run(run, key, block.kind) for run in line) for line in block.lines]
    if block.kind in ("bullets", "numbers"):
        for number, line in enumerate(told, block.number):
            yield _paragraph(line, "item", f"{number}." if block.kind == "numbers" else "•")
    else:
        style = {"code": "code", "heading": "heading"}.get(block.kind, "text")
        yield _paragraph("<br/>".join(line or "\u00a0" for line in told), style)


def _run(run: Run, key: str, kind: Kind) -> str:
    if run.marker:
        return f'<super><a href="#note-{key}-{run.marker}" color="{_ACCENT}">{run.marker}</a></super>'
    text = _markup(run.text, bold=run.bold, code=run.code or kind == "code")
    return f"<u>{text}</u>{lines.DAGGER if run.last else ''}" if run.unsupported else text


def _text(text: str, style: str) -> "Flowable":
    return _paragraph("<br/>".join(_markup(line) for line in text.strip().splitlines()), style)


def _paragraph(markup: str, style: str, label: object = "") -> "Flowable":
    """A paragraph that breaks lines between Chinese characters, between Latin words, and within what is too long."""
    from reportlab.platypus import Paragraph

    return Paragraph(markup, _styles()[style], bulletText=str(label) or None)


@cache
def _styles() -> "dict[str, ParagraphStyle]":
    from reportlab.lib.styles import ParagraphStyle

    text = ParagraphStyle(
        "text",
        fontName=_LATIN,
        fontSize=10.5,
        leading=16,
        spaceAfter=6,
        textColor=_INK,
        wordWrap="CJK",
        bulletFontName=_LATIN,
    )
    changed: dict[str, dict[str, object]] = {
        "title": {"fontName": _LATIN_BOLD, "fontSize": 19, "leading": 25, "spaceAfter": 4},
        "question": {"fontName": _LATIN_BOLD, "fontSize": 13, "leading": 19, "spaceAfter": 8},
        "heading": {"fontName": _LATIN_BOLD},
        "item": {"leftIndent": 18, "bulletIndent": 4, "spaceAfter": 2},
        "code": {"fontName": _CODE, "fontSize": 8.5, "leading": 12, "backColor": "#f3f1ea", "borderPadding": 4},
        "note": {"fontSize": 8.5, "leading": 12.5, "leftIndent": 18, "bulletIndent": 4, "bulletFontSize": 8.5,
                 "spaceAfter": 3},
        "small": {"fontSize": 8, "leading": 12, "textColor": _SOFT},
    }  # fmt: skip
    return {"text": text} | {name: ParagraphStyle(name, text, **more) for name, more in changed.items()}


def _markup(text: str, *, bold: bool = False, code: bool = False) -> str:
    """Text for reportlab's own little language: escaped, each stretch in the face that has it."""
    latin = _CODE if code else _LATIN_BOLD if bold else ""
    parts = []
    for face, stretch in _stretches(_shown(text)):
        inside = escape(stretch).replace(" ", "\u00a0") if code else escape(stretch)
        name = face if face == _CHINESE else latin
        parts.append(f'<font name="{name}">{inside}</font>' if name else inside)
    return "".join(parts)


def _stretches(text: str) -> list[tuple[str, str]]:
    """Text cut into what Times has and what the Song face has."""
    cut = groupby(text, lambda character: _LATIN if _encodable(character, "cp1252") else _CHINESE)
    return [(face, "".join(characters)) for face, characters in cut]


def _shown(text: str) -> str:
    """Text in characters that a face has, with a box in the place of each other one."""
    kept = []
    for character in normalize("NFC", printable(text)):
        if character.isspace():
            kept.append(" ")
        elif _encodable(character, "cp1252") or _encodable(character, "gbk"):
            kept.append(character)
        elif category(character) not in ("Cf", "Mn"):  # those have no width, or dress the one before
            kept.append(_ABSENT)
    return "".join(kept)


def _encodable(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
