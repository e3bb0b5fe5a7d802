"""Passages are searched by the question in their own language."""

from pathlib import Path

from storage.asked import Asked
from tests.unit.test_storage_filters import put
from tests.unit.test_storage_library import Place

ENGLISH = "How many days of leave are there?"
CHINESE = "年假有多少天？"


def test_each_language_is_asked_in_its_own_words() -> None:
    asked = Asked(ENGLISH, CHINESE)
    assert asked.of("en") == ENGLISH and asked.of("zh") == CHINESE and asked.texts == (ENGLISH, CHINESE)
    assert asked.speaks("zh") and asked.speaks("en")
    assert Asked(CHINESE, ENGLISH).of("en") == ENGLISH
    alone = Asked(ENGLISH)
    assert alone.of("zh") == ENGLISH and alone.texts == (ENGLISH,) and not alone.speaks("zh")


def test_a_translation_finds_what_the_question_does_not(tmp_path: Path) -> None:
    place = Place(tmp_path)
    put(place, "/english.txt", "Staff get 25 days of leave a year.", language="en")
    chinese = put(place, "/chinese.txt", "员工的年假有25天。", language="zh")
    alone = place.indexes.search("c", Asked(ENGLISH), 10)
    both = place.indexes.search("c", Asked(ENGLISH, CHINESE), 10)
    assert {hit.path for hit in alone.keywords} == {"/english.txt"}
    assert {hit.path for hit in both.keywords} == {"/english.txt", "/chinese.txt"}
    (chunk,) = [hit.chunk.id for hit in both.vectors if hit.chunk.document_id == chinese.id]
    (other,) = both.similarity.keys() - {chunk}
    assert both.similarity[chunk] > alone.similarity[chunk] and both.coverage[chunk] > 0.5
    assert both.similarity[other] == alone.similarity[other] and both.coverage[other] == alone.coverage[other]
    assert both.languages == {"en": 1, "zh": 1} and both.chunks == 2
