"""The marked sentence is the one that answers, and it stands where it says."""

from qa.evidence.mark import mark
from tests.fakes import FakeEmbedder
from tests.unit.passages import hit

EMBEDDER = FakeEmbedder()


def test_the_answering_sentence_is_marked_exactly() -> None:
    hits = [hit("Cats sleep a lot. The library opens at nine. Tea is served."), hit("The library has books.", 2)]
    marked = mark("When does the library open?", hits, EMBEDDER)
    assert marked is not None
    assert marked.text == "The library opens at nine."
    chunk = marked.hit.chunk
    assert chunk.text[marked.start - chunk.start : marked.end - chunk.start] == marked.text


def test_long_passages_cost_no_more_than_the_limit() -> None:
    asked: list[int] = []

    class Counting(FakeEmbedder):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            asked.append(len(texts))
            return super().embed_documents(texts)

    mark("library", [hit("One sentence here. " * 200)], Counting())
    assert asked == [16]


def test_nothing_found_marks_nothing() -> None:
    assert mark("Anything?", [], EMBEDDER) is None


def test_a_heading_is_no_evidence() -> None:
    marked = mark("What are the opening hours?", [hit("## Opening hours\n\nFrom nine to five.")], EMBEDDER)
    assert marked is not None and marked.text == "From nine to five."
    assert mark("What are the rules?", [hit("Rules")], EMBEDDER) is None
