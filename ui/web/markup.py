"""Untrusted text (answers, passages, file names) to HTML and to Streamlit labels that show it as it is (pure)."""

import re
from collections.abc import Sequence
from html import escape

from storage.records import Citation, Trace
from ui import blocks
from ui.trace import Facts, Row, decided, rows, searched
from ui.web.speech import say

_FIRST_WORD, _LAST_WORD = re.compile(r"^\S{1,20}\s+"), re.compile(r"\s+\S{1,20}$")  # Chinese has no such words
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def answer(
    text: str, key: str = "", citations: Sequence[Citation] = (), unsupported: Sequence[tuple[int, int]] = ()
) -> str:
    """An answer as HTML: paragraphs, lists, bold and code, footnote markers, and a class on unsupported spans.

    Nothing else of Markdown acts: no links, images or HTML. `key` tells the markers of one answer from another's.
    """

    def note(marker: int) -> str:
        name = f"{escape(key)}-{marker}"
        return (
            f'<sup><a class="fn-marker" role="button" tabindex="0" href="#note-{name}" data-opens="{name}" '
            f'aria-label="{say("Footnote {n}: open the passage", n=marker)}">{marker}</a></sup>'
        )

    return f'<div class="fn-answer">{blocks.html(blocks.blocks(text, citations, unsupported), note)}</div>'


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
    found = rows(kept, say)
    head = (
        "".join(f'<th scope="col">{escape(name)}</th>' for name in (say("fate"), say("passage"), *found[0].numbers))
        if found
        else ""
    )
    label = escape(say("Passages that were looked at"))
    table = (
        f'<div class="fn-rows" role="region" tabindex="0" aria-label="{label}"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, found))}</tbody></table></div>"
    )
    return (
        f'<div class="fn-trace">{_facts(searched(kept, say))}{table if found else ""}{_facts(decided(kept, say))}</div>'
    )


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
    """Text with every occurrence of `match`, or of a word of it, in any letter case, highlighted."""
    words = sorted({match.strip(), *match.split()} - {""}, key=len, reverse=True)
    if not words:
        return escape(text)
    parts = re.split(f"({'|'.join(map(re.escape, words))})", text, flags=re.IGNORECASE)
    return "".join(f"<mark>{escape(p)}</mark>" if i % 2 else escape(p) for i, p in enumerate(parts))


def plain(text: str) -> str:
    """Text for a Streamlit label, which reads Markdown: everything that could act is escaped, on one line."""
    escaped = _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
    # An invisible word joiner keeps :smile: and :material/home: from becoming pictures.
    return escaped.replace("\\:", "\\:\u2060")
