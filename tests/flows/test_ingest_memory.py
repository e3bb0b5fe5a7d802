"""However large a file is, bringing it in takes no more memory than a few of its parts."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MOST = 1_500_000_000  # bytes, of all processes together
# An ingest into a library of its own, by an embedder that costs nothing, so that only the rest of the work counts.
SCRIPT = """
import sys
from pathlib import Path
from ingest.pipeline import IngestOptions, ingest
from storage.database import Database
from storage.library import Library
from tests.fakes import FakeEmbedder, fake_embedders

class Quick(FakeEmbedder):
    dimension = 384
    vector = [384 ** -0.5] * 384
    def embed_documents(self, texts):
        return [self.vector] * len(texts)

library = Library(Database("sqlite:///" + sys.argv[2]), fake_embedders(Quick()))
*_, report = ingest([Path(sys.argv[1])], "big", library, IngestOptions())
print(report.added, len(report.failures), report.chunks)
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="measures as Linux does"),
]


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += tree(int(child))
    return found


def resident(pid: int) -> int:
    """Bytes that a process and all below it hold now; what they share is counted for each."""
    total = 0
    for each in tree(pid):
        try:
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
    return total


def most_memory(path: Path, home: Path) -> tuple[int, int]:
    """The most that was held while the file was brought in, and how many chunks it made."""
    command = [sys.executable, "-c", SCRIPT, str(path), str(home / "big.sqlite")]
    most = 0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            most = max(most, resident(process.pid))
            time.sleep(0.05)
        assert process.stdout is not None
        added, failures, chunks = map(int, process.stdout.read().split())
    assert (process.returncode, added, failures) == (0, 1, 0)
    return most, chunks


def write_text(path: Path, size: int) -> None:
    dice = random.Random(5)
    words = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 9))) for _ in range(5000)]
    block = "\n\n".join(" ".join(dice.choices(words, k=90)) + "." for _ in range(2000))
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            file.write(f"{file.tell()} {block}\n\n")
    os.utime(path, (1e9, 1e9))


def test_a_large_text(tmp_path: Path) -> None:
    megabytes = int(os.environ.get("LARGE_MEGABYTES", "200"))
    write_text(tmp_path / "large.txt", megabytes * 1_000_000)
    began = time.monotonic()
    most, chunks = most_memory(tmp_path / "large.txt", tmp_path)
    print(f"{megabytes} MB: {chunks} chunks, {most / 1e6:.0f} MB, {time.monotonic() - began:.0f} s")  # noqa: T201
    assert chunks > megabytes * 1000
    assert most < MOST


def test_a_text_without_any_line_end(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_text("word " * 10_000_000, encoding="utf-8")
    most, chunks = most_memory(tmp_path / "line.txt", tmp_path)
    assert chunks > 50_000
    assert most < MOST


def test_a_pdf_of_1500_pages(tmp_path: Path) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "long.pdf"))
    for page in range(1500):
        for line in range(50):
            canvas.drawString(60, 780 - 14 * line, f"Page {page}, line {line}, says what it says about {page * line}.")
        canvas.showPage()
    canvas.save()
    most, chunks = most_memory(tmp_path / "long.pdf", tmp_path)
    assert chunks > 1500
    assert most < MOST
