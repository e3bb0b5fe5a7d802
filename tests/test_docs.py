"""The README is true: its commands, settings and files are those of the program."""

import re
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from ui.cli import cli
from ui.places import Places
from ui.settings import Settings

README = Path("README.md").read_text(encoding="utf-8")


def options(value: Any, prefix: str = "") -> dict[str, object]:
    """Every setting by its full name, with its default."""
    found: dict[str, object] = {}
    for field in fields(value):
        if not prefix and field.name in {f.name for f in fields(Places)}:
            continue  # the environment decides these
        inner = getattr(value, field.name)
        name = f"{prefix}{field.name}"
        found |= options(inner, f"{name}.") if is_dataclass(inner) else {name: inner}
    return found


def rows() -> dict[str, str]:
    """The settings of the README's table with their defaults."""
    found: dict[str, str] = {}
    for names, defaults in re.findall(r"^\| ((?:`[\w.]+`(?:, )?)+) \| ([^|]+) \|", README, re.MULTILINE):
        found |= dict(zip(re.findall(r"`([\w.]+)`", names), defaults.strip().split(", "), strict=True))
    return found


def test_every_setting_is_told_once_with_its_default() -> None:
    known = options(Settings(Path(), Path(), ""))
    told = rows()
    assert told.keys() == known.keys()
    for name, default in known.items():
        assert told[name] == str(default) or float(told[name]) == default


def test_every_command_that_is_told_exists_with_its_options() -> None:
    commands = get_command(cli).commands  # type: ignore[attr-defined]
    told = set(re.findall(r"`footnote (\w+)", README))
    assert told == commands.keys() - {name for name, command in commands.items() if command.hidden}
    for line in re.findall(r"`footnote (\w+) ([^`]*)`", README):
        known = {name for option in commands[line[0]].params for name in option.opts}
        assert set(re.findall(r"(?<!\w)--?[a-z][\w-]*", line[1])) <= known


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"(?:\(|`)((?:ui|qa|ingest|storage|tests|\.github)/[\w./-]+)", README)))
)
def test_every_file_that_is_told_exists(path: str) -> None:
    assert Path(path).exists()


def test_the_changelog_knows_the_version() -> None:
    version = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## [{version}]" in Path("CHANGELOG.md").read_text(encoding="utf-8")
