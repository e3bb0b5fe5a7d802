"""HTML: what a browser would show, by blocks."""

import re
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.clean import Reading, headed
from ingest.readers.encoding import decode
from ingest.readers.table import sentences

_UNSHOWN = (
    "script, style, template, noscript, iframe, svg, nav, select, [hidden], [role=navigation], [aria-hidden=true]"
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:opacity|font-size)\s*:\s*0(?![.\d]*[1-9])", re.IGNORECASE
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hr html legend li main ol p pre section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_HEADING = re.compile(r"h[1-6]")

Line = tuple[int, str]


def read(path: Path) -> Reading:
    """The title is the page's `<title>`, else its only h1. Scripts, styles, menus and hidden parts are left out."""
    tree = LexborHTMLParser(_decode(path.read_bytes()))
    node = tree.css_first("title")
    title = " ".join(node.text().split()) if node else ""
    for unshown in tree.css(_UNSHOWN):
        unshown.decompose()
    for styled in tree.css("[style]"):
        if _HIDDEN.search(styled.attributes.get("style") or ""):
            styled.decompose()
    lines = _walk(tree.body) if tree.body else []
    if not title:
        heads = [text for level, text in lines if level == 1]
        title = heads[0] if len(heads) == 1 else ""
    return Reading(title, headed(lines))


def _decode(data: bytes) -> str:
    """The declared charset counts only where the bytes fit it and are not UTF-8: declarations lie."""
    declared = _CHARSET.search(data[:4096])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if declared and declared[1].lower() not in (b"utf-8", b"utf8", b"iso-8859-1", b"ascii"):
        try:
            return data.decode({"gb2312": "gb18030", "gbk": "gb18030"}.get(name := declared[1].decode().lower(), name))
        except (UnicodeDecodeError, LookupError):
            pass
    return decode(data)


class _Blocks:
    """Collects inline text and closes it into lines at every block."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._inline: list[str] = []
        self._mark = ""

    def add(self, text: str) -> None:
        self._inline.append(text)

    def close(self, level: int = 0) -> None:
        text = "\n".join(" ".join(line.split()) for line in "".join(self._inline).split("\n")).strip()
        self._inline.clear()
        if text:
            self.lines.append((level, self._mark + text))
            self._mark = ""

    def item(self) -> None:
        self._mark = "- "

    def whole(self, text: str) -> None:
        self.close()
        self.lines.append((0, text))


def _walk(body: LexborNode) -> list[Line]:
    """Depth first with a stack of our own: pages may be nested deeper than Python's."""
    blocks = _Blocks()
    stack: list[tuple[LexborNode, bool]] = [(body, False)]
    while stack:
        node, left = stack.pop()
        tag = node.tag or ""
        if left:
            blocks.close(int(tag[1]) if _HEADING.fullmatch(tag) else 0)
        elif _whole(node, tag, blocks):
            continue
        else:
            if tag in _BLOCKS:
                blocks.close()
                stack.append((node, True))
            if tag == "li":
                blocks.item()
            children = list(node.iter(include_text=True))
            stack.extend((child, False) for child in reversed(children))
    blocks.close()
    return _tight(blocks.lines)


def _whole(node: LexborNode, tag: str, blocks: _Blocks) -> bool:
    """Take a node that is not walked into: text, line break, preformatted text, a table of data."""
    if tag == "-text":
        blocks.add(re.sub(r"[ \t\r\n\f]+", " ", node.text_content or ""))
    elif tag == "br":
        blocks.add("\n")
    elif tag == "pre":
        blocks.whole(f"```\n{node.text().strip()}\n```")
    elif tag == "table" and (rows := _rows(node)):
        blocks.whole("\n".join(rows))
    else:
        return False
    return True


def _rows(table: LexborNode) -> list[str]:
    """The rows of a table of data as sentences; [] for a table that only lays out a page."""
    if table.css_first("td table, th table, pre, h1, h2, h3, ul ul") is not None:
        return []
    rows = [row.css("td, th") for row in table.css("tr")]
    rows = [row for row in rows if any(cell.text().strip() for cell in row)]
    cells = [[" ".join(" ".join(text for _, text in _walk(cell)).split()) for cell in row] for row in rows]
    if len(cells) < 2 or max(map(len, cells)) < 2 or any(len(cell) > 500 for row in cells for cell in row):
        return []
    heads = [cell.tag == "th" for cell in rows[0]]
    sided = all(row[0].tag == "th" for row in rows) and not all(heads)
    if sided or (max(map(len, cells)) == 2 and not all(heads)):
        return [": ".join(cell for cell in row if cell) for row in cells]
    caption = table.css_first("caption")
    return ([caption.text().strip()] if caption else []) + sentences(cells, header=all(heads) or None)


def _tight(lines: list[Line]) -> list[Line]:
    """Items of one list follow each other without blank lines."""
    out: list[Line] = []
    for level, text in lines:
        if out and text.startswith("- ") and out[-1][1].startswith("- ") and not level:
            out[-1] = (0, f"{out[-1][1]}\n{text}")
        else:
            out.append((level, text))
    return out
