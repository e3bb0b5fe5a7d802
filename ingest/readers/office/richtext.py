"""The signs of RTF as paragraphs and cells: groups, fonts and their code pages, what is shown and what is not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

_SIGN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+", re.DOTALL
)
_BRACE = re.compile(r"\\bin(\d{1,9}) ?|\\.|[{}]", re.DOTALL)
_STYLE = re.compile(r"\{(?:\\s(\d{1,5})\b)?([^{}]*)\}")
_CHARSETS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
_SIGNS = {
    "tab": " ", "line": "\n", "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "qmspace": " ",
    "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "nestcell": " ", "nestrow": "\n",
    "lbr": "\n", "~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "\t": " ",
}  # fmt: skip
_ENDS = ("par", "sect", "page", "cell", "row")
# Groups whose words are no text, beside those that say so by a star.
_UNSHOWN = frozenset(
    "colortbl pict objdata nonshppict sp xe tc rxe txe annotation atnid atnauthor private comment fldinst upr fontemb "
    "revtbl listtable listoverridetable rsidtbl generator themedata datafield operator doccomm hlinkbase".split()
)
_SHOWN = frozenset("shpinst shptxt moMath moMathPara footnote ud fldrslt".split())  # stars notwithstanding
_ASIDE = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf"), "head"),
    "footnote": "note", "listtext": "mark", "pntext": "mark", "title": "title", "author": "author",
    "keywords": "keywords", "creatim": "created",
}  # fmt: skip
_MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands in a document where a paragraph, a cell or a row ends, and what its properties are then.

    `style` is that of the paragraph, `level` its heading level by itself, `item` the mark of an item of a list; `edges`
    are those of the cells of a row, each with whether it is part of the one before it and of the one above it; `aside`
    tells what a text is for that stands beside the text.
    """

    end: str
    text: str
    style: int = 0
    level: int = 0
    item: str = ""
    depth: int = 0
    in_table: bool = False
    heads: bool = False
    edges: tuple[tuple[int, bool, bool], ...] = ()
    aside: str = ""


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds for a group and those in it."""

    skip: int = 1  # signs that stand for a Unicode one
    font: int = -1
    unseen: bool = False
    aside: str = ""


@dataclass(slots=True)
class _Paragraph:
    style: int = 0
    level: int = 0
    item: str = ""
    depth: int = 0
    in_table: bool = False


@dataclass(slots=True)
class _Row:
    edges: list[tuple[int, bool, bool]] = field(default_factory=list)
    heads: bool = False
    before: bool = False
    above: bool = False

    def set(self, word: str, number: int) -> None:
        match word:
            case "trhdr":
                self.heads = True
            case "clmrg":
                self.before = True
            case "clvmrg":
                self.above = True
            case "cellx":
                self.edges.append((number, self.before, self.above))
                self.before = self.above = False


class RichText:
    """The marks of an RTF document; the names of its styles are known once they were read."""

    def __init__(self, source: str) -> None:
        self.styles: dict[int, str] = {}
        self._source = source
        self._fonts: dict[int, str] = {}
        self._page = "cp1252"
        self._group = _Group()
        self._groups: list[_Group] = []
        self._words: dict[str, list[str]] = {}
        self._bytes = bytearray()
        self._paragraph, self._row = _Paragraph(), _Row()
        self._starred = False
        self._pending = 0  # signs still to pass over after a Unicode one

    def marks(self) -> Iterator[Mark]:
        """Paragraphs, cells and rows in their order; what stands aside comes where it ends."""
        at = 0
        while found := _SIGN.match(self._source, at):
            at = found.end()
            word, number, code, symbol, brace, text = found.groups()
            if brace == "{":
                self._flush()
                if len(self._groups) < _MOST_GROUPS:
                    self._groups.append(self._group)
            elif brace == "}":
                yield from self._close()
            elif word:
                at = self._skipped(word, at)
                yield from self._word(word, int(number) if number else None)
            elif symbol in ("\r", "\n"):
                yield from self._word("par", None)
            else:
                self._sign(code, symbol, text)
        yield self._mark("par")

    def _sign(self, code: str | None, symbol: str | None, text: str | None) -> None:
        """Take up what is no word: a byte by its number, a sign, a stretch of text."""
        if code:
            self._byte(bytes.fromhex(code))
        elif symbol == "*":
            self._starred = True
        elif symbol:
            self._say(_SIGNS.get(symbol, ""))
        elif text:
            passed = min(self._pending, len(text))
            self._pending -= passed
            self._byte(text[passed:].encode("latin-1", errors="replace"))

    def _skipped(self, word: str, at: int) -> int:
        """Where to go on: behind the group, if its words are no text."""
        starred, self._starred = self._starred, False
        if word in ("fonttbl", "stylesheet"):
            end = self._end_of_group(at)
            self._table(word, self._source[at:end])
            return end
        unknown = starred and word not in _SHOWN and word not in _ASIDE
        return self._end_of_group(at) if word in _UNSHOWN or unknown else at

    def _end_of_group(self, at: int) -> int:
        depth = 0
        while found := _BRACE.search(self._source, at):
            at = found.end() + int(found[1] or 0)
            if found[0] == "}":
                if not depth:
                    return found.start()
                depth -= 1
            elif found[0] == "{":
                depth += 1
        return len(self._source)

    def _table(self, word: str, source: str) -> None:
        """Code pages of fonts, or names of styles."""
        if word == "fonttbl":
            for font in re.split(r"(?=\\f\d)", source):
                number, charset = re.match(r"\\f(\d{1,5})", font), re.search(r"\\fcharset(\d{1,3})", font)
                if number and charset:
                    self._fonts[int(number[1])] = _CHARSETS.get(
                        int(charset[1]), "" if charset[1] == "0" else self._page
                    )
            return
        for style in _STYLE.finditer(source):
            name = re.sub(r"\\[a-zA-Z]+-?\d* ?|\\\*|[;{}]", "", style[2]).strip()
            self.styles[int(style[1] or 0)] = name

    def _close(self) -> Iterator[Mark]:
        self._flush()
        before = self._group
        self._group = self._groups.pop() if self._groups else _Group()
        self._pending = 0
        if before.aside and before.aside != self._group.aside:
            text = "".join(self._words.pop(before.aside, ()))
            if before.aside == "mark":
                self._paragraph.item = text.strip() or "-"
            else:
                yield Mark("par", text, aside=before.aside)

    def _word(self, word: str, number: int | None) -> Iterator[Mark]:
        self._flush()
        if word in _SIGNS:
            self._say(_SIGNS[word])
        elif word == "u" and number is not None:
            self._say(chr(number % 65536))
            self._pending = self._group.skip
        elif word in _ENDS:
            if self._group.aside:
                self._say("\n")
            else:
                yield self._mark(word)
        elif word in _ASIDE and (word != "title" or not self._group.aside):
            self._group = replace(self._group, aside=_ASIDE[word])
        else:
            self._set_characters(word, number)
            self._set_paragraph(word, number)

    def _set_characters(self, word: str, number: int | None) -> None:
        match word:
            case "uc":
                self._group = replace(self._group, skip=min(number or 0, 100))
            case "f":
                self._group = replace(self._group, font=number or 0)
            case "v" | "deleted":
                self._group = replace(self._group, unseen=number != 0)
            case "plain":
                self._group = replace(self._group, unseen=False)
            case "ansicpg":
                self._page = "utf-8" if number == 65001 else f"cp{number}"
            case "mac" | "pc" | "pca":
                self._page = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}[word]
            case "yr" | "mo" | "dy" | "hr" | "min" if self._group.aside == "created":
                self._say(f"{number or 0} ")

    def _set_paragraph(self, word: str, number: int | None) -> None:
        if self._group.aside:
            return
        match word:
            case "pard":
                self._paragraph = _Paragraph()
            case "s":
                self._paragraph.style = number or 0
            case "outlinelevel":
                self._paragraph.level = (number or 0) + 1 if 0 <= (number or 0) < 9 else 0
            case "ilvl":
                self._paragraph.depth = min(max(number or 0, 0), 8)
            case "intbl":
                self._paragraph.in_table = True
            case "trowd":
                self._row = _Row()
            case _:
                self._row.set(word, number or 0)

    def _mark(self, end: str) -> Mark:
        text = "".join(self._words.pop("", ()))
        here, row = self._paragraph, self._row
        item, here.item = here.item, ""
        return Mark(end, text, here.style, here.level, item, here.depth, here.in_table, row.heads, tuple(row.edges))

    def _byte(self, data: bytes) -> None:
        if self._pending and data:
            self._pending -= 1
        elif not self._group.unseen:
            self._bytes += data

    def _say(self, text: str) -> None:
        self._flush()
        self._pending = max(self._pending - 1, 0) if self._pending else 0
        if not self._group.unseen:
            self._words.setdefault(self._group.aside, []).append(text)

    def _flush(self) -> None:
        """Bytes that follow each other are characters together."""
        if self._bytes:
            page = self._fonts.get(self._group.font, self._page)
            text = _decoded(bytes(self._bytes), page or self._page, strict=not page)
            self._bytes.clear()
            self._words.setdefault(self._group.aside, []).append(text)


def _decoded(data: bytes, page: str, strict: bool) -> str:
    """Bytes by a code page. Western letters where they do not fit one that the document names, and not their font."""
    try:
        return data.decode(page, errors="strict" if strict else "replace")
    except (LookupError, UnicodeDecodeError):
        return data.decode("cp1252", errors="replace")
