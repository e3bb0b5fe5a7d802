"""Isolation for every test: its own home folder, a clean environment, no network but loopback."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# Set before anything heavy is imported: several libraries read these once. A test may set its own.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PIP_NO_INDEX": "1",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "TOKENIZERS_PARALLELISM": "false",
}
os.environ.update(OFFLINE)

# A shell that starts the tests in the background makes them ignore Ctrl-C, which some of them press.
signal.signal(signal.SIGINT, signal.default_int_handler)

LOOPBACK = ("localhost", "::1", "0.0.0.0", "::", "")


def is_loopback(host: object) -> bool:
    """Tell whether an address as given to `socket` stays on this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    return name in LOOPBACK or name.startswith("127.")


def missing(what: str, remedy: str) -> None:
    """Skip where a person may lack something; fail where CI must have it, so that no test is lost unseen."""
    reason = f"{what} is not here: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Fail the test that looks up or connects to another machine, even if the code catches every Exception."""

    def guard(name: str, plain: Any, host: Any) -> Any:
        def checked(*args: Any, **kwargs: Any) -> Any:
            target = host(*args, **kwargs)
            if not is_loopback(target):
                pytest.fail(f"{name} to {target!r}: tests may reach nothing but this machine")
            return plain(*args, **kwargs)

        return checked

    def peer(sock: socket.socket, address: Any) -> Any:
        return address[0] if sock.family in (socket.AF_INET, socket.AF_INET6) else "localhost"

    def looked_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        return host

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, guard(name, getattr(socket.socket, name), peer))
        patch.setattr(socket, "getaddrinfo", guard("getaddrinfo", socket.getaddrinfo, looked_up))
        yield


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """Return the folder with the two default models, named by FOOTNOTE_MODELS."""
    folder = os.environ.get("FOOTNOTE_MODELS")
    if not folder or not Path(folder).is_dir():
        missing("the models folder", "run the tests with make test, or set FOOTNOTE_MODELS")
    return Path(folder or "")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the browser that the tests of the web pages drive."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        missing("Chromium", "run make setup-system")
    return Path(found or "")


@pytest.fixture(scope="session", autouse=True)
def session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep fixtures that outlive a test away from the person's own home folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("FOOTNOTE_") and name != "FOOTNOTE_MODELS"]:
            patch.delenv(name)
        patch.setenv("FOOTNOTE_HOME", str(tmp_path_factory.mktemp("session-home")))
        yield


@pytest.fixture(autouse=True)
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own FOOTNOTE_HOME, and the real models only to those that are marked `models`."""
    if request.node.get_closest_marker("models"):
        request.getfixturevalue("models_folder")
    else:
        monkeypatch.delenv("FOOTNOTE_MODELS", raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("FOOTNOTE_HOME", str(folder))
    return folder
