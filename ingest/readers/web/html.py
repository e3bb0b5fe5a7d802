"""HTML: what a browser would show, by blocks."""

import re
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from ingest.clean import Reading, headed
from ingest.readers.web import furniture, meta
from ingest.readers.web.blocks import Line, lines
from ingest.readers.web.charset import declared

_CHARSET = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]+encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE
)
_XML = re.compile(r"\s*<\?xml\b")
# In XML an element may close itself; to HTML that is an opening, which swallows what follows.
_SELF_CLOSING = re.compile(r"<([A-Za-z][\w:-]*)([^<>]*)/>")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def read(path: Path) -> Reading:
    """The title is the page's `<title>`, else its only h1. Scripts, menus and hidden parts are left out."""
    return page(text_of(path.read_bytes()))


def page(source: str) -> Reading:
    """A page of the web: with what it says about itself, without what belongs to the site around it."""
    tree = parsed(source)
    about = meta.about(tree)
    before = len(tree.body.text()) if tree.body else 0
    furniture.clear(tree)
    shown = shown_lines(tree)
    if before and not shown:  # the page is not what its marks say: as one whose menu was never closed
        shown = shown_lines(parsed(source))
    title = about.title
    if not title:
        heads = [text for level, text in shown if level == 1]
        title = heads[0] if len(heads) == 1 else ""
    return Reading(title, headed(shown), None, about.authors, about.created, about.tags)


def shown_lines(tree: LexborHTMLParser, marks: dict[int, Line] | None = None) -> list[Line]:
    """What is shown of a document, as `clean.headed` takes it; `marks` are headings before a node, by its `mem_id`."""
    furniture.unshown(tree)
    return lines(tree.body, marks or {}) if tree.body else []


def parsed(source: str) -> LexborHTMLParser:
    """The tree of HTML or XHTML."""
    if _XML.match(source[:200]):
        source = _SELF_CLOSING.sub(
            lambda found: found[0] if found[1].lower() in _VOID else f"<{found[1]}{found[2]}></{found[1]}>", source
        )
    return LexborHTMLParser(source)


def text_of(data: bytes, charset: str = "") -> str:
    """HTML in the charset that the mail or server around it names, else in the one it names itself."""
    found = _CHARSET.search(data[:4096])
    return declared(data, charset or (found and (found[1] or found[2]).decode("ascii", "replace")) or "")
