"""Source code: its lines as they are, below the names of what they define."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from ingest.clean import join
from ingest.readers import read, supported
from ingest.readers.plain.definitions import GRAMMARS
from storage.anchors import Lines, spot_of

Write = Callable[[str, str], Path]


def headings(path: Path) -> list[str]:
    return [section.heading for section in join(read(path).pieces).sections]


PYTHON = '''"""Rents boats."""

RATE = 12


# By the hour.
@dataclass
class Boat:
    name: str


    def cost(self):

\t\treturn RATE  *  2

    size = 3

def total(): return 1


if __name__ == "__main__":
    total()
'''


def test_every_line_of_code_is_the_line_of_the_file(write: Write) -> None:
    text, _, anchors = join(read(write("boats.py", PYTHON.replace("\n", "\r\n"))).pieces)
    lines = PYTHON.expandtabs(4).split("\n")
    at, checked = 0, 0
    for line in text.split("\n"):
        if line.strip():
            spot = spot_of(text, anchors, at, at + len(line))
            assert isinstance(spot, Lines) and spot.first == spot.last and lines[spot.first - 1] == line
            checked += 1
        at += len(line) + 1
    assert checked == sum(bool(line.strip()) for line in lines)


def test_code_stands_below_what_it_defines(write: Write) -> None:
    reading = read(write("boats.py", PYTHON))
    text, sections, _ = join(reading.pieces)
    assert reading.title == "boats.py"
    assert [section.heading for section in sections] == ["", "Boat", "Boat > cost", "Boat", "total", ""]
    assert text[sections[1].start :].startswith("# By the hour.\n@dataclass\nclass Boat:")


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        (
            "a.ts",
            "export class Cart {\n  add(item: Item): void {\n    if (item) {\n    }\n  }\n}\n\n"
            "export const sum = (a: number) => a;\n\nfunction* each() {\n}\n\ninterface Row {\n}\n",
            ["Cart", "Cart > add", "sum", "each", "Row"],
        ),
        (
            "A.java",
            "package x;\n\npublic final class Till {\n    @Override\n    public int open(String who) {\n"
            "        return 1;\n    }\n\n    private static <T> List<T> all() {\n    }\n}\n",
            ["", "Till", "Till > open", "Till > all"],
        ),
        ("a.c", "#include <x.h>\n\nstatic int *find(char *s)\n{\n}\n\nstruct seed {\n};\n\nint n = f(2);\n", None),
        (
            "a.go",
            "func (s *Shop) Sell(n int) {\n}\n\nfunc main() {\n}\n\ntype Row struct {\n}\n",
            ["Shop.Sell", "main", "Row"],
        ),
        (
            "a.rs",
            "impl<T> Show for Lamp<T> {\n    pub fn on(&self) {\n    }\n}\n\nenum E {\n}\n",
            ["Lamp", "Lamp > on", "E"],
        ),
        ("a.rb", "module M\n  def self.go!\n  end\nend\n", ["M", "M > self.go!"]),
        (
            "a.php",
            "<?php\nnamespace x\\y;\n\nclass P\n{\n    public function run()\n    {\n    }\n}\n",
            ["", "P", "P > run"],
        ),
        ("a.sh", "set -e\n\nclean() {\n  rm x\n}\n\nfunction build {\n  make\n}\n", ["", "clean", "build"]),
        ("a.sql", "-- all\n\ncreate or replace view v.rows as\nselect 1;\n", ["", "v.rows"]),
        ("a.ini", "top = 1\n[server]\nport = 80\n\n[log]\nlevel = 1\n", ["", "server", "log"]),
        ("a.toml", "[[tool]]\nname = 'x'\n[b]\n[c]\n", ["tool", "b", "c"]),
        ("a.yml", "# all\non:\n  push:\n'b c': 1\n", ["on", "b c"]),
        ("a.mk", "CC := gcc\nall: a b\n\tmake a\n\n.PHONY: all\n", ["", "all", ".PHONY"]),
        ("a.swift", "extension Cup {\n    func fill() {\n    }\n}\n", ["Cup", "Cup > fill"]),
        ("a.kt", "data class Cup(val a: Int)\n\nfun String.shout(): String {\n}\n", ["Cup", "shout"]),
        ("a.r", "mean2 <- function(x) {\n}\n", ["mean2"]),
        ("a.lua", "local function f(x)\nend\n\nm.g = function()\nend\n", ["f", "m.g"]),
        ("a.patch", "From: x\n\ndiff --git a/p/q.c b/p/q.c\n+++ b/p/q.c\n+x\n", ["", "p/q.c"]),
        ("a.css", "a {\n}\n\nb {\n}\n", [""]),
        ("a.log", "10:00 up\n\n10:01 down\n", [""]),
    ],
)
def test_definitions_of_many_languages_are_headings(
    write: Write, name: str, source: str, found: list[str] | None
) -> None:
    assert headings(write(name, source)) == (found or ["", "find", "seed", ""])


def test_colours_of_a_terminal_and_strange_line_ends_are_no_text(write: Write) -> None:
    path = write("a.log", "\x1b[31mred\x1b[0m one\x0ctwo\nlast\n")
    text, _, anchors = join(read(path).pieces)
    assert text == "red one two\nlast"
    assert spot_of(text, anchors, text.index("last"), len(text)) == Lines(2, 2)


def test_code_that_names_the_mark_of_a_pdf_is_code(write: Write) -> None:
    assert "startswith" in join(read(write("a.py", 'def f(x):\n    return x.startswith(b"%PDF-1.4")\n')).pieces).text


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.js", "var a=1;" * 500_000),
        ("a.py", "def f():\n" * 100_000),
        ("a.py", "#\n" * 500_000),
        ("a.toml", "[a]\n" * 100_000),
        ("a.c", ("a " * 99 + "\n") * 5_000),
        ("a.c", ("*" * 199 + "\n") * 5_000),
        ("a.c", ("template<a>" * 18 + "\n") * 5_000),
        ("a.java", ("public " * 28 + "\n") * 5_000),
        ("a.rs", ("impl " + "<" * 190 + "\n") * 5_000),
        ("a.mk", ("a " * 99 + "\n") * 5_000),
        ("a.ts", ("const a " + "(" * 190 + "\n") * 5_000),
    ],
)
def test_hostile_code_takes_no_time(write: Write, name: str, source: str) -> None:
    started = monotonic()
    assert join(read(write(name, source)).pieces).text
    assert monotonic() - started < 20


def test_a_message_does_not_list_every_language() -> None:
    assert supported().endswith(", and source code") and ".rs " not in supported()
    assert {".py", ".rs", ".log", ".toml"} <= GRAMMARS.keys()


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [("Makefile", "all: x\n\tmake x\n", ["all"]), ("LICENSE", "Free.\n", [""]), ("Dockerfile", "FROM x\n", [""])],
)
def test_files_may_have_a_name_in_place_of_a_suffix(write: Write, name: str, source: str, found: list[str]) -> None:
    assert headings(write(name, source)) == found
