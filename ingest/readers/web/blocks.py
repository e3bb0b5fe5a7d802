"""The elements of HTML as lines of text: headings, paragraphs, lists, quotes, code and tables."""

import re
from dataclasses import dataclass, field
from itertools import islice

from selectolax.lexbor import LexborNode

from ingest.readers.web import cells

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main menu ol p section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_HEADING = re.compile(r"h[1-6]")
_LISTS = frozenset(("ul", "ol", "menu", "dl"))
_RAISED = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_CODE = re.compile(r"(?:language|lang|brush:?|highlight-source)[- ]?([\w+#]{1,20})")
_DEEPEST = 6  # of quotes and lists, as they are marked

Line = tuple[int, str]


@dataclass(slots=True)
class _List:
    tag: str
    style: str = ""
    number: int = 1
    step: int = 1


@dataclass(slots=True)
class _Written:
    """A line, and the outermost list it belongs to: lines of one list follow each other without blank lines."""

    level: int
    text: str
    group: int
    item: bool = False


@dataclass(slots=True)
class _Blocks:
    """Collects inline text and closes it into lines at every block."""

    written: list[_Written] = field(default_factory=list)
    quotes: int = 0
    _lists: list[_List] = field(default_factory=list)
    _inline: list[str] = field(default_factory=list)
    _mark: str = ""
    _term: str = ""
    _group: int = 0

    def add(self, text: str) -> None:
        self._inline.append(text)

    def _taken(self) -> str:
        text = "\n".join(" ".join(line.split()) for line in "".join(self._inline).split("\n")).strip()
        self._inline.clear()
        return text

    def close(self, level: int = 0) -> None:
        if text := self._taken():
            self._write(level if not self.quotes else 0, text)

    def _write(self, level: int, text: str) -> None:
        """Items stand under the list they belong to, what else an item holds stands under the item."""
        mark, self._mark = self._mark, ""
        if not level:
            defined = bool(self._lists) and self._lists[-1].tag == "dl"
            indent = "  " * min(len(self._lists) - (bool(self._lists) and (defined or bool(mark))), _DEEPEST)
            below = indent + "  " * (bool(mark) and not defined)
            text = indent + mark + text.replace("\n", "\n" + below)
            if self.quotes:
                quote = "> " * min(self.quotes, _DEEPEST)
                text = "\n".join(quote + line for line in text.split("\n"))
        self.written.append(_Written(level, text, self._group if self._lists and not level else 0, bool(mark)))

    def whole(self, text: str) -> None:
        """A block that is taken as it is."""
        self.close()
        self._mark = ""
        if text:
            self.written.append(_Written(0, text, 0))

    def begin(self, node: LexborNode, tag: str) -> None:
        self.close()
        if tag in _LISTS:
            self._stand_alone()
            self._group += not self._lists
            self._lists.append(_list(node, tag))
        elif tag == "li":
            self._mark = self._bullet(node)
        elif tag == "dd":
            self._mark, self._term = f"{self._term}: " if self._term else "", ""
        elif tag == "blockquote":
            self._stand_alone()
            self.quotes += 1

    def end(self, node: LexborNode, tag: str) -> None:
        if tag == "dt":
            self._term = "; ".join(filter(None, (self._term, self._taken().replace("\n", " "))))
            return
        level = int(tag[1]) if _HEADING.fullmatch(tag) else _aria_level(node)
        self.close(level)
        if tag in _LISTS:
            self._mark, self._term = f"{self._term} " if self._term else "", ""
            self._stand_alone()
            self._lists.pop()
        elif tag in ("li", "dd"):
            self._mark = ""
        elif tag == "blockquote":
            self.quotes -= 1

    def _stand_alone(self) -> None:
        """A term whose explanation is no plain text stands on a line of its own; so does one without any."""
        mark, self._mark = self._mark.strip(), ""
        if mark and mark != "-":
            self._write(0, mark)

    def _bullet(self, node: LexborNode) -> str:
        here = self._lists[-1] if self._lists else _List("ul")
        if here.tag != "ol":
            return "- "
        given = node.attributes.get("value") or ""
        if given.isascii() and given.isdigit() and len(given) < 9:
            here.number = int(given)
        number, here.number = here.number, here.number + here.step
        return f"{_numeral(number, here.style)}. "


def lines(top: LexborNode, marks: dict[int, Line]) -> list[Line]:
    """Heading level (0 for none) and text of each block; `marks` are headings that go before a node, by its id."""
    out: list[Line] = []
    group = 0
    for line in _walk(top, marks):
        if line.group and line.group == group:
            out[-1] = (0, f"{out[-1][1]}\n{line.text}")
        else:
            out.append((line.level, line.text))
        group = line.group
    return out


def cell_text(node: LexborNode) -> str:
    """All text of a cell of a table on one line."""
    text, listed = "", False
    for line in _walk(node, {}):
        words = " ".join(line.text.split())
        words = words.removeprefix("- ") if line.group else words
        gap = ", " if listed and line.item else " "
        text, listed = f"{text}{gap}{words}" if text else words, line.item
    return text


def _walk(top: LexborNode, marks: dict[int, Line]) -> list[_Written]:
    """Depth first with a stack of our own: pages may be nested deeper than Python's."""
    blocks = _Blocks()
    stack: list[tuple[LexborNode, bool]] = [(top, False)]
    while stack:
        node, left = stack.pop()
        tag = node.tag or ""
        if left:
            blocks.end(node, tag)
            continue
        if marks and (mark := marks.get(node.mem_id)):
            blocks.close()
            blocks.written.append(_Written(*mark, 0))
        if node is not top and _whole(node, tag, blocks):
            continue
        if tag in _BLOCKS:
            blocks.begin(node, tag)
            stack.append((node, True))
        children = list(node.iter(include_text=True))
        stack.extend((child, False) for child in reversed(children))
    blocks.close()
    return blocks.written


def _whole(node: LexborNode, tag: str, blocks: _Blocks) -> bool:
    """Take a node that is not walked into: text, line break, preformatted text, a formula, a table of data."""
    if tag == "-text":
        blocks.add(re.sub(r"[ \t\r\n\f]+", " ", node.text_content or ""))
    elif tag == "br":
        blocks.add("\n")
    elif tag == "pre":
        blocks.whole(_fenced(node))
    elif tag == "sup" and (raised := _raised(node)):
        blocks.add(raised)
    elif tag == "math":
        blocks.add(_formula(node))
    elif tag == "img" and "math" in (node.attributes.get("class") or ""):
        blocks.add(f" {node.attributes.get('alt') or ''} ")
    elif tag == "table" and (rows := cells.rows(node, cell_text)):
        blocks.whole("\n".join(rows))
    else:
        return False
    return True


def _list(node: LexborNode, tag: str) -> _List:
    kind = node.attributes.get("type") or ""
    start = node.attributes.get("start") or ""
    back = "reversed" in node.attributes
    first = sum(child.tag == "li" for child in node.iter()) if back else 1
    if re.fullmatch(r"-?\d{1,9}", start):
        first = int(start)
    return _List(tag, kind if kind in ("a", "A", "i", "I") else "", first, -1 if back else 1)


def _numeral(number: int, style: str) -> str:
    if style in ("a", "A") and 0 < number <= 26:
        return chr(ord(style) + number - 1)
    if style in ("i", "I") and 0 < number < 40:
        roman = "x" * (number // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number % 10]
        return roman.upper() if style == "I" else roman
    return str(number)


def _aria_level(node: LexborNode) -> int:
    if node.attributes.get("role") != "heading":
        return 0
    level = node.attributes.get("aria-level") or "2"
    return int(level) if level in ("1", "2", "3", "4", "5", "6") else 2


def _raised(node: LexborNode) -> str:
    """A power as such ("10⁵"), not as a digit more; the number of a note, which is a link, in brackets."""
    child = _only_child(node)
    link = child is not None and child.tag == "a"
    said = _only_child(child) if child is not None and link else child
    text = (said.text_content or "").strip() if said is not None and said.tag == "-text" else ""
    if not re.fullmatch(r"[0-9+−-]{1,3}|n", text):
        return ""
    return f"[{text}]" if link and text.isdigit() else text.translate(_RAISED)


def _only_child(node: LexborNode) -> LexborNode | None:
    children = list(islice(node.iter(include_text=True), 2))
    return children[0] if len(children) == 1 else None


def _formula(node: LexborNode) -> str:
    source = node.css_first('annotation[encoding*="tex" i]')
    text = source.text() if source is not None else node.attributes.get("alttext") or node.text()
    return f" {' '.join(text.split())} "


def _fenced(node: LexborNode) -> str:
    for pause in node.css("br"):
        pause.insert_before("\n")
    named = _CODE.search(" ".join(filter(None, [node.attributes.get("class"), *_classes(node)])))
    text = node.text().strip("\n").rstrip()
    fence = "~~~" if "```" in text else "```"
    return f"{fence}{named[1] if named else ''}\n{text}\n{fence}" if text.strip() else ""


def _classes(node: LexborNode) -> list[str | None]:
    code = node.css_first("code")
    above = node.parent
    found = [code.attributes.get("class")] if code is not None else []
    return found + ([above.attributes.get("class")] if above is not None else [])
