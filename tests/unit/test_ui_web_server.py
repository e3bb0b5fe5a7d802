"""The server is private by its settings, and an address that cannot be used is one line."""

import socket

import pytest

from storage.errors import BadSettings
from ui.web.server import options, run


def test_nothing_is_sent_or_looked_up_outside() -> None:
    chosen = options()
    assert chosen["browser.gatherUsageStats"] is False
    assert chosen["logger.hideWelcomeMessage"] is True
    assert chosen["server.address"] == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_this_machine_only_its_own_names_are_answered(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit import config
    from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

    allowed = {"server.allowedHosts": options(host)["server.allowedHosts"]}
    monkeypatch.setattr(config, "get_option", allowed.get)
    shown = f"[{host}]" if ":" in host else host
    assert is_host_allowed(f"{shown}:8501")
    assert is_host_allowed("localhost:8501")
    assert not is_host_allowed("rebound.example:8501")


def test_served_to_others_any_name_is_answered() -> None:
    assert "server.allowedHosts" not in options("0.0.0.0")


def test_every_setting_exists_in_streamlit() -> None:
    from streamlit import config

    known = config.get_config_options()
    assert [name for name in options() if name not in known] == []


def test_a_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSettings, match=f"--port {port + 1}"):
            run("127.0.0.1", port)
