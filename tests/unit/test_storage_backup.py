"""A backup holds what cannot be made again, and comes back whole or not at all."""

import json
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from storage.backup import Manifest, Step, backup, silent
from storage.database import Database, migrate
from storage.errors import BadSettings, FootnoteError, UnreadableFile
from storage.files import Filing
from storage.records import File
from storage.restore import read
from storage.restore import restore as put_back
from storage.schema import REVISION
from tests.unit.test_storage_library import Place

Members = dict[str, bytes]


def restore(file: Path, database: Database, home: Path, progress: Callable[[Step], None] = silent) -> str:
    """With any settings."""
    return put_back(file, database, home, lambda text: None, progress)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folder = tmp_path / "place"
    (folder / "uploads" / "c").mkdir(parents=True)
    (folder / "uploads" / "c" / "old.txt").write_text("old upload", encoding="utf-8")
    (folder / "settings.toml").write_text("# mine\n", encoding="utf-8")
    made = Place(folder)
    made.put("old.txt", "old words about apples")
    return made


@pytest.fixture
def file(place: Place, tmp_path: Path) -> Path:
    """A backup of the place."""
    backup(place.database, home(place), tmp_path / "b.zip")
    return tmp_path / "b.zip"


def home(place: Place) -> Path:
    return place.folder.parent


def changed(file: Path, change: Callable[[Members], None]) -> Path:
    """The same backup with other members, written as a program would that knows the format."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    other = file.with_name("other.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return other


def listed(members: Members) -> None:
    """Make the manifest tell what the members are."""
    told = json.loads(members["manifest.json"])
    told["parts"] = [
        {"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
        for name, content in members.items()
        if name != "manifest.json"
    ]
    members["manifest.json"] = json.dumps(told).encode()


def with_database(change: Callable[[sqlite3.Connection], object]) -> Callable[[Members], None]:
    def apply(members: Members) -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(members["database.sqlite"])
            change(connection)
            connection.commit()
            members["database.sqlite"] = connection.serialize()
        listed(members)

    return apply


def test_a_backup_comes_back_whole(place: Place, file: Path) -> None:
    manifest = read(file)
    assert [part.name for part in manifest.parts] == ["database.sqlite", "settings.toml", "uploads/c/old.txt"]
    assert manifest.revision == REVISION and abs((datetime.now(UTC) - manifest.created).total_seconds()) < 60
    place.put("new.txt", "new words about pears")
    place.library.remove([d.id for d in place.library.documents() if d.title == "old.txt"])
    (home(place) / "uploads" / "c" / "old.txt").unlink()
    (home(place) / "uploads" / "new.txt").write_text("new", encoding="utf-8")
    assert restore(file, place.database, home(place)) == "# mine\n"
    assert [d.title for d in place.library.documents()] == ["old.txt"]
    uploads = home(place) / "uploads"
    assert [p.relative_to(uploads).as_posix() for p in uploads.rglob("*.txt")] == ["c/old.txt"]
    assert not list(home(place).glob(".restore-*")) and not list(home(place).glob("**/.backup-*"))


def test_after_a_restore_the_old_is_found_and_the_new_is_not(place: Place, file: Path) -> None:
    assert place.found("apples") == {"old words about apples"}
    place.library.remove([d.id for d in place.library.documents()])
    place.put("new.txt", "new words about pears")
    assert place.found("apples pears") == {"new words about pears"}
    other = Place(home(place))  # another process, with its own idea of the indexes
    assert other.found("apples pears") == {"new words about pears"}
    restore(file, place.database, home(place))
    assert place.found("apples pears") == {"old words about apples"} == other.found("apples pears")
    place.indexes.forget()
    assert place.found("apples pears") == {"old words about apples"}


def test_a_generation_never_comes_twice(place: Place, file: Path) -> None:
    """Else an index of the time after the backup would be taken for one of the time after the restore."""
    for number in range(3):
        place.put(f"{number}.txt", f"words of number {number}")
    before = place.library.collections()[0].generation
    place.found("words")
    restore(file, place.database, home(place))
    assert place.library.collections()[0].generation > before


def test_what_was_there_before_is_kept_as_a_backup(place: Place, file: Path) -> None:
    place.put("new.txt", "new words about pears")
    restore(file, place.database, home(place))
    (kept,) = (home(place) / "backups").glob("before-*.zip")
    restore(kept, place.database, home(place))
    assert {d.title for d in place.library.documents()} == {"old.txt", "new.txt"}


def test_connections_that_are_open_see_the_restored_database(place: Place, file: Path) -> None:
    place.put("new.txt", "new words about pears")
    with closing(sqlite3.connect(home(place) / "f.sqlite")) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM documents").fetchone() == (2,)
        restore(file, place.database, home(place))  # which does not wait for who reads
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM documents").fetchone() == (1,)
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_copy_is_consistent_while_others_write(place: Place, tmp_path: Path) -> None:
    """Each transaction puts in a document with two chunks; a copy never holds half of one, nor begins anew forever."""
    stop, number = threading.Event(), 0

    def write() -> None:
        nonlocal number
        while not stop.is_set():
            number += 1
            place.put(f"{number}.txt", f"first part of {number} " * 40, f"second part of {number} " * 40)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(5):
            backup(place.database, home(place), tmp_path / "busy.zip")
    finally:
        stop.set()
        writer.join()
    with zipfile.ZipFile(tmp_path / "busy.zip") as archive, closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(archive.read("database.sqlite"))
        documents, chunks = (
            copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("documents", "chunks")
        )
    assert documents > 1 and chunks == 2 * documents - 1  # the first one has a single chunk


def test_progress_is_told_and_can_end_it(place: Place, file: Path, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    steps: list[Step] = []
    backup(place.database, home(place), tmp_path / "c.zip", steps.append)
    restore(file, place.database, home(place), steps.append)
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["copying", "packing", "checking", "keeping", "restoring"]
    assert all(0 <= step.done <= step.total for step in steps) and steps[-1].done == steps[-1].total
    place.put("new.txt", "new words about pears")
    uploads = [p.name for p in (home(place) / "uploads").rglob("*")]
    for stage in stages:

        def ending(step: Step, stage: str = stage) -> None:
            if step.stage == stage and step.done < step.total:
                raise Cancelled

        small = 1  # so that there is a step before the last of each stage
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("storage.backup.PAGES", small)
            patch.setattr("storage.backup.PIECE", 4096)
            patch.setattr("storage.restore.PIECE", 4096)
            with pytest.raises(Cancelled):
                if stage in ("copying", "packing"):
                    backup(place.database, home(place), tmp_path / "d.zip", ending)
                else:
                    restore(file, place.database, home(place), ending)
        assert {d.title for d in place.library.documents()} == {"old.txt", "new.txt"}
        assert [p.name for p in (home(place) / "uploads").rglob("*")] == uploads
        assert not (tmp_path / "d.zip").exists()
        assert not [p for p in tmp_path.rglob(".*") if p.name.startswith((".backup", ".restore", ".d.zip"))]


def test_links_and_files_that_are_being_written_stay_out(place: Place, tmp_path: Path) -> None:
    uploads = home(place) / "uploads"
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (uploads / "link.txt").symlink_to(tmp_path / "secret.txt")
    (uploads / ".big.pdf.part").write_text("half", encoding="utf-8")
    manifest = backup(place.database, home(place), tmp_path / "b.zip")
    assert [part.name for part in manifest.parts if part.name.startswith("uploads")] == ["uploads/c/old.txt"]


def test_files_that_are_attached_to_a_conversation_come_back(place: Place, tmp_path: Path) -> None:
    attached = home(place) / "uploads" / ".attached" / "c1"
    attached.mkdir(parents=True)
    (attached / "note.txt").write_text("mine", encoding="utf-8")
    (attached / ".half.txt.part").write_text("half", encoding="utf-8")
    file = tmp_path / "b.zip"
    backup(place.database, home(place), file)
    shutil.rmtree(attached)
    restore(file, place.database, home(place))
    assert [path.name for path in attached.iterdir()] == ["note.txt"]


def test_on_another_machine_the_dropped_files_lie_in_its_own_folder(place: Place, tmp_path: Path) -> None:
    dropped = home(place) / "uploads" / "c" / "old.txt"
    (document,) = place.library.documents()
    place.library.refile("c", Filing(moved=((document.path, File(str(dropped), "x", 1, None)),)))
    for folder in (dropped.parent, tmp_path / "elsewhere"):
        place.library.folders.link("c", str(folder), exclude=["*.log"])
    backup(place.database, home(place), tmp_path / "b.zip")
    there = tmp_path / "there"
    there.mkdir()
    database = Database(f"sqlite:///{there / 'f.sqlite'}")
    restore(tmp_path / "b.zip", database, there)
    with closing(sqlite3.connect(there / "f.sqlite")) as connection:
        ((path,),) = connection.execute("SELECT path FROM documents").fetchall()
        assert connection.execute("SELECT path FROM files").fetchall() == [(path,)]
        folders = connection.execute("SELECT path, exclude FROM folders ORDER BY path").fetchall()
        moved, kept = (str(Path(path).parent), '["*.log"]'), (str(tmp_path / "elsewhere"), '["*.log"]')
        assert folders == sorted([moved, kept])
    assert Path(path) == there / "uploads" / "c" / "old.txt" and Path(path).read_text(encoding="utf-8") == "old upload"
    database.close()


def test_a_backup_of_an_earlier_version_is_migrated(place: Place, tmp_path: Path) -> None:
    migrate(place.database.engine, "0003")
    backup(place.database, home(place), tmp_path / "old.zip")
    migrate(place.database.engine)
    assert read(tmp_path / "old.zip").revision == "0003"
    place.put("new.txt", "new words about pears")
    restore(tmp_path / "old.zip", place.database, home(place))
    assert [d.title for d in place.library.documents()] == ["old.txt"]


def edited(**values: object) -> Callable[[Members], None]:
    def apply(members: Members) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | values).encode()

    return apply


def added(name: str, content: bytes = b"x") -> Callable[[Members], None]:
    def apply(members: Members) -> None:
        members[name] = content
        listed(members)

    return apply


def without_manifest(members: Members) -> None:
    del members["manifest.json"]


def altered(members: Members) -> None:
    members["uploads/c/old.txt"] = b"bad upload"  # of the same length


def dropped(members: Members) -> None:
    del members["uploads/c/old.txt"]


def bomb(members: Members) -> None:
    members["uploads/zeros"] = bytes(150_000_000)
    listed(members)


def broken(members: Members) -> None:
    content = bytearray(members["database.sqlite"])
    content[4096 * 2 : 4096 * 6] = b"\xff" * (4096 * 4)
    members["database.sqlite"] = bytes(content)
    listed(members)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (without_manifest, "no backup of Footnote"),
        (edited(format=2), "newer Footnote"),
        (edited(revision="9999"), "newer Footnote"),
        (edited(revision="../x"), "newer Footnote"),
        (edited(created="yesterday"), "list of parts"),
        (edited(parts=[1]), "list of parts"),
        (edited(more="x"), "list of parts"),
        (edited(parts=[]), "does not hold what it lists"),
        (dropped, "does not hold what it lists"),
        (altered, "not as it was packed"),
        (added("uploads/../../evil.txt"), "a backup never has"),
        (added("/etc/evil"), "a backup never has"),
        (added("uploads//evil"), "a backup never has"),
        (added("uploads/C:evil"), "a backup never has"),
        (added("uploads\\\\evil"), "a backup never has"),
        (added("indexes/evil"), "a backup never has"),
        (added("uploads/.hidden"), "a backup never has"),
        (added("uploads/.attached/.hidden"), "a backup never has"),
        (added("uploads"), "a backup never has"),
        (added("database.sqlite", b"no database at all"), "cannot be read"),
        (bomb, "far more than a backup"),
        (broken, "damaged"),
        (with_database(lambda c: c.execute("UPDATE alembic_version SET version_num = '0003'")), "not one of Footnote"),
        (with_database(lambda c: c.execute("CREATE VIEW v AS SELECT 1")), "not one of Footnote"),
        (
            with_database(lambda c: c.execute("CREATE TRIGGER x AFTER INSERT ON chunks BEGIN SELECT 1; END")),
            "not one of Footnote",
        ),
        (with_database(lambda c: c.execute("CREATE VIRTUAL TABLE v USING fts5(a)")), "not one of Footnote"),
        (with_database(lambda c: c.execute("DROP TABLE alembic_version")), "cannot be read"),
    ],
)
def test_what_is_no_good_backup_is_refused_and_changes_nothing(
    place: Place, file: Path, change: Callable[[Members], None], says: str, tmp_path: Path
) -> None:
    other = changed(file, change)
    place.put("new.txt", "new words about pears")
    with pytest.raises(UnreadableFile, match=says) as caught:
        restore(other, place.database, home(place))
    assert "\n" not in str(caught.value)
    assert {d.title for d in place.library.documents()} == {"old.txt", "new.txt"}
    assert (home(place) / "uploads" / "c" / "old.txt").read_text(encoding="utf-8") == "old upload"
    assert not (home(place) / "backups").exists() and not list(tmp_path.rglob("evil*"))


def test_a_link_in_a_backup_is_refused(place: Place, file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    added("uploads/link", b"/etc/passwd")(members)
    link = zipfile.ZipInfo("uploads/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(link if name == "uploads/link" else name, content)
    with pytest.raises(UnreadableFile, match="a backup never has"):
        restore(file, place.database, home(place))


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_archive_is_refused(place: Place, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(UnreadableFile, match="damaged or no backup"):
        restore(tmp_path / "x.zip", place.database, home(place))


def test_a_backup_cut_anywhere_is_refused(place: Place, file: Path, tmp_path: Path) -> None:
    whole = file.read_bytes()
    for share in (0.1, 0.5, 0.9, 0.99):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(UnreadableFile):
            restore(cut, place.database, home(place))
    with pytest.raises(UnreadableFile, match="no backup"):
        read(tmp_path / "nowhere.zip")


def test_without_room_nothing_is_unpacked(place: Place, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))  # type: ignore[attr-defined]
    with pytest.raises(BadSettings, match="MB of disk"):
        restore(file, place.database, home(place))


def test_where_it_cannot_be_written_it_says_so(place: Place, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(BadSettings, match="cannot be written"):
        backup(place.database, home(place), tmp_path / "taken" / "b.zip")


def test_a_server_s_database_is_left_to_its_own_tools(place: Place, tmp_path: Path) -> None:
    class Elsewhere:
        name = "postgresql://me@host/footnote"

        class engine:
            class dialect:
                name = "postgresql"

    for work in (
        lambda: backup(Elsewhere(), home(place), tmp_path / "b.zip"),  # type: ignore[arg-type]
        lambda: restore(tmp_path / "b.zip", Elsewhere(), home(place)),  # type: ignore[arg-type]
    ):
        with pytest.raises(FootnoteError, match="pg_dump"):
            work()


def test_a_manifest_reads_as_it_was_dumped(file: Path) -> None:
    manifest = read(file)
    assert isinstance(manifest, Manifest) and json.loads(manifest.dumped())["footnote"] == manifest.footnote
    assert json.loads(replace(manifest, uploads="x").dumped())["uploads"] == "x"


def test_settings_that_are_not_accepted_end_it_before_anything_changes(place: Place, file: Path) -> None:
    def accept(text: str) -> None:
        assert text == "# mine\n"
        raise BadSettings("not these")

    place.put("new.txt", "new words about pears")
    with pytest.raises(BadSettings, match="not these"):
        put_back(file, place.database, home(place), accept)
    assert {d.title for d in place.library.documents()} == {"old.txt", "new.txt"}
    with pytest.raises(UnreadableFile, match="settings are no text"):
        restore(changed(file, added("settings.toml", b"\xff\xfe")), place.database, home(place))
