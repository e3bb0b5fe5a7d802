"""The story of a folder, told to a library in memory."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.pipeline import IngestOptions, ingest
from ingest.progress import Progress, Report
from storage.errors import NotFound
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
    first = run(library, folder)
    assert counts(first) == (2, 0, 0, 0)
    assert first.chunks == 2
    assert library.written == [2]
    before = dict(library.entries["papers"])
    assert counts(run(library, folder)) == (0, 0, 0, 2)
    assert library.entries["papers"] == before
    assert library.written == [2]


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
    (folder / "lease.md").write_text("# Lease\n\nThe rent is 900 euros.", encoding="utf-8")
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


def test_progress_counts_up_to_its_totals(library: FakeLibrary, folder: Path) -> None:
    (folder / "long.txt").write_text("One sentence after the other. " * 4000, encoding="utf-8")
    (folder / "empty.txt").touch()
    seen = [step for step in steps(library, folder) if isinstance(step, Progress)]
    assert {step.stage for step in seen} == {"scanning", "reading", "embedding", "writing"}
    work = [step for step in seen if step.stage != "scanning"]
    assert [step.bytes_done for step in work] == sorted(step.bytes_done for step in work)
    assert [step.chunks for step in work] == sorted(step.chunks for step in work)
    assert len([step for step in work if step.path.endswith("long.txt")]) > 10
    assert work[-1].files_total == 4
    assert work[-1].bytes_done == work[-1].bytes_total


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


def test_closing_stops_cleanly(library: FakeLibrary, folder: Path) -> None:
    for number in range(200):
        (folder / f"{number:03}.txt").write_text(f"File {number}. " * 30, encoding="utf-8")
    running = ingest([folder], "papers", cast(Library, library), IngestOptions())
    for step in running:
        if library.written and isinstance(step, Progress) and step.stage == "embedding":
            break
    running.close()  # type: ignore[attr-defined]
    stored = sum(library.written)
    assert 0 < stored < 202
    assert len(documents(library)) == stored
    assert counts(run(library, folder)) == (202 - stored, 0, 0, stored)
