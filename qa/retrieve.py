"""A question to ranked hits: both indexes are asked, their hits fused, and the best kept."""

from collections.abc import Sequence

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as Passage
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from qa.fuse import fuse
from storage.indexes import Found, Indexes
from storage.records import Hit


def retrieve(found: Found, k: int) -> tuple[Hit, ...]:
    """The `k` best hits of what both indexes found."""
    return fuse(found.vectors, found.keywords, found.coverage, found.standing)[:k]


class FootnoteRetriever(BaseRetriever):
    """Footnote's retrieval of one collection for any LangChain program; `metadata` says where a passage stands."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    indexes: Indexes
    collection: str
    k: int = 10
    candidates: int = 30

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Passage]:
        return as_passages(retrieve(self.indexes.search(self.collection, query, self.candidates), self.k))


def as_passages(hits: Sequence[Hit]) -> list[Passage]:
    """Hits as LangChain documents."""
    return [
        Passage(
            page_content=hit.chunk.text,
            metadata={
                "document": hit.chunk.document_id, "title": hit.title, "path": hit.path, "heading": hit.chunk.heading,
                "page": hit.chunk.page, "start": hit.chunk.start, "end": hit.chunk.end, "score": hit.score,
            },
        )
        for hit in hits
    ]  # fmt: skip
