"""Start the web server so that nothing leaves the machine and, by default, nobody else can reach it."""

import socket
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any

from storage.errors import BadSettings, FootnoteError

_SCRIPT = Path(__file__).with_name("app.py")

# System fonts only: a web font would have to be fetched.
_SANS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans', "
    "'Noto Sans CJK SC', sans-serif"
)
_SERIF = "'Iowan Old Style', Charter, Georgia, 'Noto Serif', 'Songti SC', SimSun, 'Noto Serif CJK SC', serif"
_MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

_PRIVATE = {
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorLinks": False,
    "logger.hideWelcomeMessage": True,  # it would look up the machine's address outside
    "logger.level": "error",  # a page that asks once more for a part that has gone is no news
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 200,
}
_SHAPE = {
    "theme.font": _SANS,
    "theme.headingFont": _SERIF,
    "theme.codeFont": _MONO,
    "theme.baseRadius": "0.5rem",
    "theme.headingFontWeights": [600, 600, 600, 600, 600, 600],
    "theme.headingFontSizes": ["2rem", "1.25rem", "1.125rem", "1rem", "1rem", "1rem"],
}
_LIGHT = {
    "primaryColor": "#0f5f63",
    "backgroundColor": "#fdfcf9",
    "secondaryBackgroundColor": "#f3f1ea",
    "textColor": "#20292e",
    "linkColor": "#0f5f63",
    "borderColor": "#e0dccf",
    "sidebar.backgroundColor": "#f5f3ec",
    "sidebar.secondaryBackgroundColor": "#eae6da",
}
_DARK = {
    "primaryColor": "#6fbdb8",
    "backgroundColor": "#15191b",
    "secondaryBackgroundColor": "#1f2528",
    "textColor": "#e4e2dc",
    "linkColor": "#6fbdb8",
    "borderColor": "#343c40",
    "sidebar.backgroundColor": "#111517",
    "sidebar.secondaryBackgroundColor": "#1b2124",
}


def options(host: str = "127.0.0.1", port: int = 8501) -> dict[str, Any]:
    """Streamlit's settings for Footnote, by their full names."""
    themes = {f"theme.light.{name}": value for name, value in _LIGHT.items()}
    themes |= {f"theme.dark.{name}": value for name, value in _DARK.items()}
    place: dict[str, Any] = {"server.address": host, "server.port": port}
    if _is_loopback(host):
        # A page of another site that resolves its own name to this machine must not be answered.
        place["server.allowedHosts"] = sorted({host, "127.0.0.1", "localhost", "::1"})
    return {**_PRIVATE, **_SHAPE, **themes, **place}


def run(host: str = "127.0.0.1", port: int = 8501) -> None:
    """Serve the pages until Ctrl-C. Raises BadSettings where the address cannot be used."""
    _check_free(host, port)
    from streamlit.web import bootstrap

    flags = {name.replace(".", "_"): value for name, value in options(host, port).items()}
    bootstrap.load_config_options(flag_options=flags)
    Thread(target=_begin, daemon=True, name="footnote-begin").start()
    try:
        bootstrap.run(str(_SCRIPT), False, [], {})
    finally:
        _end()


def _begin() -> None:
    """Load the models and follow the linked folders before anybody opens a page."""
    from ui.web.parts import parts

    with suppress(FootnoteError):  # the page says so
        parts()


def _end() -> None:
    """Stop the work that is under way cleanly, as it would not be by the end of the process."""
    from ui.web.parts import parts

    with suppress(FootnoteError):
        parts().close()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            pass
    except (OSError, OverflowError) as exc:
        raise BadSettings(
            f"Cannot serve at {host}:{port} ({exc}). Choose another port with: footnote serve --port {port + 1}"
        ) from exc
