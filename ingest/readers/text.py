"""Plain text in any usual encoding."""

import re
from pathlib import Path

from ingest.clean import Reading, headed
from ingest.readers import markdown
from ingest.readers.encoding import decode
from ingest.unwrap import unwrap

# Paragraphs that are headings, by level.
_HEADINGS = (
    re.compile(r"第[一二三四五六七八九十百零〇\d]{1,6}[部编篇](?=\s|$).{0,40}|(?:PART|BOOK) [IVXLC\d]+\b.{0,60}"),
    re.compile(r"第[一二三四五六七八九十百零〇\d]{1,6}章(?=\s|$).{0,40}|CHAPTER [IVXLC\d]+\b.{0,60}"),
    re.compile(
        r"第[一二三四五六七八九十百零〇\d]{1,6}节(?=\s|$).{0,40}|[一二三四五六七八九十]{1,3}、[^。！？；，：]{1,30}"
    ),
)


def read(path: Path) -> Reading:
    """Paragraphs, with lines joined that a page width broke; chapters by their usual headings, or by Markdown's."""
    text = decode(path.read_bytes())
    if len(re.findall(r"(?m)^#{1,6} \S", text)) > 1:
        return markdown.parse(text)
    lines: list[tuple[int, str]] = []
    for block in re.split(r"\n[ \t\u3000]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        level = next((n for n, heading in enumerate(_HEADINGS, start=1) if heading.fullmatch(block.strip())), 0)
        lines.append((level, block.strip() if level else unwrap_block(block)))
    return Reading("", headed(lines))


def unwrap_block(block: str) -> str:
    """Join the lines of one paragraph, unless indentation says that its lines are set by hand."""
    lines = block.strip("\n").split("\n")
    by_hand = any(line[:2].isspace() and not line.startswith("\u3000") for line in lines[1:])
    return block.strip("\n") if by_hand else unwrap(block)
