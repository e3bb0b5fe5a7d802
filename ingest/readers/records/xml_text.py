"""The elements of XML as text to read: records as rows, prose as paragraphs, both below the headings they are in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from ingest.clean import Piece, heading_name
from ingest.readers.records.table import sentences
from storage.anchors import Lines

_TITLES = frozenset("title head heading caption".split())
_PROSE = _TITLES | frozenset(
    "p para simpara formalpara ab l lg v stanza quote blockquote note footnote abstract subtitle epigraph cite q said"
    " sp speech line verse dd dt term definition".split()
)
_VERSE = frozenset("l line v verse".split())
_INLINE = frozenset(
    "a abbr acronym anchor b bold br citation code command em email emphasis filename footnoteref foreign function"
    " graphic guilabel hi i indexterm inline italic key keyword lb link literal option pb phrase ref replaceable s"
    " small span strong sub sup systemitem u ulink underline var varname xref".split()
)
_ITEMS = frozenset("item li listitem".split())
_CODE = frozenset("programlisting screen literallayout synopsis pre code-block codeblock verbatim".split())
_TABLES = frozenset("table informaltable".split())
_BLOCKS = _PROSE | _ITEMS | _CODE | _TABLES
_ROWS, _CELLS = frozenset("row tr".split()), frozenset("entry td th cell".split())
# What only groups, and tells a reader nothing by its name.
_GROUPS = frozenset(
    "TEI article back body bodydiv book channel chapter conbody content contents data div div1 div2 div3 doc document"
    " entries feed front group html itemizedlist items list listitem item main orderedlist p para part rdf records root"
    " rows rss sec sect1 sect2 sect3 sect4 section text topic variablelist".split()
)
_MARKUP = re.compile(r"<(?:p|br|a|div|img|b|i|ul|ol|li|table|span|strong|em|h\d)\b[^<>]*>", re.IGNORECASE)
_UNSAID = frozenset("class style rend role space lang schemaLocation noNamespaceSchemaLocation nil type-id".split())
_ROW = 1000  # characters of a record that is one row
_SHORT = 300  # characters of a text that stands close to others

Element = Any  # one of lxml, which tells mypy nothing of its types
Path = tuple[str, ...]


def name(element: Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def flat(element: Element) -> str:
    """All the text of an element on one line; what is HTML inside of it, as feeds have it, without its marks."""
    text = "".join(element.itertext())
    if "<" in text and _MARKUP.search(text):
        body = LexborHTMLParser(text).body
        text = body.text(separator=" ") if body else ""
    return " ".join(text.split())


def pieces(root: Element) -> Iterator[Piece]:
    """A document's text, in order."""
    before: Piece | None = None
    for piece in _pieces(root, ()):
        apart = before is None or before.heading != piece.heading or not before.tight
        yield replace(piece, tight=False) if apart else piece
        before = piece


def _pieces(element: Element, path: Path) -> Iterator[Piece]:
    """An element and all below it. A tight piece stands close to a tight one before it."""
    kind = name(element)
    if kind in _CODE:
        code = "".join(element.itertext()).strip("\n")
        yield _piece(path, f"```\n{code}\n```", element)
    elif kind in _TABLES and (rows := _table(element)):
        yield _piece(path, "\n".join(rows), element)
    elif _is_text(element):
        if said := _said(element):
            tight = len(said) <= _SHORT and (kind in _VERSE or kind not in _PROSE)
            yield _piece(path, said, element, tight=tight)
    elif element.getparent() is not None and (row := _row(element)) is not None:
        yield _piece(path if kind in _GROUPS else (*path, kind), row, element, tight=True)
    else:
        inside = _container(element, path)
        if kind in _ITEMS and (first := next((piece for piece in inside if piece.text), None)):
            titled = first.heading != " > ".join(path)
            yield first if titled else replace(first, text=f"- {first.text}", tight=True)
        yield from inside


def _container(element: Element, path: Path) -> Iterator[Piece]:
    """Its title, if it has one, or else its name is the heading of what is in it."""
    title = next((child for child in element[:4] if name(child) in _TITLES and _is_text(child)), None)
    if title is not None and (said := flat(title)):
        path = (*path, heading_name(said))
        yield _piece(path, said, title)
    else:
        whole = element.getparent() is None
        if not whole and name(element) not in _GROUPS | _PROSE:
            path = (*path, name(element))
        yield _piece(path, _attributes(element, ("version",) if whole else ()), element)
    if stray := " ".join((element.text or "").split()):
        yield _piece(path, stray, element)
    for child in element:
        if child is not title:
            yield from _pieces(child, path)
        if stray := " ".join((child.tail or "").split()):
            yield _piece(path, stray, child)


def _piece(path: Path, text: str, element: Element, tight: bool = False) -> Piece:
    first = element.sourceline or 1
    lines = Lines(first, first + sum(part.count("\n") for part in element.itertext()))
    return Piece(" > ".join(path), None, text, lines, tight=tight)


def _is_text(element: Element) -> bool:
    """Whether it holds words, and no elements but such as are inside of lines."""
    words = (element.text or "").strip() or any((child.tail or "").strip() for child in element)
    if all(name(child) in _INLINE for child in element):
        return bool(words) or len(element) == 0 or name(element) in _PROSE | _ITEMS
    return bool(words) and not any(name(child) in _BLOCKS or len(child) for child in element)


def _said(element: Element) -> str:
    """What a text says, behind its name, unless that only says that it is a text."""
    kind, text = name(element), flat(element)
    if kind in _PROSE or len(element) or element.getparent() is None:
        return text
    if kind in _ITEMS:
        return f"- {text}" if text else ""
    return _labelled(element, text)


def _labelled(element: Element, text: str) -> str:
    attributes = _attributes(element)
    said = f"{text} ({attributes})" if text and attributes else text or attributes
    return f"{name(element)}: {said}" if said else ""


def _row(element: Element) -> str | None:
    """A record on one line; None for what holds prose, or more than fits."""
    parts = [_attributes(element)]
    for child in element:
        if not _is_text(child) or name(child) in _BLOCKS - _TITLES:
            return None
        parts.append(_labelled(child, flat(child)))
        if len(parts[-1]) > _ROW:
            return None
    row = "; ".join(filter(None, parts))
    return row if len(row) <= _ROW and not (element.text or "").strip() else None


def _attributes(element: Element, unsaid: Sequence[str] = ()) -> str:
    said = ((key.rpartition("}")[2], " ".join(value.split())) for key, value in element.attrib.items())
    return "; ".join(f"{key}: {value}" for key, value in said if value and key not in _UNSAID and key not in unsaid)


def _table(element: Element) -> list[str]:
    rows = [[flat(cell) for cell in row if name(cell) in _CELLS] for row in element.iter() if name(row) in _ROWS]
    caption = [flat(child) for child in element if name(child) in _TITLES]
    return caption + sentences(rows) if any(map(any, rows)) else []
