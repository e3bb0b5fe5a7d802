"""Footnote's retrieval as a LangChain retriever."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as Passage
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from qa.evidence.model import EvidenceModel
from qa.rerank import as_passages
from qa.retrieve import rank
from storage.asked import Asked
from storage.indexes import Indexes


class FootnoteRetriever(BaseRetriever):
    """Footnote's retrieval of one collection for any LangChain program; `metadata` says where a passage stands."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    indexes: Indexes
    collection: str
    k: int = 10
    candidates: int = 30
    evidence: EvidenceModel | None = None  # reads the passages, and ranks them

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Passage]:
        asked = Asked(query)
        found = self.indexes.search(self.collection, asked, self.candidates)
        return as_passages(rank(asked, found, self.evidence, self.evidence).hits[: self.k])
