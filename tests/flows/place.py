"""A whole App on fakes, as `build` makes it with real models."""

from pathlib import Path

from ingest.pipeline import Report
from qa.answer import Answer, Answerer
from qa.evidence.model import open_evidence
from storage.conversations import Conversations
from storage.database import Database
from storage.embedders import Embedders
from storage.indexes import Indexes
from storage.library import Library
from storage.models.store import ModelStore
from tests.fakes import FakeChat, FakeEmbedder, fake_embedders
from ui.app import App
from ui.settings import Settings

LEAVE = "# Leave\n\nStaff get 25 days of leave a year. Unused days expire on 31 March.\n"
TRIP = "# 差旅\n\n出差住宿标准为每晚500元。餐费每天100元，凭发票报销。\n"


def fake_app(home: Path, *replies: str | Exception, embedders: Embedders | None = None) -> App:
    """An App whose chat model gives these replies."""
    embedders = embedders or fake_embedders(FakeEmbedder())
    settings = Settings(home, home / "models", f"sqlite:///{(home / 'footnote.sqlite').as_posix()}")
    database = Database(settings.database_url)
    store = ModelStore(settings.models)
    evidence = open_evidence(store)  # not installed there
    return App(
        settings, store, embedders, FakeChat(replies=list(replies)), Library(database, embedders),
        Indexes(database, home / "indexes", embedders), Conversations(database), evidence, evidence,
    )  # type: ignore[arg-type]  # fmt: skip


def fill(app: App, folder: Path, collection: str = "default") -> Report:
    """Two small documents, one in each language, ingested."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leave.md").write_text(LEAVE, encoding="utf-8")
    (folder / "差旅.md").write_text(TRIP, encoding="utf-8")
    *_, report = app.ingest([folder], collection)
    assert isinstance(report, Report)
    return report


def answer(answerer: Answerer, question: str, collection: str = "default") -> Answer:
    """The last event of a question."""
    *_, last = answerer.stream(question, collection)
    assert isinstance(last, Answer)
    return last
