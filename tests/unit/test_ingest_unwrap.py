"""Lines that a page broke are joined; lines that mean something stay."""

from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.unwrap import rejoined, unwrap, unwrapped

LINE = st.text(st.sampled_from("ab cd, e. 1中文，。-:"), max_size=60)


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ("The tenant pays the rent on the third working\nday of each month.", 1),
        ("本合同自双方签字之日起生效，任何一方不得擅自变更或者\n解除本合同。", 1),
        ("The warranty does not cover damage by water, inclu\ufffe\nding rain.", 1),
        ("The warranty covers two years from the date of sale.\n- except the battery, which is a wear part", 2),
        ("Alabama 18,870 23,022 22,650 859 1,178\nAlaska 209 3,062 3,209 191 184", 2),
        ("Name of the tenant of the flat: Ada Lovelace\nAddress: 12 St James's Square", 2),
        ("Short title\nThe tenant pays the rent on the third working day of each month, in advance.", 2),
        ("第一条 为了完善劳动合同制度，明确劳动合同双方当事人的权利和义务\n第二条 本法适用于境内的企业", 2),
    ],
)
def test_unwrap(lines: str, joined: int) -> None:
    assert len(unwrap(lines).split("\n")) == joined


def test_chinese_lines_meet_without_a_space_and_hyphens_go() -> None:
    assert "变更或者解除本合同" in unwrap("本合同自双方签字之日起生效，任何一方不得擅自变更或者\n解除本合同。")
    assert "including rain" in unwrap("The warranty does not cover damage by water, inclu\ufffe\nding rain.")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(LINE, max_size=12))
def test_unwrap_keeps_every_character(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "".join(unwrap(text).split()) == "".join(text.split())


def test_each_line_knows_the_lines_it_was_made_of() -> None:
    text = "The lease of the flat in Mill Lane ends on the last day of\nthe month of May.\n- keys\n\f\nThe end."
    assert [(line.first, line.last, line.text) for line in unwrapped(text)] == [
        (0, 1, "The lease of the flat in Mill Lane ends on the last day of the month of May."),
        (2, 2, "- keys"),
        (3, 3, ""),  # a form feed ends a line on a page, but none of the file
        (3, 3, ""),
        (4, 4, "The end."),
    ]


def test_a_paragraph_of_a_hundred_thousand_lines_takes_no_time() -> None:
    started = monotonic()
    assert unwrap("gattaca " * 7 + "\n" + ("gattaca " * 7 + "\n") * 100_000).count("\n") == 0
    assert monotonic() - started < 10


def test_rejoined_lines_are_one() -> None:
    assert rejoined(["well-", " known ", "", "tree"]) == "well-known tree"
    assert rejoined(["湖边", "的树"]) == "湖边的树"
