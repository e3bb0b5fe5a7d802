"""The story of a folder, told to a library in memory."""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.pipeline import IngestOptions, ingest
from ingest.progress import Progress, Report
from storage.entries import Entry
from storage.errors import DatabaseUnavailable, NotFound
from storage.language import tokens
from storage.library import Library
from storage.records import Document
from tests.fakes import FakeLibrary


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "sub").mkdir(parents=True)
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 900 euros.", encoding="utf-8")
    (folder / "sub" / "保修.txt").write_text("保修期为两年。", encoding="utf-8")
    return folder.resolve()


def steps(library: FakeLibrary, *paths: Path, options: IngestOptions | None = None) -> list[Progress | Report]:
    return list(ingest(paths, "papers", cast(Library, library), options or IngestOptions()))


def run(library: FakeLibrary, *paths: Path, options: IngestOptions | None = None) -> Report:
    report = steps(library, *paths, options=options)[-1]
    assert isinstance(report, Report)
    return report


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def documents(library: FakeLibrary) -> dict[str, Document]:
    entries = library.entries.get("papers", {}).values()
    return {Path(entry.document.path).name: entry.document for entry in entries}


def test_a_second_run_changes_nothing(library: FakeLibrary, folder: Path) -> None:
    for file in (folder / "lease.md", folder / "sub" / "保修.txt"):
        os.utime(file, (1.7e9, 1.7e9))  # one just written is looked at again, and noted as settled then
    first = run(library, folder)
    assert counts(first) == (2, 0, 0, 0)
    assert first.chunks == 2
    assert sum(library.written) == 2
    before = dict(library.entries["papers"])
    assert counts(run(library, folder)) == (0, 0, 0, 2)
    assert library.entries["papers"] == before
    assert sum(library.written) == 2


def test_documents_carry_what_the_file_says(library: FakeLibrary, folder: Path) -> None:
    run(library, folder)
    lease, warranty = documents(library)["lease.md"], documents(library)["保修.txt"]
    assert (lease.title, lease.format, lease.language) == ("Lease", "md", "en")
    assert (warranty.title, warranty.format, warranty.language) == ("保修", "txt", "zh")
    assert lease.path == str(folder / "lease.md")
    assert lease.size == (folder / "lease.md").stat().st_size
    assert len(lease.id) == 16


def test_a_changed_file_keeps_its_identity(library: FakeLibrary, folder: Path) -> None:
    run(library, folder)
    before = documents(library)["lease.md"]
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 950 euros.", encoding="utf-8")
    assert counts(run(library, folder)) == (0, 1, 0, 1)
    after = documents(library)["lease.md"]
    assert after.id == before.id
    assert "950" in after.text


def test_a_renamed_file_keeps_its_identity(library: FakeLibrary, folder: Path) -> None:
    run(library, folder)
    before = documents(library)["lease.md"].id
    (folder / "lease.md").rename(folder / "sub" / "contract.md")
    assert counts(run(library, folder)) == (0, 1, 0, 1)
    assert documents(library)["contract.md"].id == before
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 800 euros.", encoding="utf-8")
    assert counts(run(library, folder)) == (1, 0, 0, 2)
    assert documents(library)["lease.md"].id not in (before, "")


def test_a_removed_file_goes(library: FakeLibrary, folder: Path) -> None:
    run(library, folder)
    (folder / "lease.md").unlink()
    assert counts(run(library, folder)) == (0, 0, 1, 1)
    assert list(documents(library)) == ["保修.txt"]


def test_a_run_on_one_file_removes_nothing_else(library: FakeLibrary, folder: Path) -> None:
    run(library, folder)
    (folder / "lease.md").unlink()
    assert counts(run(library, folder / "sub" / "保修.txt")) == (0, 0, 0, 1)
    assert len(documents(library)) == 2


def test_a_bad_file_is_one_line_and_the_rest_goes_on(library: FakeLibrary, folder: Path) -> None:
    run(library, folder)
    before = documents(library)["lease.md"]
    (folder / "lease.md").write_bytes(b"")
    (folder / "cut.pdf").write_bytes(b"%PDF-1.4")
    (folder / "more.txt").write_text("more", encoding="utf-8")
    report = run(library, folder)
    assert counts(report) == (1, 0, 0, 1)
    assert {Path(failure.path).name for failure in report.failures} == {"lease.md", "cut.pdf"}
    assert documents(library)["lease.md"] == before
    assert len(library.failures("papers")) == 2


def test_failures_are_forgotten_once_the_file_reads_or_is_gone(library: FakeLibrary, folder: Path) -> None:
    (folder / "a.txt").touch()
    (folder / "b.txt").touch()
    run(library, folder)
    assert len(library.failures("papers")) == 2
    (folder / "a.txt").write_text("text", encoding="utf-8")
    (folder / "b.txt").unlink()
    run(library, folder)
    assert library.failures("papers") == ()


def test_a_missing_path_stops_it_before_anything_is_done(library: FakeLibrary, folder: Path) -> None:
    with pytest.raises(NotFound):
        run(library, folder, folder / "gone")
    assert library.entries == {}


def test_size_limit(library: FakeLibrary, folder: Path) -> None:
    report = run(library, folder, options=IngestOptions(most_megabytes=0))
    assert [failure.reason.split(" (")[0] for failure in report.failures] == ["is too large"] * 2


class SlowLibrary(FakeLibrary):
    """Embeds a few hundred chunks a second, as a good machine does."""

    def embed(self, texts: Sequence[str], embedder: str) -> NDArray[np.float32]:
        time.sleep(0.002 * len(texts))
        return super().embed(texts, embedder)


def test_progress_counts_up_to_its_totals(folder: Path) -> None:
    (folder / "long.txt").write_text("One sentence after the other. " * 20_000, encoding="utf-8")
    (folder / "empty.txt").touch()
    seen = [step for step in steps(SlowLibrary(), folder) if isinstance(step, Progress)]
    assert {"scanning", "reading", "embedding"} <= {step.stage for step in seen}
    work = [step for step in seen if step.stage != "scanning"]
    assert [step.bytes_done for step in work] == sorted(step.bytes_done for step in work)
    assert [step.chunks for step in work] == sorted(step.chunks for step in work)
    long = [step for step in work if step.path.endswith("long.txt")]
    assert len({step.bytes_done for step in long}) > 3
    assert long[-1].seconds_left is not None and long[-1].bytes_per_second is not None
    last = work[-1]
    assert last.failed is not None and last.failed.path.endswith("empty.txt")
    assert (last.files_done, last.files_total, last.failures, last.current) == (4, 4, 1, ())
    assert last.bytes_done == last.bytes_total > 0


def test_vectors_belong_to_their_chunks(folder: Path) -> None:
    class Counting(FakeLibrary):
        def embed(self, texts: Sequence[str], embedder: str) -> NDArray[np.float32]:
            return np.array([[len(text), 0] for text in texts], np.float32)

    library = Counting()
    (folder / "long.txt").write_text("".join(f"Sentence number {n * n}. " for n in range(4000)), encoding="utf-8")
    run(library, folder)
    for entry in library.entries["papers"].values():
        lengths = [len(entry.document.title) + 1 + len(chunk.text) for chunk in entry.chunks]
        assert entry.vectors[:, 0].tolist() == lengths


def test_texts_of_like_length_are_embedded_together(folder: Path) -> None:
    class Watching(SlowLibrary):
        texts: list[list[int]]

        def embed(self, texts: Sequence[str], embedder: str) -> NDArray[np.float32]:
            self.texts.append([tokens(text) for text in texts])
            return super().embed(texts, embedder)

    library = Watching()
    library.texts = []
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"{number}." + " word" * (1 + number * 7 % 60), encoding="utf-8")
    run(library, folder)
    assert sum(map(len, library.texts)) == 62
    assert max(map(len, library.texts)) > 8
    assert all(run == sorted(run) for run in library.texts)


def test_closing_stops_cleanly(folder: Path) -> None:
    library = SlowLibrary()
    for number in range(200):
        (folder / f"{number:03}.txt").write_text(f"File {number}. " * 300, encoding="utf-8")
    running = ingest([folder], "papers", cast(Library, library), IngestOptions())
    for step in running:
        if library.written and isinstance(step, Progress):
            break
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < 2
    stored = sum(library.written)
    assert 0 < stored < 202
    time.sleep(0.3)
    assert sum(library.written) == stored
    assert len(documents(library)) == stored
    assert counts(run(library, folder)) == (202 - stored, 0, 0, stored)


@pytest.mark.parametrize("what", ["a hanging parser", "a long batch"])
def test_closing_waits_for_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    class Endless(FakeLibrary):
        def embed(self, texts: Sequence[str], embedder: str) -> NDArray[np.float32]:
            time.sleep(3)
            return super().embed(texts, embedder)

    if what == "a hanging parser":
        (folder / "slow.html").write_text("<table><tr><td>a<td>b</table>" * 400_000, encoding="utf-8")
    library = Endless() if what == "a long batch" else FakeLibrary()
    running = ingest([folder], "papers", cast(Library, library), IngestOptions())
    for _ in zip(running, range(12), strict=False):
        pass
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < 2
    written = list(library.written)
    time.sleep(2 if what == "a long batch" else 0)
    assert library.written == written


def test_an_error_ends_everything_and_is_raised(folder: Path) -> None:
    class Full(FakeLibrary):
        def replace(self, collection: str, entries: Sequence[Entry]) -> None:
            raise DatabaseUnavailable("The disk is full.")

    with pytest.raises(DatabaseUnavailable, match="full"):
        run(Full(), folder)
    for thread in threading.enumerate():
        if thread.name.startswith("footnote-ingest"):
            thread.join(2)
            assert not thread.is_alive()


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pipeline.MOST", 5000)


def long_text(sentence: str = "Sentence number", paragraphs: int = 120) -> str:
    return "\n\n".join(f"{sentence} {n}. " * 10 for n in range(paragraphs))


@pytest.mark.usefixtures("small_parts")
def test_a_long_file_makes_several_documents(library: FakeLibrary, folder: Path) -> None:
    (folder / "long.txt").write_text(long_text(), encoding="utf-8")
    report = run(library, folder)
    assert counts(report) == (3, 0, 0, 0)
    parts = [entry for entry in library.entries["papers"].values() if entry.document.path.endswith("long.txt")]
    assert len(parts) > 3
    assert [part.document.part for part in parts] == list(range(1, len(parts) + 1))
    assert [part.document.title for part in parts[:2]] == ["long", "long (part 2)"]
    assert {part.part_of for part in parts[1:]} == {parts[0].document.id}
    assert [len(part.files) for part in parts] == [0] * (len(parts) - 1) + [1]
    whole = "".join(part.document.text for part in parts)
    assert "".join(whole.split()) == "".join(long_text().split())
    assert report.chunks == sum(len(entry.chunks) for entry in library.entries["papers"].values())


@pytest.mark.usefixtures("small_parts")
def test_a_long_file_goes_on_where_it_was_stopped(folder: Path) -> None:
    library = SlowLibrary()
    (folder / "long.txt").write_text(long_text(), encoding="utf-8")
    running = ingest([folder], "papers", cast(Library, library), IngestOptions())
    for _ in running:
        if len(library.entries.get("papers", {})) > 4:
            break
    running.close()
    stored = dict(library.entries["papers"])
    report = run(library, folder)
    assert report.added + report.unchanged == 3
    for identity, entry in stored.items():
        assert library.entries["papers"][identity].vectors is entry.vectors  # neither embedded nor written again
    assert report.chunks == sum(len(e.chunks) for i, e in library.entries["papers"].items() if i not in stored)


@pytest.mark.usefixtures("small_parts")
def test_what_was_begun_goes_when_its_file_does(folder: Path) -> None:
    library = SlowLibrary()
    (folder / "long.txt").write_text(long_text(), encoding="utf-8")
    running = ingest([folder / "long.txt"], "papers", cast(Library, library), IngestOptions())
    for _ in running:
        if library.written:
            break
    running.close()
    assert library.entries["papers"]
    (folder / "long.txt").unlink()
    run(library, folder)
    assert set(documents(library)) == {"lease.md", "保修.txt"}
