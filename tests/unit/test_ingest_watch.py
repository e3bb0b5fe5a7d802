"""A change below a watched folder is noticed."""

from pathlib import Path
from threading import Event, Timer

from ingest.watch import watch


def test_yields_what_changed_and_stops(tmp_path: Path) -> None:
    stop = Event()
    new = tmp_path / "新文件.md"
    Timer(0.5, new.write_text, ("text",), {"encoding": "utf-8"}).start()
    guard = Timer(20, stop.set)
    guard.start()
    for changed in watch([tmp_path], stop):
        assert new in changed
        stop.set()
        break
    else:
        raise AssertionError("nothing was noticed")
    guard.cancel()
