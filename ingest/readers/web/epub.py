"""Books (.epub): the chapters in their order, each under its name in the table of contents."""

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree
from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.clean import Piece, Reading, headed, heading_name
from ingest.readers.archives import zipped
from ingest.readers.archives.enclosed import Unread, as_heading
from ingest.readers.web import html
from ingest.readers.web.meta import moment, names
from storage.errors import UnreadableFile

_MOST_XML = 150_000_000  # bytes of text, unpacked; long novels have about 5 million
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_LOCKED = "is protected against copying (DRM): get a copy without it, or ingest the book in another format."
# These only scramble fonts.
_HARMLESS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_BROKEN = "is damaged or no book: open it in a reader for books and save it anew."
_MOST_NAMES = 20_000
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table of contents: the names above it and its own, and the place in its file it points to."""

    path: tuple[str, ...]
    fragment: str


@dataclass(slots=True)
class _Book:
    archive: zipfile.ZipFile
    left: int = _MOST_XML
    members: dict[str, zipfile.ZipInfo] = field(default_factory=dict)

    def content(self, name: str) -> bytes:
        """A member by its path, b"" where there is none."""
        member = self.members.get(name)
        if member is None:
            return b""
        data = zipped.content(self.archive, member, self.left)
        self.left -= len(data)
        return data

    def tree(self, name: str) -> Any:
        """The root of an XML document, as far as it can be understood; None where there is none."""
        data = self.content(name)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=True)
        return etree.fromstring(data, parser) if data.strip() else None


def read(path: Path) -> Reading:
    """Title, authors, date and subjects are the book's own. Raises UnreadableFile where it is protected."""
    with zipped.opened(path) as archive:
        book = _Book(archive, members={member.filename: member for member in archive.infolist()})
        _check_protection(book)
        place = _package(book)
        package = book.tree(place)
        if package is None:
            raise UnreadableFile(_BROKEN)
        folder = posixpath.dirname(place)
        items = {item.get("id", ""): item for item in _all(package, "item")}
        contents = _contents(book, package, items, folder)
        unread = Unread()
        pieces = tuple(_chapters(book, _spine(package, items, folder), contents, unread))
    if unread.line and not pieces:
        raise zipped.damaged()
    said = {name: [_words(each) for each in _all(package, name)] for name in ("title", "creator", "date", "subject")}
    created = next(filter(None, map(moment, said["date"])), None)
    return Reading(
        (said["title"] or [""])[0],
        (*pieces, Piece("", None, unread.line)),
        None,
        names(said["creator"]),
        created,
        names(said["subject"])[:20],
    )


def _check_protection(book: _Book) -> None:
    root = book.tree("META-INF/encryption.xml")
    ways = [each.get("Algorithm") for each in _all(root, "EncryptionMethod")] if root is not None else []
    if any(way not in _HARMLESS for way in ways) or "META-INF/sinf.xml" in book.members:
        raise UnreadableFile(_LOCKED)


def _package(book: _Book) -> str:
    """Where the description of the book lies."""
    root = book.tree("META-INF/container.xml")
    named = [each.get("full-path", "") for each in _all(root, "rootfile")] if root is not None else []
    found = [name for name in [*named, *sorted(book.members)] if name.endswith(".opf") and name in book.members]
    if not found:
        raise UnreadableFile(_BROKEN)
    return str(found[0])


def _spine(package: Any, items: dict[str, Any], folder: str) -> list[str]:
    """The files with text in reading order. The table of contents among them is no text."""
    ordered = [items[each.get("idref")] for each in _all(package, "itemref") if each.get("idref") in items]
    shown = [item for item in ordered or items.values() if item.get("media-type") in _PAGES]
    return [
        _place(folder, item.get("href", ""))[0] for item in shown if "nav" not in (item.get("properties") or "").split()
    ]


def _chapters(book: _Book, places: list[str], contents: dict[str, list[_Entry]], unread: Unread) -> Iterator[Piece]:
    """Headings are a chapter's own, below the parts that the table of contents puts it in; a file without any has the
    name that stands there, and one that is not named there goes on with the chapter before it."""
    above: tuple[str, ...] = ()
    for place in dict.fromkeys(places):
        try:
            tree = html.parsed(html.text_of(book.content(place)))
        except UnreadableFile as error:
            unread.add(as_heading(place), error)
            continue
        entries = contents.get(place, [])
        parts = _shared([entry.path[:-1] for entry in entries])
        own = tree.css_first("h1, h2, h3, h4, h5, h6") is not None
        pieces = headed(html.shown_lines(tree, {} if own else _marks(tree, entries, len(parts))))
        if not any(piece.heading for piece in pieces):
            parts = entries[0].path if entries else above
        for piece in pieces:
            path = dict.fromkeys([*parts, *filter(None, piece.heading.split(" > "))])
            yield replace(piece, heading=" > ".join(path))
            above = tuple(path)


def _shared(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """What all paths begin with."""
    return tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False)))


def _marks(tree: LexborHTMLParser, entries: list[_Entry], above: int) -> dict[int, tuple[int, str]]:
    """The names of places within a file that has no headings of its own, by the node they go before."""
    marks: dict[int, tuple[int, str]] = {}
    wanted = {entry.fragment: entry for entry in entries if entry.fragment}
    for node in tree.css("[id], a[name]") if wanted else ():
        entry = wanted.get(node.attributes.get("id") or node.attributes.get("name") or "")
        if entry is not None:
            marks.setdefault(_block(node).mem_id, (min(len(entry.path) - above, _DEEPEST), entry.path[-1]))
    return marks


def _block(node: LexborNode) -> LexborNode:
    """An anchor in a line stands for the paragraph that begins there."""
    while node.tag in ("a", "span", "b", "i", "em", "strong", "font") and node.parent is not None:
        node = node.parent
    return node


def _contents(book: _Book, package: Any, items: dict[str, Any], folder: str) -> dict[str, list[_Entry]]:
    """The table of contents by file: the newer form of it, else the older one."""
    found: dict[str, list[_Entry]] = {}
    pages = [item for item in items.values() if "nav" in (item.get("properties") or "").split()]
    older = [item for item in items.values() if item.get("media-type") == "application/x-dtbncx+xml"]
    for item in pages[:1]:
        place, _ = _place(folder, item.get("href", ""))
        tree = html.parsed(html.text_of(book.content(place)))
        _collect(found, posixpath.dirname(place), _listed(tree))
    for item in older[:1] if not found else ():
        place, _ = _place(folder, item.get("href", ""))
        root = book.tree(place)
        _collect(found, posixpath.dirname(place), _points(root) if root is not None else iter(()))
    return found


def _collect(found: dict[str, list[_Entry]], folder: str, lines: Iterator[tuple[int, str, str]]) -> None:
    path: list[str] = []
    for number, (depth, name, target) in enumerate(lines):
        if number == _MOST_NAMES:
            return
        path[depth:] = [heading_name(name)]
        place, fragment = _place(folder, target)
        if path[-1]:
            found.setdefault(place, []).append(_Entry(tuple(filter(None, path)), fragment))


def _listed(tree: LexborHTMLParser) -> Iterator[tuple[int, str, str]]:
    """Depth, name and target of each line of a navigation document."""
    tables = [nav for nav in tree.css("nav") if "toc" in (nav.attributes.get("epub:type") or "")] or tree.css("nav")
    if not tables:
        return
    top = tables[0]
    for link in top.css("li > a, li > span"):
        depth, above = -1, link.parent
        while above is not None and above.mem_id != top.mem_id:
            depth += above.tag == "li"
            above = above.parent
        yield min(max(depth, 0), _DEEPEST), link.text(), link.attributes.get("href") or ""


def _points(root: Any) -> Iterator[tuple[int, str, str]]:
    """The same of an NCX."""
    for point in _all(root, "navPoint"):
        depth = sum(_local(above) == "navPoint" for above in point.iterancestors())
        label = next((_words(each) for each in point if _local(each) == "navLabel"), "")
        target = next((each.get("src", "") for each in point if _local(each) == "content"), "")
        yield min(depth, _DEEPEST), label, target


def _place(folder: str, target: str) -> tuple[str, str]:
    """A path in the archive and a place in that file, from what a link says."""
    path, _, fragment = target.partition("#")
    return posixpath.normpath(posixpath.join(folder, unquote(path))), unquote(fragment)


def _all(root: Any, name: str) -> Iterator[Any]:
    return (each for each in root.iter() if _local(each) == name)


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())
