"""The library page: bring in, watch, find, look, ask, mend, remove."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui.web.parts
from ingest.progress import Progress
from storage.records import Failure
from tests.fakes import OtherEmbedder
from tests.waiting import until
from tests.web.conftest import APP, asked
from tests.web.test_chat import html
from ui.app import App


def opened() -> AppTest:
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.run()
    return at.switch_page("library.py").run()


def wait(at: AppTest) -> AppTest:
    """Until what was begun has ended."""
    ingests = ui.web.parts.parts().jobs.ingests
    for job in filter(None, (*ingests.waiting, ingests.running)):  # one that begins between the looks is in both
        assert job.wait(60)
    return at.run()


def add(at: AppTest, path: object, sync: bool = False) -> AppTest:
    at.text_input(key="path").set_value(str(path))
    at.checkbox(key="keep-in-sync").set_value(sync)
    next(each for each in at.button if each.label == "Add to library").click().run()
    return wait(at)


def keys(at: AppTest) -> set[str]:
    return {each.key for each in at.button if each.key}


def listed(at: AppTest, app: App) -> list[str]:
    """The file names of the table, in its order."""
    names = {f"open-{each.id}": Path(each.path).name for each in app.library.documents()}
    return [names[each.key] for each in at.button if each.key in names]


def show(at: AppTest, view: str) -> AppTest:
    return at.segmented_control(key="library-view").set_value(view).run()


def by_title(app: App, title: str) -> str:
    return next(each.id for each in app.library.documents() if each.title == title)


def test_a_folder_is_ingested_by_its_path(app: App, documents: Path) -> None:
    at = add(opened(), f'"{documents}"')
    assert "3 added" in html(at)
    assert {each.title for each in app.library.documents("default")} >= {"Warranty", "员工手册"}
    at.button(key="dismiss-0").click().run()
    assert "3 added" not in html(at)


def test_dropped_files_are_copied_and_ingested(app: App) -> None:
    at = opened()
    at.file_uploader(key="files").set_value(("../notes.txt", b"The boat sails on Friday.\n", "text/plain"))
    next(each for each in at.button if each.label == "Add files").click().run()
    wait(at)
    (document,) = app.library.documents("default")
    assert Path(document.path) == app.settings.home / "uploads" / "default" / "notes.txt"


def test_a_path_that_is_not_there_is_one_line(app: App) -> None:
    at = add(opened(), "/nowhere/at/all")
    assert len(at.error) == 1 and "nowhere" in at.error[0].value


def test_a_folder_is_chosen_by_looking_for_it(app: App, documents: Path) -> None:
    (documents / "Contracts").mkdir()
    at = opened()
    at.text_input(key="path").set_value(str(documents))
    at.button(key="browse").click().run()
    assert "3 files here" in html(at)
    next(each for each in at.button if each.label == "Contracts").click().run()
    at.button(key="picker-choose").click().run()
    assert at.text_input(key="path").value == str(documents / "Contracts")
    assert "picker-choose" not in keys(at)


def test_an_ingest_shows_how_far_it_is_and_can_be_cancelled(
    app: App, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Failure("/docs/torn.pdf", "is empty (0 bytes).")

    def endless(*_: object) -> Iterator[Progress]:
        while True:
            yield Progress(
                "reading", "/docs/annual report.pdf", 3, 10, 120, 3_000_000, 10_000_000, 65.0, 2,
                bytes_per_second=250_000.0, failed=failed, pages=(12, 300),
                current=("/docs/annual report.pdf", "/docs/b.docx", "/docs/c.docx"),
            )  # fmt: skip

    monkeypatch.setattr(App, "ingest", endless)
    at = opened()
    at.text_input(key="path").set_value(str(documents))
    next(each for each in at.button if each.label == "Add to library").click().run()
    until(lambda: (job := ui.web.parts.parts().jobs.ingests.running) and job.state.progress)
    shown = html(at.run())
    assert "3 of 10 files" in shown and "120 chunks" in shown and "1 min left" in shown
    assert "3.0 MB of 10 MB" in shown and "250 kB a second" in shown
    assert "annual report.pdf · 12 of 300 pages · and 2 more at the same time" in shown
    assert "2 could not be read" in shown and "torn.pdf: is empty (0 bytes)." in shown
    at.button(key="cancel-0").click().run()
    assert "Cancelled" in html(wait(at))


def test_files_that_cannot_be_read_come_with_their_reasons_and_can_be_tried_again(app: App, documents: Path) -> None:
    broken = documents / "<broken>.pdf"
    broken.write_bytes(b"no pdf")
    at = add(opened(), documents)
    assert "&lt;broken&gt;.pdf" in html(at) and "1 could not be read" in html(at)
    at.button(key="dismiss-0").click().run()
    show(at, "failures")
    assert "&lt;broken&gt;.pdf" in html(at)
    broken.write_text("%PDF-", encoding="utf-8")
    at.button(key="retry-all").click().run()
    assert "1 could not be read" in html(wait(at))
    broken.unlink()
    at.button(key="retry-0").click().run()
    assert app.library.failures("default") == ()


def test_a_file_that_cannot_be_read_can_be_left_out_of_the_list(app: App, documents: Path) -> None:
    (documents / "broken.pdf").write_bytes(b"no pdf")
    list(app.ingest([documents], "default"))
    at = show(opened(), "failures")
    next(each for each in at.button if (each.key or "").startswith("unlist-")).click().run()
    assert app.library.failures("default") == () and len(listed(at, app)) == 3


def test_the_table_is_searched_filtered_and_sorted(filled: App, documents: Path) -> None:
    (documents / "deep").mkdir()
    (documents / "deep" / "long.txt").write_text("The longest of all texts. " * 30, encoding="utf-8")
    list(filled.ingest([documents], "default"))
    at = opened()
    assert listed(at, filled)[0] == "long.txt"
    at.button(key="sort-size").click().run()
    assert listed(at, filled)[0] == "long.txt"
    at.button(key="sort-size").click().run()
    assert listed(at, filled)[-1] == "long.txt"
    at.text_input(key="filter").set_value("deep LONG").run()
    assert listed(at, filled) == ["long.txt"]
    at.text_input(key="filter").set_value("").run()
    at.multiselect(key="narrow-languages").set_value(["zh"]).run()
    assert listed(at, filled) == ["手册.md"]
    at.button(key="narrow-clear").click().run()
    at.selectbox(key="narrow-folder").set_value(str(documents / "deep")).run()
    assert listed(at, filled) == ["long.txt"]
    at.text_input(key="filter").set_value("nothing of this").run()
    at.button(key="show-all").click().run()
    assert len(listed(at, filled)) == 4


def test_a_file_in_parts_says_which_part_each_row_is(
    app: App, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.pipeline.MOST", 2000)
    text = "\n\n".join(f"Paragraph {number} of a long story about the sea." for number in range(80))
    (documents / "story.txt").write_text(text, encoding="utf-8")
    list(app.ingest([documents / "story.txt"], "default"))
    at = opened()
    labels = [each.label for each in at.button if (each.key or "").startswith("open-")]
    assert labels == ["story", *(f"story \\(part {number}\\)" for number in range(2, len(labels) + 1))]
    assert len(labels) > 2


def test_a_long_table_has_pages_and_picks_stay(filled: App, documents: Path) -> None:
    for number in range(30):
        (documents / f"more{number:02}.txt").write_text(f"Text number {number}.", encoding="utf-8")
    list(filled.ingest([documents], "default"))
    at = opened()
    assert len(listed(at, filled)) == 25
    at.checkbox(key=f"pick-{by_title(filled, 'more01')}").check().run()
    at.pagination(key="documents-page").set_value(2).run()
    assert len(listed(at, filled)) == 8 and "1 of 33 selected" in html(at)
    at.text_input(key="filter").set_value("more1").run()
    assert len(listed(at, filled)) == 10 and "selected" not in html(at)


def test_several_documents_are_tagged_and_removed_at_once(filled: App) -> None:
    at = opened()
    assert at.button(key="tag-picked").disabled
    at.checkbox(key="pick-all").check().run()
    at.button(key="tag-picked").click().run()
    at.multiselect(key="tags-add").set_value(["law", "2024"])
    next(each for each in at.button if each.label == "Save").click().run()
    assert {each.tags for each in filled.library.documents()} == {("2024", "law")}
    at.multiselect(key="narrow-tags").set_value(["law"]).run()
    assert len(listed(at, filled)) == 3
    at.checkbox(key=f"pick-{by_title(filled, 'Warranty')}").uncheck().run()
    at.button(key="tag-picked").click().run()
    at.multiselect(key="tags-remove").set_value(["law"])
    next(each for each in at.button if each.label == "Save").click().run()
    assert listed(at, filled) == ["warranty.md"]
    at.button(key="narrow-clear").click().run()
    at.button(key="drop-picked").click().run()
    assert len(filled.library.documents()) == 3
    at.button(key="confirm").click().run()
    assert [each.title for each in filled.library.documents()] == ["Warranty"]


def test_a_document_shows_its_text_its_chunks_and_its_facts(filled: App) -> None:
    at = opened()
    at.button(key=f"open-{by_title(filled, '员工手册')}").click().run()
    assert "年假须提前两周申请" in html(at)
    at.segmented_control(key="document-view").set_value("chunks").run()
    assert "characters 0 to" in html(at)
    at.segmented_control(key="document-view").set_value("facts").run()
    facts = html(at)
    assert "fake-embedder" in facts and "手册.md" in facts and "Chinese" in facts


def test_the_chat_is_told_which_documents_to_ask_about(filled: App) -> None:
    document = by_title(filled, "Warranty")
    at = opened()
    at.button(key=f"open-{document}").click().run()
    with pytest.MonkeyPatch.context() as patch:
        gone: list[str] = []
        patch.setattr(st, "switch_page", gone.append)
        at.button(key="document-ask").click().run()
    assert gone == ["chat.py"]
    assert at.session_state["ask_documents"] == (document,) and at.session_state["collection"] == "default"


def test_removing_asks_first_and_leaves_the_persons_own_file(filled: App) -> None:
    info = filled.library.documents()[0]
    at = opened()
    at.button(key=f"remove-{info.id}").click().run()
    assert info.id in {each.id for each in filled.library.documents()}
    at.button(key="confirm").click().run()
    assert info.id not in {each.id for each in filled.library.documents()}
    assert Path(info.path).exists()


def test_a_file_that_is_gone_is_marked(filled: App, documents: Path) -> None:
    assert "file is gone" not in html(opened())
    (documents / "warranty.md").unlink()
    at = opened()
    assert html(at).count("file is gone") == 1
    at.button(key=f"open-{by_title(filled, 'Warranty')}").click().run()
    assert at.button(key="document-again").disabled and "24 months" in html(at)


def test_a_file_that_has_changed_is_marked_and_read_again(filled: App, documents: Path) -> None:
    (documents / "warranty.md").write_text("# Warranty\n\nThe warranty lasts 36 months now.\n", encoding="utf-8")
    at = opened()
    assert "file has changed" in html(at)
    at.button(key=f"open-{by_title(filled, 'Warranty')}").click().run()
    at.button(key="document-again").click().run()
    assert "1 changed" in html(wait(at)) and "file has changed" not in html(at)
    assert "36 months" in filled.library.document(by_title(filled, "Warranty")).text


def test_a_collection_is_begun_and_renamed_with_its_conversations(filled: App, documents: Path) -> None:
    conversation, _ = asked(filled, "How long is the warranty?")
    at = opened()
    at.menu_button(key="collection-menu").click("new").run()
    at.text_input(key="new-name").set_value("  law ")
    next(each for each in at.button if each.label == "Begin").click().run()
    assert at.selectbox(key="shown").value == "law" and "holds nothing yet" in html(at)
    at.selectbox(key="shown").set_value("default").run()
    at.menu_button(key="collection-menu").click("rename").run()
    at.text_input(key="rename-name").set_value("work")
    next(each for each in at.button if each.label == "Rename").click().run()
    assert at.selectbox(key="shown").value == "work" and len(listed(at, filled)) == 3
    assert filled.conversations.conversation(conversation).collection == "work"
    list(filled.ingest([documents], "default"))  # the same files under the name that is free again
    assert {each.name: each.documents for each in filled.library.collections()} == {"default": 3, "work": 3}


def test_a_name_that_is_taken_is_refused_in_one_line(filled: App, documents: Path) -> None:
    list(filled.ingest([documents], "other"))
    at = opened()
    at.menu_button(key="collection-menu").click("rename").run()
    at.text_input(key="rename-name").set_value("other")
    next(each for each in at.button if each.label == "Rename").click().run()
    assert len(at.error) == 1 and "already" in at.error[0].value


def test_a_collection_can_be_removed(filled: App) -> None:
    at = opened()
    at.menu_button(key="collection-menu").click("remove").run()
    at.button(key="confirm").click().run()
    assert filled.library.collections() == ()


def test_what_is_attached_to_a_conversation_is_not_shown(filled: App, documents: Path) -> None:
    conversation, _ = asked(filled, "How long is the warranty?")
    (path,) = filled.attachments.keep([("secret.txt", b"Only for this conversation.")], conversation)
    list(filled.attach([path], filled.conversations.conversation(conversation)))
    at = opened()
    assert "secret.txt" not in html(at) and len(listed(at, filled)) == 3


def test_the_map_lists_the_documents_of_its_topics(filled: App) -> None:
    at = show(opened(), "map")
    until(lambda: any(each.key == "map-topic" for each in at.run().selectbox))
    at.selectbox(key="map-topic").set_value(0).run()
    button = next(each for each in at.button if (each.key or "").startswith("open-map-"))
    button.click().run()
    assert "document-ask" in keys(at)


def test_two_documents_make_no_map(filled: App) -> None:
    filled.library.remove([by_title(filled, "Warranty")])
    assert "at least 3 documents" in html(show(opened(), "map"))


def test_the_server_goes_on_with_a_reembedding_at_its_start(filled: App) -> None:
    filled.embedders.use(OtherEmbedder())  # type: ignore[arg-type]
    assert filled.outdated() == ("default",)
    job = ui.web.parts.parts().jobs.reembedding
    assert job and job.wait(60) and job.error == ""
    assert filled.outdated() == ()
