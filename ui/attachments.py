"""Files that are attached to one conversation: copies under the home folder, read by that conversation alone."""

import shutil
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.pipeline import IngestOptions, ingest
from ingest.progress import Progress, Report
from storage.backup import ATTACHED
from storage.library import Library
from storage.records import Conversation, DocumentInfo, Filter
from ui import uploads


@dataclass(frozen=True, slots=True)
class Attachments:
    """What is attached to the conversations of one home. `uploads` is the folder that holds the copies."""

    library: Library
    uploads: Path
    options: IngestOptions

    def keep(self, files: Iterable[tuple[str, bytes]], conversation_id: str) -> list[Path]:
        """Copy files (name and content) into the conversation's own folder; one of the same name is replaced."""
        return uploads.keep(files, self.uploads / ATTACHED, conversation_id)

    def read(self, paths: Sequence[Path], conversation: Conversation) -> Generator[Progress | Report, None, None]:
        """Bring copies into the conversation's collection, attached to it; those that cannot be read are deleted."""
        events = ingest(paths, conversation.collection, self.library, self.options, conversation.id)
        with closing(events):
            for event in events:
                if isinstance(event, Report):
                    for failure in event.failures:
                        uploads.forget(failure.path, self.uploads)
                yield event

    def of(self, conversation_id: str) -> tuple[DocumentInfo, ...]:
        """What is attached to a conversation, by name."""
        return self.library.documents(attached_to=conversation_id)

    def seen_by(self, conversation: Conversation | None, filter: Filter) -> Filter:
        """The filter of a search that finds what is attached to the conversation, too."""
        attached = conversation and self.of(conversation.id)
        return replace(filter, conversation=conversation.id) if conversation and attached else filter

    def remove(self, document: DocumentInfo) -> None:
        """Take one out of its conversation, and delete the copy."""
        self.library.remove([document.id])
        uploads.forget(document.path, self.uploads)

    def forget(self, conversation_id: str) -> None:
        """Take all of them out of a conversation, and delete the copies."""
        self.library.remove([document.id for document in self.of(conversation_id)])
        shutil.rmtree(self.uploads / ATTACHED / conversation_id, ignore_errors=True)
