"""The tests themselves stay on this machine and away from the person's own data."""

import os
import socket
from pathlib import Path

import pytest


def test_another_machine_cannot_be_reached() -> None:
    with socket.socket() as sock, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 80))
    with pytest.raises(pytest.fail.Exception, match=r"example\.org"):
        socket.create_connection(("example.org", 80))


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()


def test_each_test_has_its_own_home(home: Path, tmp_path: Path) -> None:
    assert os.environ["FOOTNOTE_HOME"] == str(home)
    assert home.is_relative_to(tmp_path)
    assert [name for name in os.environ if name.startswith("FOOTNOTE_")] == ["FOOTNOTE_HOME"]
