"""The library page: bring in, watch, look, remove."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

import ui.web.parts
from tests.fakes import OtherEmbedder
from tests.web.conftest import APP
from tests.web.test_chat import html, texts
from ui.app import App


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=20)
    at.run()
    return at.switch_page("library.py").run()


def wait(at: AppTest) -> AppTest:
    job = ui.web.parts.parts().jobs.ingesting
    assert job and job.wait(30)
    return at.run()


def test_a_folder_is_ingested_by_its_path(app: App, documents: Path) -> None:
    at = opened()
    at.text_input(key="path").set_value(f'"{documents}"')
    next(each for each in at.button if each.label == "Add to library").click().run()
    wait(at)
    assert "3 added" in texts(at)
    assert {each.title for each in app.library.documents("default")} >= {"Warranty", "员工手册"}
    at.button(key="dismiss").click().run()
    assert "3 added" not in texts(at)


def test_dropped_files_are_copied_and_ingested(app: App) -> None:
    at = opened()
    at.file_uploader(key="files").set_value(("../notes.txt", b"The boat sails on Friday.\n", "text/plain"))
    next(each for each in at.button if each.label == "Add files").click().run()
    wait(at)
    (document,) = app.library.documents("default")
    assert Path(document.path) == app.settings.home / "uploads" / "default" / "notes.txt"


def test_a_path_that_is_not_there_is_one_line(app: App) -> None:
    at = opened()
    at.text_input(key="path").set_value("/nowhere/at/all")
    next(each for each in at.button if each.label == "Add to library").click().run()
    wait(at)
    assert len(at.error) == 1 and "nowhere" in at.error[0].value


def test_files_that_cannot_be_read_are_listed_with_their_reasons(app: App, documents: Path) -> None:
    (documents / "<broken>.pdf").write_bytes(b"no pdf")
    list(app.ingest([documents], "default"))
    at = opened()
    assert "&lt;broken&gt;.pdf" in html(at)
    assert any("1 file could not be read" in each.label for each in at.expander)


def test_a_document_shows_its_text(filled: App) -> None:
    (info,) = [each for each in filled.library.documents() if each.title == "员工手册"]
    at = opened()
    at.button(key=f"open-{info.id}").click().run()
    assert "年假须提前两周申请" in html(at)


def test_removing_asks_first_and_leaves_the_persons_own_file(filled: App) -> None:
    info = filled.library.documents()[0]
    at = opened()
    at.button(key=f"remove-{info.id}").click().run()
    assert info.id in {each.id for each in filled.library.documents()}
    at.button(key="confirm").click().run()
    assert info.id not in {each.id for each in filled.library.documents()}
    assert Path(info.path).exists()


def test_a_collection_can_be_removed(filled: App) -> None:
    at = opened()
    at.button(key="drop-collection").click().run()
    at.button(key="confirm").click().run()
    assert filled.library.collections() == ()


def test_the_filter_narrows_the_list(filled: App, documents: Path) -> None:
    for number in range(6):
        (documents / f"more{number}.txt").write_text(f"Text number {number}.", encoding="utf-8")
    list(filled.ingest([documents], "default"))
    at = opened()
    at.text_input(key="filter").set_value("more3").run()
    shown = {each.id: f"open-{each.id}" for each in filled.library.documents()}
    keys = {each.key for each in at.button}
    assert [name for id, name in shown.items() if name in keys] == [
        f"open-{each.id}" for each in filled.library.documents() if each.path.endswith("more3.txt")
    ]


def test_the_server_goes_on_with_a_reembedding_at_its_start(filled: App) -> None:
    filled.embedders.use(OtherEmbedder())  # type: ignore[arg-type]
    assert filled.outdated() == ("default",)
    job = ui.web.parts.parts().jobs.reembedding
    assert job and job.wait(10) and job.error == ""
    assert filled.outdated() == ()
