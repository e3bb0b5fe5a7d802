"""The prompt holds no passage twice, none that is torn where its rest fits, and as many as the budget allows."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import opencc
import pytest

from ingest.chunk import ChunkOptions, split
from ingest.clean import join
from ingest.readers import read
from qa.passages import FENCE, chosen, cut_off
from storage.language import tokens
from storage.records import Chunk, Document, Hit
from tests.unit.passages import hit

EN = "Unused leave expires on 31 March, except that Ada Fox may keep 5 days. It must be approved by 7.5% of the staff."
ZH = "未休的年假在3月31日失效，但王小明可以保留5天。须经7.5%的员工同意。"


def kept(*hits: Hit) -> list[Hit]:
    return list(chosen(hits, {}, 10_000, len(hits))[0])


def copy(text: str, title: str = "Handbook", *, of: int = 1) -> Hit:
    """A passage of another document, ranked after the `of`-th."""
    return hit(text, of + 1, title=title, document=f"copy {of}")


@pytest.mark.parametrize("title", ["Handbook", "Copy of Handbook", "handbook (1)", "Handbook 副本"])
@pytest.mark.parametrize(
    ("text", "again"),
    [
        (EN, EN),
        (EN, EN.upper()),
        (EN, EN.replace(" ", "\n").replace(",", ";").replace(".", "!", 1)),
        (EN, "- **" + EN.replace(". ", ".**\n\n- ")),
        (EN, EN.replace("the staff", "staff")),
        (EN + " More is said elsewhere.", EN),
        ("Chapter 9: Leave.\n" + EN, EN),
        (ZH, ZH),
        (ZH, opencc.OpenCC("s2t").convert(ZH)),
        (ZH, ZH.replace("，", "，\n").replace("。", "。 ").replace("31", "３１")),
        (ZH + "其他情况另行规定。", ZH),
    ],
)
def test_a_copy_is_left_out_whatever_it_looks_like(text: str, again: str, title: str) -> None:
    first, second = hit(text), copy(again, title)
    taken, fates = chosen([first, second], {}, 10_000, 5)
    assert taken == (first,)
    assert fates == {first.chunk.id: "chosen", second.chunk.id: "duplicate"}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (EN, EN.replace("31", "30")),
        (EN, EN.replace("7.5", "7")),
        (EN, EN.replace("7.5%", "7.5")),
        (EN, EN.replace("Ada", "Eve")),
        (EN, EN.replace("must be", "must not be")),
        (EN, EN.replace("It must", "Nobody says that it must")),
        (EN, EN.replace("must", "may")),
        ("[x] paid ☑ leave ☐ sick", "[x] paid ☐ leave ☑ sick"),
        ("Balance: 5 euro", "Balance: -5 euro"),
        (ZH, ZH.replace("31", "30")),
        (ZH, ZH.replace("王小明", "李小明")),
        (ZH, ZH.replace("须经", "无须经")),
        (ZH, ZH.replace("可以", "不可以")),
    ],
)
def test_a_number_a_name_or_a_not_makes_another_passage(text: str, other: str) -> None:
    for one, two in permutations((text, other)):
        assert len(kept(hit(one), copy(two))) == 2


def test_what_a_passage_stands_under_tells_it_from_its_copy() -> None:
    for one, two in (("Budget 2023", "Budget 2024"), ("上海办事处", "北京办事处"), ("North office", "South office")):
        assert len(kept(hit(EN, title=one), copy(EN, two))) == 2


def test_a_passage_that_says_more_is_kept_beside_the_better_one() -> None:
    assert len(kept(hit(EN), copy(EN + " Overtime is paid twice."))) == 2


def test_of_the_demo_documents_no_passage_is_taken_for_another() -> None:
    hits: list[Hit] = []
    for path in sorted(Path("ui/demo").iterdir()):
        reading = read(path)
        text, sections, _ = join(reading.pieces)
        document = Document(path.stem, str(path), reading.title, "", text, sections, "", "", 0, 0.0)
        hits += [
            Hit(chunk, document.title, document.path, 1, 0.0, "fused") for chunk in split(document, ChunkOptions())
        ]
    assert len(hits) > 20
    assert kept(*hits) == hits


def pair(before: str, after: str, gap: int = 2, heading: str = "Rules") -> tuple[Chunk, Chunk]:
    first = Chunk(1, "d", 4, before, 0, len(before), "Rules", None)
    start = len(before) + gap
    return first, Chunk(2, "d", 5, after, start, start + len(after), heading, None)


@pytest.mark.parametrize(
    ("before", "after", "gap"),
    [
        ("These are needed:", "A passport.", 2),
        ("需要以下材料：", "护照。", 2),
        ("The staff,", "who are many", 1),
        ("The staff of the northern", "office", 1),
        ("员工应当在三十日内", "提出申请。", 1),
        ("Do this:\n1. Open it.", "2. Fill it.", 2),
        ("- one.\n- two.", "- three.", 1),
        ("一、打开。", "二、关闭。", 2),
        ("（一）打开。", "（二）关闭。", 2),
        ("| a | b |\n| 1 | 2 |", "| 3 | 4 |", 1),
    ],
)
def test_a_chunk_is_cut_off_in_mid_thought(before: str, after: str, gap: int) -> None:
    assert cut_off(*pair(before, after, gap))


@pytest.mark.parametrize(
    ("before", "after", "gap"),
    [
        ("It ends here.", "Another begins.", 1),
        ('He said "no."', "She left.", 1),
        ("到此结束。", "另起一段。", 1),
        ("A title", "A paragraph begins after a blank line.", 2),
        ("Day: Monday; Open: 9:00", "Day: Tuesday; Open: 10:00", 1),
        ("It grew by\n3.5 million.", "4.5 million left.", 1),
    ],
)
def test_a_chunk_that_ends_with_its_thought_is_not(before: str, after: str, gap: int) -> None:
    assert not cut_off(*pair(before, after, gap))


def test_only_what_follows_under_the_same_heading_goes_on() -> None:
    before, after = pair("These are needed:", "A passport.")
    assert cut_off(before, after)
    assert not cut_off(before, replace(after, heading="Other"))
    assert not cut_off(before, replace(after, position=6))
    assert not cut_off(before, replace(after, document_id="other"))
    assert not cut_off(after, before)


def numbered(text: str, rank: int, position: int, document: str = "d") -> Hit:
    made = hit(text, rank, document=document, start=1000 * position)
    return replace(made, chunk=replace(made.chunk, position=position))


def at(hits: list[Hit]) -> dict[tuple[str, int], Hit]:
    return {(each.chunk.document_id, each.chunk.position): each for each in hits}


def test_the_budget_is_filled_by_rank_and_the_first_always_fits() -> None:
    hits = [hit(f"word number {rank} stands here", rank, document=f"d{rank}") for rank in range(1, 6)]
    each = tokens(hits[0].chunk.text) + FENCE
    taken, fates = chosen(hits, {}, 3 * each, 5)
    assert [h.rank for h in taken] == [1, 2, 3]
    assert [fates[h.chunk.id] for h in hits] == ["chosen"] * 3 + ["no room"] * 2
    taken, fates = chosen(hits, {}, 1, 5)
    assert [h.rank for h in taken] == [1]
    taken, fates = chosen(hits, {}, 10_000, 2)
    assert [fates[h.chunk.id] for h in hits] == ["chosen"] * 2 + ["passed over"] * 3
    assert chosen([], {}, 100, 3) == ((), {})


def test_one_too_long_for_what_is_left_stops_no_shorter_one() -> None:
    hits = [hit("One.", 1, document="a"), hit("long " * 200, 2, document="b"), hit("Three.", 3, document="c")]
    taken, fates = chosen(hits, {}, 100, 5)
    assert [h.rank for h in taken] == [1, 3]
    assert fates[hits[1].chunk.id] == "no room"


def test_a_copy_takes_the_place_of_a_better_one_that_had_no_room() -> None:
    first, short = hit("One.", 1, document="a"), hit("It lasts 24 months.", 3, document="c")
    long = hit("It lasts 24 months.\n" + "Nothing else. " * 50, 2, document="b")
    assert chosen([first, long, short], {}, 100, 5)[0] == (first, short)


def test_what_goes_on_is_joined_where_there_is_room() -> None:
    steps = numbered("Take these steps:", 1, 4)
    after, before = numbered("1. Open it.", 9, 5), numbered("All ends well.", 9, 3)
    other = numbered("Something else.", 2, 9, "e")
    near = at([after, before])
    taken, fates = chosen([steps, other], near, 1000, 5)
    assert taken == (steps, after, other)
    assert fates == {steps.chunk.id: "chosen", after.chunk.id: "joined", other.chunk.id: "chosen"}
    taken, fates = chosen([steps, other], near, tokens(steps.chunk.text) + FENCE, 5)
    assert taken == (steps,) and after.chunk.id not in fates
    taken, fates = chosen([after, other], at([steps]), 1000, 1)
    assert taken == (after, steps)  # also what it goes on from, and it counts as no hit of its own


def test_a_hit_that_was_joined_already_is_chosen_once() -> None:
    steps, after = numbered("Take these steps:", 1, 4), numbered("1. Open it.", 2, 5)
    taken, fates = chosen([steps, after], {}, 1000, 5)
    assert taken == (steps, after)
    assert set(fates.values()) == {"chosen"}
    taken, fates = chosen([steps, after], {}, 1000, 1)
    assert taken == (steps, after)
    assert fates[after.chunk.id] == "joined"


def test_what_says_nothing_new_is_not_joined_either() -> None:
    steps, after = numbered("Take these steps:", 2, 4), numbered("1. Open it.", 9, 5)
    same = numbered("1. Open it.", 1, 7, "copy")
    taken, _ = chosen([same, steps], at([after]), 1000, 5)
    assert taken == (same, steps)
