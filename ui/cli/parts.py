"""What a command needs, made when it is first asked for: a list opens the database and imports no model."""

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from ui.places import Places, read_places

if TYPE_CHECKING:
    from storage.conversations import Conversations
    from storage.database import Database
    from storage.library import Library
    from storage.models.store import ModelStore
    from ui.app import App
    from ui.settings import Settings


class Parts:
    """The parts of one command. Whoever calls a command may bring the App that it shall use."""

    def __init__(self, app: "App | None" = None) -> None:
        self._brought = app

    @cached_property
    def app(self) -> "App":
        """Every part. Takes a second or two to import, but loads no model."""
        if self._brought:
            return self._brought
        from ui.app import build

        return build(self.settings)

    def app_with(self, chat_model: str) -> "App":
        """Every part, with another chat model for this command. Raises ModelUnavailable."""
        if self._brought:
            from qa.chat import open_chat

            self._brought = replace(self._brought, chat=open_chat(chat_model, self._brought.store))
        else:
            self.settings = replace(self.settings, chat_model=chat_model)
        return self.app

    @cached_property
    def settings(self) -> "Settings":
        """The settings of this home. Raises BadSettings."""
        if self._brought:
            return self._brought.settings
        from ui.settings import read_settings

        return read_settings()

    @cached_property
    def places(self) -> Places:
        """Where things are."""
        if self._brought:
            own = self._brought.settings
            return Places(own.home, own.models, own.database_url)
        return read_places()

    @cached_property
    def database(self) -> "Database":
        """The database, migrated. Raises DatabaseUnavailable, BadSettings."""
        from storage.database import Database

        return Database(self.places.database_url)

    @cached_property
    def conversations(self) -> "Conversations":
        """The history."""
        from storage.conversations import Conversations

        return self._brought.conversations if self._brought else Conversations(self.database)

    @cached_property
    def library(self) -> "Library":
        """The documents to list, show, tag and remove. To ingest and embed there is `app.library`."""
        from storage.library import Library

        return self._brought.library if self._brought else Library(self.database)

    @cached_property
    def store(self) -> "ModelStore":
        """The models on disk."""
        from storage.models.store import ModelStore

        return self._brought.store if self._brought else ModelStore(self.places.models)

    def close(self) -> None:
        """Give back what was opened here."""
        if not self._brought and "app" in self.__dict__:
            self.app.close()
        if "database" in self.__dict__:
            self.database.close()
