"""What grows on a terminal while an answer is written."""

import io

from rich.console import Console

from ui.cli.screen import _Tail


def shown(text: str, width: int, height: int) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(_Tail(text))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_short_text_is_shown_whole() -> None:
    assert shown("One two.\nThree.", 20, 10) == ["One two.", "Three."]


def test_of_a_long_text_the_end_is_shown() -> None:
    assert shown("first second third fourth", 7, 3) == ["third", "fourth"]
