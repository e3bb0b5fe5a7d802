"""Untrusted text (answers, passages, file names) to HTML and to Streamlit labels that show it as it is (pure)."""

import re
from collections.abc import Iterator, Sequence
from html import escape

from storage.records import Citation, Trace
from ui.trace import Facts, Row, decided, rows, searched

# Private-use characters stand for our own tags until the text around them is escaped.
_OPEN, _CLOSE, _NOTE, _END = "\ue000", "\ue001", "\ue002", "\ue003"
_OURS = re.compile("[\ue000-\ue003]")
_ITEM = re.compile(r"\s*(?:[-*•]\s+|(\d{1,3})[.)]\s+|(\d{1,3})、\s*)")
_HEADING = re.compile(r"\s*#{1,6}\s+")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_CODE = re.compile(r"`([^`]+)`")
_NOTED = re.compile(f"{_NOTE}(\\d+){_END}")
_FIRST_WORD, _LAST_WORD = re.compile(r"^\S{1,20}\s+"), re.compile(r"\s+\S{1,20}$")  # Chinese has no such words
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def answer(
    text: str, key: str = "", citations: Sequence[Citation] = (), unsupported: Sequence[tuple[int, int]] = ()
) -> str:
    """An answer as HTML: paragraphs, lists, bold and code, footnote markers, and a class on unsupported spans.

    Nothing else of Markdown acts: no links, images or HTML. `key` tells the markers of one answer from another's.
    """
    inserts = _inserts(citations, unsupported)
    blocks: list[str] = []
    kind = ""
    for start, line in _lines(_OURS.sub("\ufffd", text)):
        new, opening, prefix = _block(line, kind)
        if new != kind or new == "h":
            blocks.append(_CLOSING[kind] + opening)
            kind = new
        elif kind == "p" and blocks:
            blocks.append("<br>")
        if new in ("ul", "ol"):
            blocks.append(f"<li>{_inline(line, start, prefix, inserts)}</li>")
        elif new == "pre":
            blocks.append("" if opening else escape(line) + "\n")
        elif new:
            blocks.append(_inline(line, start, prefix, inserts))
    return f'<div class="fn-answer">{_tags("".join(blocks) + _CLOSING[kind], key)}</div>'


_CLOSING = {"": "", "p": "</p>", "h": "</p>", "ul": "</ul>", "ol": "</ol>", "pre": "</pre>"}


def _block(line: str, kind: str) -> tuple[str, str, int]:
    """What kind of block a line belongs to, the tag that opens it, and the characters of Markdown before its text."""
    if line.lstrip().startswith("```"):
        return ("", "", 0) if kind == "pre" else ("pre", "<pre>", 0)
    if kind == "pre":
        return "pre", "", 0
    if not line.strip():
        return "", "", 0
    if found := _HEADING.match(line):
        return "h", '<p class="fn-heading">', found.end()
    if found := _ITEM.match(line):
        number = found[1] or found[2]
        return ("ol", f'<ol start="{int(number)}">', found.end()) if number else ("ul", "<ul>", found.end())
    return "p", "<p>", 0


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1


def _inserts(citations: Sequence[Citation], unsupported: Sequence[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """What to put into the text: (start, end, "") an unsupported span, (at, at, marker) a footnote."""
    spans = [(start, end, "") for start, end in unsupported]
    notes = {(each.answer_end, each.marker) for each in citations}
    return sorted([*spans, *((at, at, str(marker)) for at, marker in notes)])


def _inline(line: str, start: int, prefix: int, inserts: Sequence[tuple[int, int, str]]) -> str:
    """One line's text, escaped, with what falls into it put in; `start` is where the line begins in the text."""
    pieces: dict[int, str] = {}
    for begin, end, marker in inserts:
        first, last = max(begin - start, prefix), min(end - start, len(line))
        if marker and 0 < end - start <= len(line):
            pieces[last] = pieces.get(last, "") + f"{_NOTE}{marker}{_END}"
        elif not marker and first < last:
            pieces[first] = pieces.get(first, "") + _OPEN
            pieces[last] = _CLOSE + pieces.get(last, "")
    parts, at = [], prefix
    for place in sorted(pieces):
        parts += [line[at:place], pieces[place]]
        at = place
    safe = escape("".join([*parts, line[at:]]))
    return _BOLD.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", safe))


def _tags(html: str, key: str) -> str:
    html = html.replace(_OPEN, '<span class="fn-unsupported">').replace(_CLOSE, "</span>")
    return _NOTED.sub(
        lambda found: (
            f'<sup><a class="fn-marker" role="button" tabindex="0" href="#note-{escape(key)}-{found[1]}" '
            f'data-opens="{escape(key)}-{found[1]}" aria-label="Footnote {found[1]}: open the passage">'
            f"{found[1]}</a></sup>"
        ),
        html,
    )


def around(text: str, start: int, end: int, most: int) -> tuple[str, str, str]:
    """A stretch of a text with up to `most` characters on each side, cut between words and with an ellipsis."""
    before, after = text[max(start - most, 0) : start], text[end : end + most]
    if start > most:
        before = "…" + _FIRST_WORD.sub("", before)
    if end + most < len(text):
        after = _LAST_WORD.sub("", after) + "…"
    return before, text[start:end], after


def passage(before: str, quote: str, after: str) -> str:
    """A quote highlighted in its surroundings."""
    return f'<div class="fn-passage">{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}</div>'


def trace(kept: Trace) -> str:
    """How an answer came about: facts, and a row for each passage that was looked at."""
    found = rows(kept)
    head = (
        "".join(f'<th scope="col">{escape(name)}</th>' for name in ("fate", "passage", *found[0].numbers))
        if found
        else ""
    )
    table = (
        '<div class="fn-rows" role="region" tabindex="0" aria-label="Passages that were looked at"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, found))}</tbody></table></div>"
    )
    return f'<div class="fn-trace">{_facts(searched(kept))}{table if found else ""}{_facts(decided(kept))}</div>'


def _facts(facts: Facts) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in facts)}</dl>"


def _row(row: Row) -> str:
    numbers = "".join(f'<td data-name="{escape(name)}">{value}</td>' for name, value in row.numbers.items())
    used = ' class="fn-used"' if row.used else ""
    passage = f'{escape(row.title)} <span class="fn-where">{row.place}</span>'
    return f'<tr{used}><td>{escape(row.fate)}</td><th scope="row">{passage}</th>{numbers}</tr>'


def heading(path: str, text: str) -> str:
    """The headings above a text, unless the text itself shows the last of them."""
    return "" if path.split(" > ")[-1] in text else f'<div class="fn-heading">{escape(path)}</div>'


def highlighted(text: str, match: str) -> str:
    """Text with every occurrence of `match`, in any letter case, highlighted."""
    if not match.strip():
        return escape(text)
    parts = re.split(f"({re.escape(match.strip())})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{escape(p)}</mark>" if i % 2 else escape(p) for i, p in enumerate(parts))


def plain(text: str) -> str:
    """Text for a Streamlit label, which reads Markdown: everything that could act is escaped, on one line."""
    escaped = _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
    # An invisible word joiner keeps :smile: and :material/home: from becoming pictures.
    return escaped.replace("\\:", "\\:\u2060")
