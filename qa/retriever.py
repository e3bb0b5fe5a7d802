"""Footnote's retrieval as a LangChain retriever."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as Passage
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from qa.answer import Answerer
from qa.rerank import as_passages
from storage.indexes import EVERYTHING
from storage.records import Filter


class FootnoteRetriever(BaseRetriever):
    """What Footnote finds in one collection, for any LangChain program; `metadata` says where a passage stands.

    Passages are found as for an answer: by meaning and words, read and ranked, and where passages in the other language
    may answer, by the question that the chat model translated. Raises NotFound, also where the filter leaves nothing,
    IndexMismatch, ModelUnavailable.

    FootnoteRetriever(answerer=app.answerer, collection="default").invoke("How long is the warranty?")
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)
    answerer: Answerer
    collection: str
    k: int = 10
    filter: Filter = EVERYTHING

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Passage]:
        return as_passages(self.answerer.retrieve(query, self.collection, self.k, self.filter))
