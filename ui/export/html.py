"""A conversation as one HTML file that needs nothing else: no script, no network, no other file (pure)."""

from html import escape
from pathlib import Path, PurePath

from storage.language import language
from storage.records import Citation, Conversation, Message
from ui.blocks import html
from ui.export import lines
from ui.render import footnotes, printable
from ui.words import Say, english, place

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
# Should anything ever slip through the escaping, a browser fetches and runs nothing of it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_html(conversation: Conversation, say: Say = english) -> str:
    """Title, questions, answers with footnotes that can be clicked, and the quotes they rest on."""
    title = _safe(conversation.title)
    sections: list[str] = []
    for number, message in enumerate(conversation.messages):
        if message.role == "user":
            sections.append(f"<h2>{_safe(message.text)}</h2>")
        else:
            sections.append(_answer(message, str(number), say) + "</section>\n<section>")
    body = "".join(sections).removesuffix("</section>\n<section>")
    spoken = language(" ".join(message.text for message in conversation.messages))
    return (
        f'<!doctype html>\n<html lang="{spoken}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header><h1>{title}</h1><p class="small">{_safe(lines.about(conversation, say))}</p></header>\n'
        f"<section>{body}</section>\n"
        f'<footer class="small">{_safe(say("Written by Footnote from the documents named above."))}</footer>\n'
        "</main>\n</body>\n</html>\n"
    )


def _answer(message: Message, key: str, say: Say) -> str:
    seen: set[int] = set()

    def note(marker: int) -> str:
        first = "" if marker in seen else f' id="mark-{key}-{marker}"'
        seen.add(marker)
        label = _safe(say("Footnote {n}", n=marker))
        return f'<sup><a{first} href="#note-{key}-{marker}" aria-label="{label}">{marker}</a></sup>'

    text = html(lines.answer(message), note)
    refused = message.found is False and message.status == "done"
    parts = [f'<div class="refusal">{text}</div>' if refused else text]
    if message.unsupported and not refused:
        parts.append(f'<p class="small"><span class="dotted">{_safe(lines.unsupported(say))}</span></p>')
    if end := lines.ended(message, say):
        parts.append(f'<p class="small">{_safe(end)}</p>')
    notes = "".join(_note(message, each, key, each.marker in seen, say) for each in footnotes(message.citations))
    parts.append(f'<ol class="notes">{notes}</ol>' if notes else "")
    return "".join([*parts, f'<p class="small">{_safe(lines.facts(message, say))}</p>'])


def _note(message: Message, citation: Citation, key: str, marked: bool, say: Say) -> str:
    """A footnote; of the path only the file's name, as the folders of a person's disk are nobody else's business."""
    name = PurePath(citation.path.replace("\\", "/")).name
    number, back = citation.marker, ""
    if marked:
        label = _safe(say("Back to the text"))
        back = f' <a class="back" href="#mark-{key}-{number}" aria-label="{label}">↩</a>'
    return (
        f'<li id="note-{key}-{number}"><span class="number">{number}</span>'
        f"<strong>{_safe(place(citation, say, message.hits))}</strong> "
        f'<span class="small">{_safe(name)}</span>{back}<q>{_safe(citation.quote)}</q></li>'
    )


def _safe(text: str) -> str:
    """Text without characters that would turn its direction or steer anything, escaped."""
    return escape(printable(text))
