"""Plain text in any usual encoding."""

import re
from pathlib import Path

from ingest.clean import Reading, headed
from ingest.readers import markdown
from ingest.readers.encoding import decode
from ingest.unwrap import unwrap

_PART = re.compile(
    r"第[一二三四五六七八九十百零〇\d]{1,6}([部编篇章节])(?=\s|$).{0,40}|(?:CHAPTER|PART|BOOK) [IVXLC\d]+\b.{0,60}"
)
_LEVELS = {"部": 1, "编": 1, "篇": 1, "章": 2, "节": 3}


def read(path: Path) -> Reading:
    """Paragraphs, with lines joined that a page width broke; chapters by their usual headings, or by Markdown's."""
    text = decode(path.read_bytes())
    if len(re.findall(r"(?m)^#{1,6} \S", text)) > 1:
        return markdown.parse(text)
    lines: list[tuple[int, str]] = []
    for block in re.split(r"\n[ \t\u3000]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        part = _PART.fullmatch(block.strip())
        lines.append((_LEVELS.get(part[1], 2) if part else 0, block.strip() if part else unwrap_block(block)))
    return Reading("", headed(lines))


def unwrap_block(block: str) -> str:
    """Join the lines of one paragraph, unless indentation says that its lines are set by hand."""
    lines = block.strip("\n").split("\n")
    by_hand = any(line[:2].isspace() and not line.startswith("\u3000") for line in lines[1:])
    return block.strip("\n") if by_hand else unwrap(block)
