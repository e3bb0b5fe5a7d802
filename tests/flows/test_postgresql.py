"""The same library and history on PostgreSQL: a server of its own, on a socket in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import schema as t
from storage.conversations import Conversations
from storage.database import Database, migrate
from storage.files import Filing
from storage.listing import Listing, Wanted
from storage.records import Failure, Filter
from tests.conftest import missing
from tests.fakes import FakeEmbedder, OtherEmbedder, fake_embedders
from tests.unit.test_storage_conversations import CITED, HIT, message
from tests.unit.test_storage_entries import Shelf
from tests.unit.test_storage_files import file, paths, put_parts
from tests.unit.test_storage_files import put as put_shared
from tests.unit.test_storage_insights import history, overview
from tests.unit.test_storage_library import Place
from tests.unit.traces import TRACE


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) if os.name == "posix" else []
    if not found:
        missing("PostgreSQL", "run make setup-system")
    folder = Path(tempfile.mkdtemp(prefix="footnote-pg-", dir="/tmp"))  # short: a socket's path may have 107 characters
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    tool, log = [*as_user, str(found[-1].parent / "pg_ctl"), "-D", str(folder / "data")], str(folder / "log")
    control = [*tool, "-w", "-t", "300", "-l", log]
    create = ["-U", "test", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([*as_user, str(found[-1]), "-D", str(folder / "data"), *create], check=True, capture_output=True)
    options = f"-p 54329 -k {folder} -c listen_addresses='' -c fsync=off"
    subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL)
    yield f"postgresql+psycopg://test@/postgres?host={folder}&port=54329"
    subprocess.run([*control, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder)


@pytest.fixture
def place(url: str, tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path, url=url)
    yield place
    place.indexes.close()
    migrate(place.database.engine, back_to="base")
    place.database.close()


def test_documents_are_stored_found_replaced_and_removed(place: Place) -> None:
    first = place.put("年假.txt", "员工每年有十天年假", "blue whales sing")
    assert place.library.document(first.id) == first
    assert "员工每年有十天年假" in place.found("年假有几天")
    place.put("年假.txt", "whales dive")
    assert place.found("whales") == {"whales dive"}
    place.library.remove([first.id])
    assert place.found("whales") == set()


def test_files_share_documents_move_and_go(place: Place) -> None:
    id = put_shared(place, "a.txt", "b.txt")
    other = put_shared(place, "c.txt", text="two")
    swap = (("/docs/a.txt", file("c.txt")), ("/docs/c.txt", file("a.txt", "two")))
    place.library.refile("c", Filing(moved=swap, dropped=("/docs/b.txt",), touched=(file("a.txt", "two", named=True),)))
    assert paths(place) == {id: ("c.txt",), other: ("a.txt",)}
    place.library.refile("c", Filing(joined=((id, file("a.txt")),)))
    assert paths(place) == {id: ("a.txt", "c.txt")}
    assert place.library.document("/docs/a.txt").id == place.library.document("c.txt").id == id
    assert Listing(place.database).ids("c", Wanted("a.txt", Filter(folder="/docs"))) == (id,)
    ids = put_parts(place, "long.txt", "one", "two", "three")
    assert put_parts(place, "long.txt", "four") == ids[:1] and place.library.unfinished("c") == {}
    place.library.fail("c", [Failure("/docs/x.pdf", "is damaged")], {"/docs/x.pdf": (1, 2)})
    assert place.library.failed("c") == {"/docs/x.pdf": (1, 2)}
    place.library.folders.link("c", "/docs", exclude=["*.log"])
    place.library.folders.synced("c", "/docs")
    assert place.library.folders.folders()[0].exclude == ("*.log",)
    place.library.remove_collection("c")
    assert place.library.folders.folders() == () and place.library.documents() == ()


def test_a_collection_is_embedded_anew_while_documents_come_and_go(place: Place, url: str, tmp_path: Path) -> None:
    gone = place.put("a.txt", "whales sing", "whales dive")
    beside = Place(tmp_path / "beside", fake_embedders(OtherEmbedder(), FakeEmbedder()), url)
    steps = beside.library.reembed("c", batch=1)
    next(steps), next(steps)
    place.library.remove([gone.id])
    place.put("b.txt", "whales play", "whales eat")
    assert place.found("whales") == {"whales play", "whales eat"}
    assert list(steps)[-1] == (2, 2)
    place.embedders.use(beside.embedders.in_use)
    assert place.library.embedder("c") == "other-embedder"
    assert place.found("whales") == beside.found("whales") == {"whales play", "whales eat"}
    with place.database.reading() as connection:
        assert connection.execute(t.staged.select()).all() == []
    beside.indexes.close()
    beside.database.close()


def test_history_reads_the_same(place: Place) -> None:
    conversations = Conversations(place.database)
    started = conversations.start("t", "c")
    answer = message(
        "a", "assistant", "年假有十天。", found=True, citations=(CITED,), hits=(HIT,), unsupported=((1, 2),),
        trace=TRACE,
    )  # fmt: skip
    bare = message("b", "assistant", "x")
    conversations.append(started.id, answer)
    conversations.append(started.id, bare)
    assert conversations.conversation(started.id).messages == (answer, bare)
    assert [found.message_id for found in conversations.search("年假")] == ["a"]


def test_migrating_down_and_up_again_leaves_no_rest(place: Place) -> None:
    place.put("a.txt", "one")
    migrate(place.database.engine, back_to="base")
    migrate(place.database.engine)
    with place.database.reading() as connection:
        assert connection.execute(t.documents.select()).all() == []


def test_opening_a_server_that_is_not_there_is_one_line() -> None:
    from storage.errors import DatabaseUnavailable

    with pytest.raises(DatabaseUnavailable, match="Check that it can be reached"):
        Database("postgresql+psycopg://nobody@127.0.0.1:9/none")


def test_the_history_tells_the_same(place: Place) -> None:
    names = history(place.database)
    told = overview(place.database)
    assert (told.questions, told.outcomes, [gap.title for gap in told.gaps]) == (5, (2, 1, 1, 1), ["手册"])
    assert [gap.conversation_id for gap in told.gaps] == [names["lost"]]
    assert [(each.document_id, each.answers, each.here) for each in told.cited] == [("d1", 1, False), ("d2", 1, False)]
    assert [each.comment for each in told.rated] == ["just so"]


def test_the_parts_of_a_changed_file_take_the_place_of_the_old(url: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, url)
    shelf.put(shelf.entries(["old", "second old"]))
    shelf.library.tag("x", ["mine"])
    *begun, last = shelf.entries(["new", "second new", "third new"], "y", "x")
    shelf.put(begun)
    assert [known.file.sha256 for known in shelf.library.known("c")] == ["old"]
    shelf.put([last])
    assert shelf.texts() == [("x", 1, "new"), ("y-2", 2, "second new"), ("y-3", 3, "third new")]
    assert {info.tags for info in shelf.library.documents("c")} == {("mine",)}
    assert shelf.found("new") == {"new", "second new", "third new"}
    shelf.indexes.close()
    migrate(shelf.database.engine, back_to="base")
    shelf.database.close()
