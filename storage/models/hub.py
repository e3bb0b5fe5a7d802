"""Fetch files from the Hugging Face hub, or from what HF_ENDPOINT names: resumable, only whole and right ones.

Plain HTTP, so that a cut-off file goes on where it stopped and progress is counted in bytes.
"""

import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

from storage.errors import DownloadFailed

CHUNK = 1 << 20  # bytes read at a time
TIMEOUT = 8  # seconds without an answer

# Weights as safetensors, settings and tokenizers. Never pickles, never code.
_SUFFIXES = {".safetensors", ".json", ".model", ".jinja", ".txt"}
# The same weights again, in their maker's own layout or for other programs.
_SECOND_COPIES = ("consolidated", "original/", "onnx/", "openvino/")
# A graph and its raw tensors. Of all that ends in .bin these are the only ones that are no pickles.
_OPENVINO = re.compile(r"openvino_\w+\.(xml|bin)", re.ASCII)

Report = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Remote:
    """A file on the hub; `sha256` is "" where the hub tells none, as for small text files."""

    path: str
    url: str
    size: int
    sha256: str


def single(repository: str, file: str, size: int, sha256: str) -> Remote:
    """A file that the catalogue names."""
    return Remote(file, f"{_endpoint()}/{repository}/resolve/main/{quote(file)}", size, sha256)


def listing(repository: str) -> tuple[str, tuple[Remote, ...]]:
    """The commit that a repository is at, and the files there that a model loads from: an OpenVINO folder's where it
    is one, else those with safetensors. Raises DownloadFailed.
    """
    with _opened(f"{_endpoint()}/api/models/{repository}?blobs=true", 0) as response:
        try:
            commit, files = _listed(repository, json.load(response))
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:  # a mirror may answer anything
            raise DownloadFailed(f"the hub does not tell what is in {repository} ({error}).") from error
    names = {file.path for file in files}
    if {"openvino_model.xml", "openvino_model.bin"} <= names:
        return commit, tuple(file for file in files if not file.path.endswith(".safetensors"))
    if not any(name.endswith(".safetensors") for name in names):
        raise DownloadFailed(
            f"{repository} has neither weights as safetensors nor openvino_model.xml, and Footnote loads no others"
        )
    return commit, tuple(file for file in files if not _OPENVINO.fullmatch(file.path))


def _listed(repository: str, answer: Any) -> tuple[str, tuple[Remote, ...]]:
    """The commit and the wanted files that the hub's answer names."""
    commit = str(answer["sha"])
    if not commit.isalnum():  # it becomes a folder's name
        raise ValueError(f"{commit!r} is no commit")
    return commit, tuple(
        Remote(
            path=name,
            url=f"{_endpoint()}/{repository}/resolve/{commit}/{quote(name)}",
            size=int(sibling["size"]),
            sha256=str((sibling.get("lfs") or {}).get("sha256", "")),
        )
        for sibling in answer["siblings"]
        if _wanted(name := str(sibling["rfilename"]))
    )


def _wanted(name: str) -> bool:
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name
    loads = path.suffix in _SUFFIXES or bool(_OPENVINO.fullmatch(name))
    return inside and loads and not name.startswith(_SECOND_COPIES)


def download(remote: Remote, target: Path, work: Path, report: Report) -> None:
    """Fetch one file to `target`, by way of `work`, going on where an earlier try stopped. Reports bytes there so far.

    Raises DownloadFailed if it does not come whole (what has come is kept) or is another file (it is deleted).
    """
    part = work / f"{PurePosixPath(remote.path).name}.part"
    part.touch()
    before = -1
    while (there := part.stat().st_size) < remote.size:
        if there <= before:
            raise DownloadFailed(f"the hub broke off {remote.path} at {there:,} of {remote.size:,} bytes")
        before = there
        _append(remote, part, report)
    if there > remote.size or (remote.sha256 and sha256(part) != remote.sha256):
        part.unlink()
        raise DownloadFailed(f"the hub has another {remote.path} than expected (SHA-256 differs)")
    target.parent.mkdir(parents=True, exist_ok=True)
    part.replace(target)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _append(remote: Remote, part: Path, report: Report) -> None:
    """Read until the end or a broken connection; whether that was all, the caller sees by the size."""
    offset = part.stat().st_size
    with _opened(remote.url, offset) as response, part.open("ab") as file:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:  # it sends the whole file again
            offset = file.truncate(0)
        coming = response.headers.get("Content-Length")
        if coming and offset + int(coming) != remote.size:
            raise DownloadFailed(f"the hub has another {remote.path} than expected (its size differs)")
        for block in _blocks(response):
            file.write(block)
            report(file.tell())


def _blocks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            block = response.read(CHUNK)
        except (OSError, http.client.HTTPException):  # a broken connection; the next try asks for the rest
            return
        if not block:
            return
        yield block


def _opened(url: str, offset: int) -> http.client.HTTPResponse:
    """Open an address. Raises DownloadFailed with the reason."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}:
        raise DownloadFailed("the hub is switched off by HF_HUB_OFFLINE")
    request = urllib.request.Request(url, headers={"User-Agent": "footnote"})
    if offset:
        request.add_header("Range", f"bytes={offset}-")
    if token := _token():
        request.add_unredirected_header("Authorization", f"Bearer {token}")  # for the hub, not for its file servers
    try:
        response: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        hint = " (a repository with terms needs HF_TOKEN)" if error.code in (401, 403) else ""
        raise DownloadFailed(f"the hub answered {error.code} {error.reason}{hint}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise DownloadFailed(f"the hub cannot be reached ({reason})") from error
    return response


def _endpoint() -> str:
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def _token() -> str | None:
    from huggingface_hub import get_token

    return get_token()
