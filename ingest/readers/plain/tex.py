"""LaTeX: its sections give the structure; the marks of its words are taken off, formulas and tables stay as written."""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.clean import Line, Reading, outlined
from ingest.readers import matter, source
from ingest.readers.source import Numbered, Source
from ingest.unwrap import rejoined
from storage.anchors import Lines

_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
_HEADING = re.compile(rf"\s*\\({'|'.join(_LEVELS)})\*?\s*(?:\[[^\]]*\])?\{{(.+)")
_BEGIN = re.compile(r"\s*\\begin\{([a-zA-Z]+)\*?\}")
_ENVIRONMENT = re.compile(r"\s*\\(?:begin|end)\{[^{}]*\}(?:\[[^\[\]]*\])?\s*")
_BY_HAND = frozenset(
    "verbatim lstlisting minted alltt equation align gather multline eqnarray displaymath math tabular tabularx"
    " longtable array tikzpicture algorithmic".split()
)
_FIELD = r"\\{name}\s*(?:\[[^\[\]]*\])?\{{([^{{}}]*(?:\{{[^{{}}]*\}}[^{{}}]*)*)\}}"
_TITLE, _AUTHOR, _DATE, _KEYWORDS = (
    re.compile(_FIELD.format(name=name)) for name in ("title", "author", "date", "keywords")
)
_COMMENT = re.compile(r"(?<!\\)%.*")
_MATH = re.compile(r"((?<!\\)\$[^$]+(?<!\\)\$|\\\([^$]{0,500}?\\\)|\\\[[^$]{0,500}?\\\])")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*(?:\[[^\[\]]*\])?\{([^{}]*)\}")
_CITED = re.compile(r"\\(?:cite[a-z]*|ref|eqref|pageref|autoref|cref)\*?(?:\[[^\[\]]*\])*\{([^{}]*)\}")
_SILENT = re.compile(
    r"\\(?:label|vspace|hspace|bibliography|bibliographystyle|input|include|includegraphics|usepackage|pagestyle|index"
    r"|thispagestyle|setlength|thanks|begin|end|renewcommand|newcommand|documentclass)\*?(?:\[[^\[\]]*\])?(?:\{[^{}]*\})+"
)
_SWITCH = re.compile(
    r"\\(?:maketitle|centering|noindent|newpage|clearpage|tableofcontents|par|small|large|Large|huge|normalsize|bigskip"
    r"|medskip|smallskip|appendix|bf|it|em|tt)(?![a-zA-Z])|(?<!\\)[{}]"
)
_SIGNS = (
    (r"\item", "- "), (r" \and", ", "), (r"\ldots", "…"), (r"\\", " "), ("~", " "), ("``", "“"), ("''", "”"),
    ("---", "—"), ("--", "–"),
)  # fmt: skip
_MOST = 2000  # lines that belong together
_ESCAPED = re.compile(r"\\([%&$#_{}])")


def read(path: Path) -> Reading:
    """Title, authors and date as the document sets them. Comments, and what stands before it begins, are left out."""
    text = source.opened(path)
    title, author, date, keywords = (
        found[1] if (found := field.search(text.head)) else "" for field in (_TITLE, _AUTHOR, _DATE, _KEYWORDS)
    )
    return Reading(
        plain(title),
        text.kept(outlined(_lines(text))),
        authors=matter.few(name for person in author.split(r"\and") for name in matter.names(plain(person))),
        created=matter.dated(plain(date)),
        tags=matter.few(matter.keywords(plain(keywords))),
    )


def plain(text: str) -> str:
    """Words without the commands that are around them; formulas as they are."""
    parts = [part if at % 2 else _words(part) for at, part in enumerate(_MATH.split(text))]
    return " ".join("".join(parts).split())


def _words(text: str) -> str:
    text = _SILENT.sub("", _CITED.sub(r"[\1]", text))
    text = text.replace("}{", "} {")
    for _ in range(3):  # one inside of another
        text = _COMMAND.sub(r"\1", text)
    text = _SWITCH.sub("", text)
    for written, sign in _SIGNS:
        text = text.replace(written, sign)
    return _ESCAPED.sub(r"\1", text)


def _lines(text: Source) -> Iterator[Line]:
    before, begins, _ = text.head.partition(r"\begin{document}")
    start = before.count("\n") + 1 if begins else 0
    for field in (_TITLE, _AUTHOR) if begins else ():
        if (found := field.search(before)) and (said := plain(found[1])):
            yield Line(0, said, Lines(before.count("\n", 0, found.start()) + 1, before.count("\n", 0, found.end()) + 1))
    block: list[Numbered] = []
    set_by_hand = ""
    for number, line in text.lines:
        if number <= start:
            continue
        heading, begin = _HEADING.match(line), _BEGIN.match(line)
        by_hand = begin is not None and begin[1] in _BY_HAND
        apart = not line.strip() or (_ENVIRONMENT.fullmatch(line) and not by_hand)
        if set_by_hand:
            block.append((number, line))
            if rf"\end{{{set_by_hand}" in line or len(block) > _MOST:
                yield from _as_written(block)
                block, set_by_hand = [], ""
        elif heading or by_hand or apart or len(block) > _MOST or line.lstrip().startswith(r"\item"):
            yield from _paragraph(block)
            block = [] if heading or apart else [(number, line)]
            set_by_hand = begin[1] if begin and by_hand else ""
            if heading:
                yield Line(_LEVELS.index(heading[1]) + 1, plain(heading[2]), Lines(number, number))
        elif not line.lstrip().startswith("%"):
            block.append((number, line))
    yield from _as_written(block) if set_by_hand else _paragraph(block)


def _as_written(block: list[Numbered]) -> Iterator[Line]:
    yield Line(0, "\n".join(line for _, line in block), Lines(block[0][0], block[-1][0]))


def _paragraph(block: list[Numbered]) -> Iterator[Line]:
    if said := plain(rejoined(_COMMENT.sub("", line) for _, line in block)):
        yield Line(0, said, Lines(block[0][0], block[-1][0]), tight=said.startswith("- "))
