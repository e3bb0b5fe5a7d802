"""`footnote serve`, and what it needs done at its first start."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from functools import partial
from threading import Thread
from typing import Annotated

import typer

from storage.errors import BadSettings
from storage.process import command, environment
from ui.cli.parts import Parts
from ui.cli.terminal import note

_PATIENCE = 60.0  # seconds until the server must answer


def serve(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="The address to serve at; this one is for you alone.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port.")] = 8501,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in your browser.")] = True,
) -> None:
    """Open the chat in the browser. The first start fetches the models."""
    from ui.web import server

    here = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host
    address = f"http://{f'[{here}]' if ':' in here else here}:{port}"
    if _taken(here, port):
        raise BadSettings(
            f"Something is already open at {address}: Footnote itself, or another program. "
            f"Stop it, or choose another port: footnote serve --port {port % 65535 + 1}"
        )
    _first_run(ctx.obj)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    opening = partial(_announce, address, browser and sys.stderr.isatty() and _has_display())
    Thread(target=opening, daemon=True, name="footnote-announce").start()
    server.run(host, port)


def prepare(ctx: typer.Context) -> None:
    """Fetch missing models and add the demo documents, as the first start does."""
    from ui import first_run
    from ui.cli.progress import follow_ingest, pull_bar

    parts: Parts = ctx.obj
    for model_id in _missing(parts):
        note(f"Fetching {model_id}; this happens once.")
        with pull_bar(model_id) as report:
            parts.store.pull(model_id, report)
    if first_run.wants_demo(parts.library):
        note("Reading the demo documents; ask about them in the collection demo.")
        follow_ingest(parts.app.ingest([first_run.DEMO], first_run.DEMO_COLLECTION))


def _first_run(parts: Parts) -> None:
    """In a process of its own, so that what it loads does not stay in the server's memory."""
    from ui import first_run

    if not _missing(parts) and not first_run.wants_demo(parts.library):
        return
    if code := subprocess.call(command("ui.cli", "prepare"), env=environment()):
        raise typer.Exit(code)


def _missing(parts: Parts) -> tuple[str, ...]:
    from ui import first_run

    return first_run.missing(parts.store, (parts.settings.embedder, parts.settings.chat_model))


def _taken(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _announce(address: str, browser: bool) -> None:
    """Once the server answers, say where it is."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                break
        except OSError:
            time.sleep(0.1)
    else:
        return
    note(f"Footnote is open at {address}")
    if browser:
        webbrowser.open(address)


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
