"""Lines of a file are shown by their numbers, with the quote marked where it stands in the file."""

from pathlib import Path

import pytest

from ingest.clean import Piece, join
from storage.anchors import Lines
from storage.errors import UnreadableFile
from storage.records import Document
from ui.original.numbered import Shown, of_file, of_text

CODE = "".join(f"def f{n}(x):\n\treturn x + {n}\n\n" for n in range(40))
PROSE = "Title\n\nThe quick brown\nfox jumps over the\nlazy dog.\n\nThe end.\n"


def document(*pieces: Piece, format: str = "txt") -> Document:
    text, sections, anchors = join(pieces)
    return Document("d", "/d", "T", "0", text, sections, format, "en", 1, 0.0, anchors=anchors)


def code() -> Document:
    return document(Piece("", None, CODE, Lines(1, CODE.rstrip().count("\n") + 1), verbatim=True))


def prose() -> Document:
    return document(
        Piece("", None, "Title", Lines(1, 1)),
        Piece("", None, "The quick brown fox jumps over the lazy dog.", Lines(3, 5)),
        Piece("", None, "The end.", Lines(7, 7)),
    )


def quote(made: Document, text: str) -> tuple[int, int]:
    start = made.text.index(text)
    return start, start + len(text)


def marked(shown: Shown) -> dict[int, str]:
    return {line.number: line.text[slice(*line.mark)] for line in shown.lines if line.cited}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_code_is_marked_to_the_character(file: Path) -> None:
    file.write_text(CODE, encoding="utf-8")
    made = code()
    shown = of_file(file, made, quote(made, "(x):\n    return x + 7"), (2, 3))
    assert [line.number for line in shown.lines] == list(range(20, 27))
    assert marked(shown) == {22: "(x):", 23: "\treturn x + 7"}
    assert shown.before and shown.after


def test_prose_is_marked_though_its_lines_were_joined(file: Path) -> None:
    file.write_text(PROSE, encoding="utf-8")
    made = prose()
    shown = of_file(file, made, quote(made, "brown fox jumps over the lazy"), (9, 9))
    assert marked(shown) == {3: "brown", 4: "fox jumps over the", 5: "lazy"}
    assert [line.number for line in shown.lines] == list(range(1, 8))
    assert not shown.before and not shown.after


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_line_ends_and_encodings_make_no_difference(file: Path, end: str, encoding: str) -> None:
    text = "甲方应当按时支付租金。\n乙方应当保持房屋整洁。\n双方各执一份，具有同等法律效力。\n"
    file.write_bytes(text.replace("\n", end).encode(encoding))
    made = document(*(Piece("", None, line, Lines(n, n)) for n, line in enumerate(text.split("\n")[:-1], 1)))
    assert marked(of_file(file, made, quote(made, "保持房屋整洁"), (5, 5))) == {2: "保持房屋整洁"}


def test_a_quote_without_letters_is_its_lines(file: Path) -> None:
    file.write_text("a {\n}\n\nb {\n}\n", encoding="utf-8")
    made = document(Piece("", None, "a {\n}\n\nb {\n}", Lines(1, 5), verbatim=True))
    end = len(made.text)
    assert marked(of_file(file, made, (end - 1, end), (9, 9))) == {5: ""}


def test_of_equal_lines_the_right_one_is_marked(file: Path) -> None:
    file.write_text("pass\n" * 30, encoding="utf-8")
    made = document(Piece("", None, "pass\n" * 30, Lines(1, 30), verbatim=True))
    assert marked(of_file(file, made, (50, 54), (0, 0))) == {11: "pass"}


def test_without_a_quote_a_document_begins_at_its_first_line(file: Path) -> None:
    file.write_text(CODE, encoding="utf-8")
    part = document(Piece("", None, "def f1(x):\n\treturn x + 1", Lines(4, 5), verbatim=True))
    shown = of_file(file, part, (0, 0), (1, 3))
    assert [line.number for line in shown.lines] == [3, 4, 5, 6, 7] and not marked(shown)


def test_blank_lines_in_a_quote_are_kept(file: Path) -> None:
    file.write_text(CODE, encoding="utf-8")
    made = code()
    shown = of_file(file, made, quote(made, "return x + 0\n\ndef f1"), (0, 0))
    assert [(line.number, line.cited) for line in shown.lines] == [(2, True), (3, False), (4, True)]


def test_a_file_with_fewer_lines_or_none_says_so(file: Path) -> None:
    file.write_text("one\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="other lines"):
        of_file(file, prose(), quote(prose(), "The end."), (1, 1))
    with pytest.raises(UnreadableFile, match="no lines"):
        of_file(file, document(Piece("", None, "one")), (0, 3), (1, 1))


def test_where_the_file_is_gone_code_keeps_its_lines() -> None:
    made = code()
    shown = of_text(made, quote(made, "return x + 7"), (2, 3))
    assert [line.number for line in shown.lines] == list(range(21, 27))
    assert marked(shown) == {23: "return x + 7"}
    assert shown.before and shown.after
    assert not of_text(made, quote(made, "return x + 7"), (99, 999)).after
    with pytest.raises(UnreadableFile):
        of_text(prose(), quote(prose(), "fox"), (2, 2))
