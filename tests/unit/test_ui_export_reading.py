"""A conversation read back from its JSON is the same; a file that is none, or is out to do harm, is one clear line."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from storage.anchors import Cells, Lines, Spot
from storage.errors import UnreadableFile
from storage.records import Conversation, Trace
from tests.unit.conversations import HOSTILE, ORDINARY
from ui.export import export
from ui.export.json import as_json
from ui.export.reading import LARGEST, read


def again(conversation: Conversation) -> Conversation:
    return read(as_json(conversation).encode(), "a.json", "imported")


def without_ids(conversation: Conversation) -> list[Any]:
    """The messages, but for their ids and those of chunks, which are of no use elsewhere."""
    return [replace(each, id="", trace=each.trace and _numbered(each.trace)) for each in conversation.messages]


def _numbered(trace: Trace) -> Trace:
    candidates = tuple(replace(each, chunk_id=number) for number, each in enumerate(trace.candidates))
    return replace(trace, candidates=candidates, seconds=trace.seconds)


def test_what_was_exported_reads_the_same() -> None:
    back = again(ORDINARY)
    assert (back.title, back.collection, back.created, back.pinned) == (
        ORDINARY.title, ORDINARY.collection, ORDINARY.created, True,
    )  # fmt: skip
    assert back.tags == ("imported", "人事")
    assert without_ids(back) == without_ids(ORDINARY)


@pytest.mark.parametrize("spot", [None, Lines(12, 15), Cells(5, 1, 5, 28), Cells(1, 1, 1, 1)])
def test_places_in_lines_and_cells_read_the_same(spot: Spot | None) -> None:
    answer = ORDINARY.messages[1]
    placed = replace(answer, citations=tuple(replace(each, spot=spot) for each in answer.citations))
    assert again(replace(ORDINARY, messages=(placed,))).messages[0].citations[0].spot == spot


def test_a_place_of_a_later_version_is_passed_over() -> None:
    whole = json.loads(as_json(ORDINARY))
    whole["messages"][1]["citations"][0]["spot"] = {"paragraph": 4}
    assert read(json.dumps(whole).encode(), "x.json", "imported").messages[1].citations[0].spot is None


def test_odd_text_reads_the_same_but_for_what_no_database_keeps() -> None:
    back = again(replace(HOSTILE, collection="c"))
    assert back.messages[1].text == HOSTILE.messages[1].text.replace("\0", "\ufffd")
    assert back.messages[1].unsupported == HOSTILE.messages[1].unsupported
    assert back.messages[1].citations[0].quote == HOSTILE.messages[1].citations[0].quote.replace("\0", "\ufffd")
    assert len(back.title) <= 200 and "\n" not in back.title


def test_an_answer_that_was_being_written_will_not_go_on() -> None:
    writing = replace(ORDINARY.messages[1], status="writing")
    assert again(replace(ORDINARY, messages=(writing,))).messages[0].status == "interrupted"


def test_an_export_of_the_first_version_is_read() -> None:
    whole = json.loads(as_json(ORDINARY))
    for name in ("footnote", "pinned", "tags"):
        del whole[name]
    for each in whole["messages"]:
        for name in ("comment", "trace"):
            each.pop(name, None)
        for span in (*each.get("citations", ()), *each.get("hits", ())):
            for name in ("title", "heading", "via", "position"):
                span.pop(name, None)
    back = read(json.dumps(whole).encode("utf-8-sig"), "old.json", "imported")
    assert back.messages[1].text == ORDINARY.messages[1].text
    assert back.messages[1].citations[0].title == "Hand`book.pdf"


def test_what_is_read_back_can_be_exported_in_every_format() -> None:
    for format in ("md", "html", "pdf", "json"):
        assert export(again(ORDINARY), format)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"{}", b"%PDF-1.4", b"\xff\xfe\x00", b"[" * 200_000, b'{"footnote": "1"}',
        b'{"id":"\\ud800","title":"t"}', b'{"footnote": 1e400}',
    ],
)  # fmt: skip
def test_a_file_that_is_no_export_is_one_line(content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^x\.json is not a conversation that Footnote exported") as told:
        read(content, "x.json", "imported")
    assert "\n" not in str(told.value) and len(str(told.value)) < 400


def wreck(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(whole: Any) -> None:
        for key in path[:-1]:
            whole = whole[key]
        whole[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        wreck("messages", value=[]),
        wreck("messages", 1, "role", value="system"),
        wreck("messages", 1, "status", value="odd"),
        wreck("messages", 1, "created", value="2025-11-24T09:58:00"),
        wreck("messages", 1, "created", value="0001-01-01T00:00:00+14:00"),
        wreck("messages", 1, "text", value="short"),  # the footnotes lie outside
        wreck("messages", 1, "unsupported", value=[[5, 2]]),
        wreck("messages", 1, "unsupported", value=[[-5, 2]]),
        wreck("messages", 1, "citations", 0, "document", value="../../etc/passwd"),
        wreck("messages", 1, "citations", 0, "marker", value=2**70),
        wreck("messages", 1, "citations", 0, "page", value="3"),
        wreck("messages", 1, "citations", 0, "spot", value={"lines": [5, 2]}),
        wreck("messages", 1, "citations", 0, "spot", value={"lines": [0, 2]}),
        wreck("messages", 1, "citations", 0, "spot", value={"cells": "A5:"}),
        wreck("messages", 1, "citations", 0, "spot", value=[1, 2]),
        wreck("messages", 1, "seconds", "total", value=float("nan")),
        wreck("messages", 1, "seconds", "total", value=float("inf")),
        wreck("messages", 1, "feedback", value=5),
        wreck("messages", 1, "trace", "candidates", 0, "fate", value="odd"),
        wreck("messages", 1, "trace", "filter", "since", value="9999-12-31T23:59:59-12:00"),
        wreck("collection", value="c" * 300),
        wreck("tags", value=["t"] * 200),
        wreck("title", value=7),
    ],
)
def test_an_export_that_was_tampered_with_is_refused(change: Callable[[Any], None]) -> None:
    whole = json.loads(as_json(ORDINARY))
    change(whole)
    with pytest.raises(UnreadableFile, match=r"^x\.json is not a conversation"):
        read(json.dumps(whole).encode(), "x.json", "imported")


def test_what_a_later_version_put_in_is_passed_over_but_a_later_form_is_refused() -> None:
    whole = json.loads(as_json(ORDINARY))
    assert read(json.dumps(whole | {"mood": "good"}).encode(), "x.json", "imported").title == ORDINARY.title
    with pytest.raises(UnreadableFile, match="newer Footnote"):
        read(json.dumps(whole | {"footnote": 2}).encode(), "x.json", "imported")


def test_a_file_that_is_too_large_is_not_even_parsed() -> None:
    with pytest.raises(UnreadableFile, match="larger than 50 MB"):
        read(b" " * (LARGEST + 1), "x.json", "imported")
