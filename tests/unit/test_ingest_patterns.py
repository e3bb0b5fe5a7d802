"""Which files patterns pass over, and who has the last word."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest.patterns import IGNORE, Rules, spec
from storage.errors import BadSettings
from storage.folders import Folder

ROOT = Path("/docs").resolve()


def rules(*, include: Sequence[str] = (), exclude: Sequence[str] = (), root: Path = ROOT) -> Rules:
    return Rules([Folder("c", str(root), tuple(include), tuple(exclude))])


@pytest.mark.parametrize(
    ("pattern", "path", "passed"),
    [
        ("*.log", "a.log", True),
        ("*.log", "deep/er/a.log", True),
        ("*.log", "a.md", False),
        ("drafts/", "drafts/a.md", True),
        ("drafts/", "old/drafts/b/a.md", True),
        ("drafts/", "drafts.md", False),
        ("/top.md", "top.md", True),
        ("/top.md", "sub/top.md", False),
        ("a/**/z.md", "a/b/c/z.md", True),
        ("合同*", "合同 2024.md", True),
        ("[ab].md", "a.md", True),
    ],
)
def test_patterns_are_those_of_gitignore(pattern: str, path: str, passed: bool) -> None:
    assert rules(exclude=[pattern]).pass_over(str(ROOT / path)) is passed


def test_only_what_is_included_counts_but_for_what_is_excluded() -> None:
    mine = rules(include=["*.pdf", "reports/"], exclude=["old.pdf"])
    passed = [mine.pass_over(str(ROOT / name)) for name in ("a.pdf", "x/b.pdf", "reports/c.md", "d.md", "x/old.pdf")]
    assert passed == [False, False, False, True, True]
    assert not mine.pass_over(str(ROOT / "x"), folder=True)  # it may hold what is included


def test_what_lies_elsewhere_is_not_passed_over() -> None:
    assert not rules(exclude=["*"]).pass_over(str(ROOT.parent / "other" / "a.md"))
    assert not rules(exclude=["*"]).pass_over(str(ROOT))


def put(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def test_ignore_files_hold_for_their_folder_and_below(tmp_path: Path) -> None:
    put(tmp_path / IGNORE, "# mine", "", "*.draft.md", "private/")
    put(tmp_path / "sub" / IGNORE, "!kept.draft.md", "/own.md")
    mine = rules(root=tmp_path)
    told = {
        name: mine.pass_over(str(tmp_path / name))
        for name in ("a.draft.md", "sub/b.draft.md", "sub/kept.draft.md", "own.md", "sub/own.md", "private/x/y.md")
    }
    assert told == {
        "a.draft.md": True, "sub/b.draft.md": True, "sub/kept.draft.md": False, "own.md": False, "sub/own.md": True,
        "private/x/y.md": True,
    }  # fmt: skip


def test_nothing_in_a_folder_that_does_not_count_counts_again(tmp_path: Path) -> None:
    put(tmp_path / IGNORE, "private/")
    put(tmp_path / "private" / IGNORE, "!a.md")
    assert rules(root=tmp_path).pass_over(str(tmp_path / "private" / "a.md"))


def test_what_was_given_goes_before_ignore_files(tmp_path: Path) -> None:
    put(tmp_path / IGNORE, "*.md", "!b.md")
    mine = rules(root=tmp_path, exclude=["!a.md", "b.md"])
    assert [mine.pass_over(str(tmp_path / name)) for name in ("a.md", "b.md", "c.md")] == [False, True, True]


def test_the_innermost_linked_folder_rules(tmp_path: Path) -> None:
    outer, inner = tmp_path, tmp_path / "drafts"
    put(outer / IGNORE, "*.md")
    folders = [Folder("c", str(outer), exclude=("drafts/",)), Folder("c", str(inner), exclude=("b.txt",))]
    mine = Rules(folders)
    assert not mine.pass_over(str(inner), folder=True)
    assert [mine.pass_over(str(inner / name)) for name in ("a.md", "b.txt")] == [False, True]


def test_a_place_goes_by_the_folder_that_it_is_in(tmp_path: Path) -> None:
    put(tmp_path / IGNORE, "*.md")
    place = tmp_path / "sub"
    assert Rules([Folder("c", str(tmp_path))], [place]).pass_over(str(place / "a.md"))
    assert not Rules([], [place]).pass_over(str(place / "a.md"))
    put(place / IGNORE, "a.md")
    assert Rules([], [place]).pass_over(str(place / "a.md"))


def test_a_line_that_is_no_pattern_is_told_and_the_others_hold(tmp_path: Path) -> None:
    put(tmp_path / IGNORE, "!", "a.md")
    mine = rules(root=tmp_path)
    assert mine.pass_over(str(tmp_path / "a.md"))
    assert [(Path(each.path).name, each.reason.split(":")[0]) for each in mine.failures] == [
        (IGNORE, "has no pattern in line 1")
    ]
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / IGNORE).write_bytes(b"\xff\xfe\xfa")
    assert not rules(root=tmp_path / "sub").pass_over(str(tmp_path / "sub" / "b.md"))


@pytest.mark.parametrize("pattern", ["!", "a\\", "*a*a*a*a*a", "**/a/**/a/**/a/**/a/**"])
def test_what_is_no_pattern_or_takes_too_long_is_refused(pattern: str) -> None:
    with pytest.raises(BadSettings, match="gitignore"):
        spec([pattern])
