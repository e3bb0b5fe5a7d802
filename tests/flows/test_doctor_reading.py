"""`footnote doctor` says whether pictures can be read, and whether folders can be followed."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from storage.errors import UnreadableFile
from ui.cli import cli
from ui.cli.check_reading import recognised


def doctor() -> Any:
    result = CliRunner().invoke(cli, ["doctor", "--json"], prog_name="footnote")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_models_that_do_not_load_are_a_problem_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(word: str) -> str:
        raise UnreadableFile("is a picture, and the models to read it are missing")

    monkeypatch.setattr("ui.cli.check_reading.recognised", missing)
    monkeypatch.setattr("ui.cli.check_system.watch_limit", lambda: 8192)
    found = doctor()
    assert found["ocr"]["works"] is False and "models" in found["ocr"]["why"]
    problems = {each["problem"]: each["mend"] for each in found["problems"]}
    assert any("cannot be read" in problem and "rapidocr" in mend for problem, mend in problems.items())
    assert any("8,192 folders" in problem and "sysctl" in mend for problem, mend in problems.items())
    text = CliRunner().invoke(cli, ["doctor"], prog_name="footnote").stdout
    assert "8,192 folders at most" in text


@pytest.mark.slow
def test_a_word_is_read_in_a_picture() -> None:
    assert "Footnote 42" in recognised("Footnote 42")
