"""The real models, loaded once for all tests of this folder that use them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.app import App, build
from ui.settings import Settings


@pytest.fixture(scope="package")
def real_app(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An App as a person has it, with an empty library: a test keeps to a collection of its own."""
    home = tmp_path_factory.mktemp("home")
    made = build(Settings(home, models_folder, f"sqlite:///{(home / 'footnote.sqlite').as_posix()}"))
    yield made
    made.chat.close()
    made.close()
