"""XML of any kind: data, feeds, books."""

import html as characters
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from lxml import etree

from ingest.clean import Reading, heading_name
from ingest.readers import matter, source
from ingest.readers.encoding import decode
from ingest.readers.plain import code
from ingest.readers.plain.definitions import Grammar
from ingest.readers.records import xml_text
from ingest.readers.records.xml_text import Element, flat, name
from ingest.readers.web import html

_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_BOMB = re.compile(r"amplification|entity (?:reference )?loop", re.IGNORECASE)  # in what the parser says
_TAG = re.compile(r"<[^<>]*>")
# Elements that hold what a document says of itself.
_ABOUT = frozenset(
    "info bookinfo articleinfo channel feed titleStmt title-info publish-info title-group article-meta contrib-group"
    " authorgroup keywordset kwd-group publicationStmt metadata meta front head header".split()
)
_MOST = 100_000  # elements that are looked at for that
# Signs that need a name in XML or have one in HTML: with it, or bare where they should not be.
_SIGN = re.compile(r"&[a-zA-Z]\w{1,30};|&(?!#?\w{1,30};)|<(?![\w/!?:])")
_MARK = re.compile("[&<%]")
_LONGEST_WORD, _MOST_UNFOLDED = 200, 1_000_000  # characters that an entity, and all of them, may stand for


def read(path: Path) -> Reading:
    """Names of elements become labels or headings, unless they only say that something is a paragraph or a section.

    Nothing is fetched and no entity is unfolded but those that stand for a few words. What is no whole XML is read as
    far as it goes; where that loses much, as the text that it is.
    """
    data = path.read_bytes()
    root = _whole(data)
    if root is None:
        text = decode(data)
        root = _mended(text)
        if root is None:
            return code.parse(source.of(text), Grammar(), "")
    if name(root) == "html":
        return html.read(path)
    return _reading(root)


def _parser(recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _whole(data: bytes) -> Element | None:
    try:
        return _without_entities(etree.fromstring(data, _parser(recover=False)))
    except etree.XMLSyntaxError as error:
        if _BOMB.search(str(error)):
            raise ValueError("its entities cannot be unfolded") from error
        return None


def _mended(text: str) -> Element | None:
    """What can be made of a text that is no whole XML; None where that is little of it."""
    declared = _DECLARATION.match(text)
    body = "\n" * declared[0].count("\n") + text[declared.end() :] if declared else text
    body = _SIGN.sub(_numbered, body)
    try:
        root = etree.fromstring(body.encode(), _parser(recover=True))
    except etree.XMLSyntaxError:
        return None
    if root is None:
        return None
    root = _without_entities(root)
    kept = sum(len(part) for part in root.itertext())
    content = body.partition("]>")[2] if "<!DOCTYPE" in body[:1000] and "]>" in body else body
    return root if kept * 2 > len(_TAG.sub("", content)) else None


def _numbered(found: re.Match[str]) -> str:
    """A sign by its number: behind an error, the parser knows no names, not even those of XML itself."""
    sign = characters.unescape(found[0])
    return f"&#{ord(sign)};" if len(sign) == 1 else found[0]


def _without_entities(root: Element) -> Element:
    """The few words that an entity stands for in its place; nothing for one that stands for others, or for a file."""
    dtd = root.getroottree().docinfo.internalDTD
    words = {each.name: each.content or "" for each in (dtd.entities() if dtd is not None else ())}
    left = _MOST_UNFOLDED
    for node in list(root.iter(etree.Entity)):
        word = words.get(node.name, characters.unescape(f"&{node.name};"))
        said = "" if len(word) > min(left, _LONGEST_WORD) or _MARK.search(word) else word
        left -= len(said)
        text = said + (node.tail or "")
        parent, before = node.getparent(), node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        node.tail = None
        parent.remove(node)
    return root


def _reading(root: Element) -> Reading:
    about = [
        element
        for element in islice(root.iter(), _MOST)
        if (parent := element.getparent()) is not None and (parent is root or name(parent) in _ABOUT)
    ]
    inside = [element for element in about if name(element.getparent()) in _ABOUT]

    def said(names: str, elements: Iterable[Element] = inside) -> Iterator[str]:
        return (flat(element) for element in elements if name(element).lower() in names.split())

    return Reading(
        heading_name(next(filter(None, said("title book-title article-title", about)), "")),
        tuple(xml_text.pieces(root)),
        authors=matter.few(person for value in said("author creator contrib") for person in matter.names(value)),
        created=next(filter(None, map(matter.dated, said("date pubdate created published updated"))), None),
        tags=matter.few(tag for value in said("subject keyword keywords kwd") for tag in matter.keywords(value)),
    )
