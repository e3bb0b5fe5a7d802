"""From a match in the history to its very message: on whatever branch it is, however far up."""

import json

import streamlit as st

from storage.conversations import Conversations
from storage.records import Conversation

_MESSAGE = "message"  # in the address: the message to arrive at
# The first part of the page that bears the message's id; it may still be on its way, and Streamlit rolls a chat that it
# draws to the end: only once the page has come to rest it stays where it is brought.
_SCRIPT = """<script>
{{
  const id = {id};
  const arrive = (left, before) => {{
    const now = document.querySelector(".stMain")?.scrollTop;
    const there = document.querySelector(`[class*="st-key-"][class*="-${{CSS.escape(id)}}"]`);
    const drawn = document.querySelector(".stApp")?.dataset.testScriptState !== "running";
    if (left && !(there && drawn && now === before)) return setTimeout(() => arrive(left - 1, now), 150);
    if (!there) return;
    there.scrollIntoView({{ block: "start" }});
    there.classList.add("fn-arrived");
  }};
  setTimeout(() => arrive(60), 150);
}}
</script>"""


def to(conversations: Conversations, conversation_id: str, message_id: str) -> None:
    """Show the branch that a message is on, and open the chat there. Raises NotFound."""
    conversations.choose(conversation_id, message_id)
    st.session_state[f"every-{conversation_id}"] = True  # also of a long conversation all is drawn
    st.switch_page("chat.py", query_params={"conversation": conversation_id, _MESSAGE: message_id})


def arrive(conversation: Conversation) -> None:
    """Bring the message that the address names into view, once."""
    wanted = st.query_params.get(_MESSAGE)
    if wanted is None:
        return
    del st.query_params[_MESSAGE]
    if wanted in {message.id for message in conversation.messages}:
        st.html(_SCRIPT.format(id=json.dumps(wanted)), unsafe_allow_javascript=True)
