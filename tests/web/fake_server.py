"""The web app with fakes in place of the models: python -m tests.web.fake_server PORT [SECONDS_BETWEEN_WORDS]."""

import sys

import ui.app
import ui.web.parts
from qa.evidence.model import open_evidence
from storage.conversations import Conversations
from storage.database import Database
from storage.errors import FootnoteError
from storage.indexes import Indexes
from storage.library import Library
from storage.models.store import ModelStore
from tests.fakes import FakeEmbedder, fake_embedders
from tests.web.scripted import HOLD, ScriptedChat
from ui.settings import Settings
from ui.web.server import run

SCRIPT: dict[str, str | FootnoteError] = {
    "annual leave": "Up to 5 unused days may be carried into the next year, and they lapse on 31 March. "
    "Unused days are paid out only when you leave the company.",
    "住宿": "一线城市每晚不超过600元，省会城市和计划单列市每晚不超过450元，其他城市每晚不超过350元。",
    "at length": "The warranty lasts 24 months from the day of delivery. " * 30,
    "everything": "The warranty lasts 24 months from the day of delivery. " * 400,  # nobody waits for its end
    "warranty": "The warranty lasts 24 months from the day of delivery. It covers parts and labour.",
    "年假": "员工每年有十五天年假。",
}


def fake_app(settings: Settings, script: dict[str, str | FootnoteError], pause: float = 0.0) -> ui.app.App:
    """An App as `build` makes it, but for the two models."""
    database, embedders = Database(settings.database_url), fake_embedders(FakeEmbedder())
    indexes = Indexes(database, settings.home / "indexes", embedders)
    store = ModelStore(settings.models)
    evidence = open_evidence(store)  # not installed there
    return ui.app.App(
        settings, store, embedders, ScriptedChat(script=script, delay=pause, gate=settings.home / HOLD),
        Library(database, embedders), indexes, Conversations(database), evidence, evidence,
    )  # fmt: skip


def main() -> None:
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 0.02
    ui.web.parts.build = lambda settings: fake_app(settings, SCRIPT, pause)  # type: ignore[attr-defined]
    run(port=int(sys.argv[1]))


if __name__ == "__main__":
    main()
