"""A conversation as JSON: whole, so that it can be read back (pure)."""

import json

from storage.records import Conversation
from ui.objects import whole_conversation

VERSION = 1  # of the form; a reader refuses a later one


def as_json(conversation: Conversation) -> str:
    """The branch that is shown, with its citations, passages, times, and how each answer came about."""
    whole = {"footnote": VERSION} | whole_conversation(conversation, traced=True)
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
