"""What the machine tells about itself is plausible, or honestly unknown."""

from ui import machine


def test_memory_is_bytes_or_unknown() -> None:
    there = machine.memory()
    assert there is None or there > 100_000_000


def test_there_is_a_processor() -> None:
    assert machine.processors() >= 1


def test_fonts_are_known_or_not() -> None:
    assert machine.shows_chinese() in (True, False, None)
