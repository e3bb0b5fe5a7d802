"""An answer's blocks: what of Markdown acts, and where footnotes and unsupported spans fall."""

import pytest

from storage.records import Citation
from ui.blocks import Run, blocks, marks


def note(marker: int, end: int, start: int = 0) -> Citation:
    return Citation(marker, "d", "T", "/t", None, 0, 1, "q", start, end)


def text(runs: tuple[Run, ...]) -> str:
    return "".join(f"[{run.marker}]" if run.marker else run.text for run in runs)


def test_each_kind_of_block() -> None:
    made = blocks("# Head\nOne\ntwo\n\n- a\n- b\n2. c\n3. d\n```\n  x\n\ny\n```")
    assert [(block.kind, [text(line) for line in block.lines]) for block in made] == [
        ("heading", ["Head"]), ("paragraph", ["One", "two"]), ("bullets", ["a", "b"]), ("numbers", ["c", "d"]),
        ("code", ["  x", "", "y"]),
    ]  # fmt: skip
    assert made[3].number == 2


def test_looks_are_cut_where_they_change() -> None:
    (block,) = blocks("a **b `c`** `**d**`")
    assert block.lines[0] == (
        Run("a "), Run("b ", bold=True), Run("c", bold=True, code=True), Run(" "), Run("**d**", code=True),
    )  # fmt: skip


def test_an_unsupported_stretch_tells_its_end_once() -> None:
    (block,) = blocks("Good. **Bad** one. More.", unsupported=[(6, 18)])
    told = [(run.text, run.unsupported, run.last) for run in block.lines[0]]
    assert told == [("Good. ", False, False), ("Bad", True, False), (" one.", True, True), (" More.", False, False)]


@pytest.mark.parametrize(
    ("answer", "end", "shown"),
    [("One. ", 5, "One.[1] "), ("- One\n- Two", 5, "One[1]"), ("One", 99, "One[1]"), ("**One.**", 8, "One.[1]"),
     ("```\nx\n```\n", 9, "x[1]")],
)  # fmt: skip
def test_no_footnote_is_lost(answer: str, end: int, shown: str) -> None:
    made = blocks(answer, [note(1, end)])
    assert shown in [text(line) for block in made for line in block.lines]


def test_marks_stand_once_each_in_their_order() -> None:
    assert marks("One. Two.", [note(2, 4), note(1, 4), note(2, 4), note(3, 9)]) == [(4, 1), (4, 2), (9, 3)]
