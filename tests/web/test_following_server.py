"""Servers follow linked folders by themselves, several on one home without harm, and end what they do with them."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database
from storage.library import Library
from tests.ports import free_port
from tests.waiting import PATIENCE, until
from tests.web.browser import ROOT


class Server:
    """A server of its own process; nobody opens a page."""

    def __init__(self, home: Path) -> None:
        environment = {**os.environ, "FOOTNOTE_HOME": str(home), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tests.web.fake_server", str(free_port())]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)  # fmt: skip

    def end(self) -> str:
        """End it as Ctrl-C does. Returns what it complained of."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=PATIENCE)[1]


@pytest.fixture
def server(home: Path) -> Iterator[Callable[[], Server]]:
    """Starts servers on this home; none outlives its test."""
    begun: list[Server] = []

    def start() -> Server:
        begun.append(Server(home))
        return begun[-1]

    yield start
    for each in begun:
        each.process.kill()
        each.process.communicate()


@pytest.fixture
def library(home: Path, documents: Path) -> Iterator[Library]:
    """Nothing but a folder that is linked, and to be followed."""
    home.mkdir(exist_ok=True)
    with closing(Library(Database(f"sqlite:///{home / 'footnote.sqlite'}"))) as made:
        made.folders.link("default", str(documents))
        made.folders.watch("default", str(documents), True)
        yield made


def names(library: Library) -> list[str]:
    return sorted(Path(each.path).name for each in library.documents("default"))


def test_a_server_catches_up_and_follows_with_no_page_open_and_ends_cleanly(
    server: Callable[[], Server], library: Library, documents: Path
) -> None:
    begun = server()
    until(lambda: len(names(library)) == 3, 2 * PATIENCE)
    (documents / "new.txt").write_text("Quite new.", encoding="utf-8")
    (documents / "minutes.txt").rename(documents / "protocol.txt")
    # Two or three seconds on a machine that does nothing else, and less than one to end.
    until(lambda: {"new.txt", "protocol.txt"} <= {*names(library)} and "minutes.txt" not in names(library), 30)
    asked = time.monotonic()
    assert "Traceback" not in begun.end() and time.monotonic() - asked < 30


@pytest.mark.slow
def test_two_servers_on_one_home_do_each_other_no_harm(
    home: Path, server: Callable[[], Server], library: Library, documents: Path
) -> None:
    for number in range(40):
        (documents / f"{number:02}.txt").write_text(f"This is the text of number {number}.", encoding="utf-8")
    servers = [server(), server()]
    until(lambda: len(names(library)) == 43, 2 * PATIENCE)
    for number in range(0, 40, 4):
        (documents / f"{number:02}.txt").unlink()
        (documents / f"{number + 1:02}.txt").rename(documents / f"moved {number}.txt")
        (documents / f"{number + 2:02}.txt").write_text(f"Now it says {number}, and more.", encoding="utf-8")
        (documents / f"{number + 3:02} again.txt").write_bytes((documents / f"{number + 3:02}.txt").read_bytes())
        time.sleep(0.1)
    texts = {"Now it says 36, and more."}
    until(
        lambda: (
            {path.name for path in documents.iterdir()} == {Path(p).name for d in library.documents() for p in d.paths}
        )
    )
    until(lambda: texts <= {library.document(each.id).text.strip() for each in library.documents()})
    time.sleep(2)  # the other one may still be at it, and spoil it
    until(lambda: len(library.documents()) == 33 and library.failures("default") == ())
    assert [each.end().count("Traceback") for each in servers] == [0, 0]
    assert len(library.documents()) == 33 and library.failures("default") == ()
    with closing(sqlite3.connect(home / "footnote.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
