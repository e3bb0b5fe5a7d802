"""The command is stopped or killed, at any moment, and run again: nothing is half there, nothing is there twice."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import schema as t
from storage.database import Database
from storage.models import bert, e5, graph
from tests import tiny_e5

ROOT = Path(__file__).parent.parent.parent
PART = 20_000
# The real command, with parts so small that a file of a test makes several.
COMMAND = f"import ingest.pipeline; ingest.pipeline.MOST = {PART}; from ui.cli import main; main()"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny-e5")
    model = e5.read(tiny_e5.write(folder / "tiny.bin"))
    bert.write(model, folder)
    graph.save(model.shape, model.tensors, folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(60):
        text = "\n\n".join(f"Rock layer {number}.{n} lies above another one. " * 8 for n in range(8))
        (folder / f"{number:02}.md").write_text(f"# Layer {number}\n\n{text}", encoding="utf-8")
    long = "\n\n".join(f"Layer {n} is the one below layer {n + 1}. " * 8 for n in range(1500))
    (folder / "30 long.txt").write_text(long, encoding="utf-8")
    (folder / "40 bad.pdf").write_bytes(b"%PDF-1.4 of no use")
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))  # else each run waits for what may still be written
    return folder


def begin(home: Path, embedder: Path, folder: Path) -> "subprocess.Popen[bytes]":
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(f"embedder = {json.dumps(str(embedder))}\n", encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "ingest", str(folder), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
        env={**os.environ, "FOOTNOTE_HOME": str(home), "PYTHONPATH": str(ROOT)},
    )


def finish(home: Path, embedder: Path, folder: Path) -> dict[str, object]:
    with begin(home, embedder, folder) as process:
        out, errors = process.communicate(timeout=300)
    assert process.returncode in (0, 1), errors.decode()
    report: dict[str, object] = json.loads(out)
    return report


def everything(home: Path) -> tuple[object, ...]:
    """All that an ingest writes, but for the times."""
    d, c, f = t.documents.c, t.chunks.c, t.files.c
    database = Database(f"sqlite:///{home / 'footnote.sqlite'}")
    with database.reading() as connection:
        content = tuple(
            connection.execute(query).all()
            for query in (
                select(d.id, d.path, d.part, d.part_of, d.text).order_by(d.path, d.part),
                select(c.id, c.document_id, c.position, c.start, c.end).order_by(c.document_id, c.position),
                select(f.path, f.document_id, f.sha256).order_by(f.path),
                select(t.failures.c.path, t.failures.c.reason),
            )
        )
    database.close()
    return content


def assert_nothing_is_half_there(home: Path, whole: tuple[object, ...]) -> int:
    """Every document is as in a run that nobody has killed, with all of its chunks. Returns how many there are."""
    if not (home / "footnote.sqlite").exists():
        return 0
    now = everything(home)
    for part, of_all in zip(now, whole, strict=True):
        assert set(part) <= set(of_all)  # type: ignore[call-overload]
    documents, chunks, *_ = now
    ids = {row.id for row in documents}  # type: ignore[attr-defined]
    assert {row.document_id for row in chunks} == ids  # type: ignore[attr-defined]
    expected = [row for row in whole[1] if row.document_id in ids]  # type: ignore[attr-defined]
    assert len(expected) == len(chunks)  # type: ignore[arg-type]
    return len(ids)


def stored(home: Path) -> int:
    """How many documents there are, as somebody sees it who looks while the command runs."""
    try:
        with closing(sqlite3.connect(f"file:{home / 'footnote.sqlite'}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


@pytest.mark.parametrize("seed", range(2))
def test_killed_again_and_again(tmp_path: Path, embedder: Path, folder: Path, seed: int) -> None:
    report = finish(tmp_path / "calm", embedder, folder)
    assert (report["added"], len(report["failures"])) == (61, 1)  # type: ignore[arg-type]
    whole = everything(tmp_path / "calm")
    home, dice, there = tmp_path / "home", random.Random(seed), 0
    with begin(home, embedder, folder) as process:
        time.sleep(dice.uniform(0.5, 2.0))  # while it starts, or makes its tables
        process.kill()
    for _ in range(5):
        until = there + dice.randint(1, 20)
        with begin(home, embedder, folder) as process:
            while process.poll() is None and stored(home) < until:
                time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.2))
            process.kill()
        now = assert_nothing_is_half_there(home, whole)
        assert now >= there  # nothing that was stored is lost
        there = now
    finish(home, embedder, folder)
    assert everything(home) == whole
    assert finish(home, embedder, folder)["unchanged"] == 61


def test_ctrl_c_ends_it_within_two_seconds(tmp_path: Path, embedder: Path, folder: Path) -> None:
    home = tmp_path / "home"
    with begin(home, embedder, folder) as process:
        while process.poll() is None and stored(home) < 10:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: all that belongs to the command hears it
        began = time.monotonic()
        process.wait(60)
        assert time.monotonic() - began < 10  # two where nothing else runs, and some for the interpreter's end
    assert process.returncode == 130
    there = stored(home)
    assert 10 <= there < 100
    assert {Path(row.path).name for row in everything(home)[3]} <= {"40 bad.pdf"}  # type: ignore[attr-defined]
    report = finish(home, embedder, folder)
    assert report["added"] + report["unchanged"] == 61  # type: ignore[operator]
