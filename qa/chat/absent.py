"""Stands where a chat model should be that is not on this machine, so that everything else works without it."""

from qa.chat.model import ChatModel, Reply, Request, State
from storage.errors import ModelUnavailable


class AbsentChat(ChatModel):
    """Says at every question why it cannot answer, and what to do: `why`, in one line."""

    why: str

    @property
    def backend(self) -> str:
        """See ChatModel."""
        return "none"

    @property
    def state(self) -> State:
        """See ChatModel."""
        return "failed"

    @property
    def reason(self) -> str:
        """See ChatModel."""
        return self.why

    def start(self) -> None:
        """See ChatModel. There is nothing to load."""

    def warm(self) -> None:
        """See ChatModel."""
        raise ModelUnavailable(self.why)

    def begin(self, request: Request, reply: Reply) -> None:
        """See ChatModel."""
        reply.fail(ModelUnavailable(self.why))
