"""The folder of a training: the plan, the groups and the checkpoint, so that it goes on where it was stopped."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from qa.evidence.training.groups import Group, Read
from qa.evidence.training.train import Recipe
from storage.errors import BadSettings, ModelUnavailable
from storage.models.damage import MANIFEST


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained: the embedder by its id and its file's SHA-256, how many questions, and the recipe.

    `start` is the SHA-256 of the weights that a second round goes on from; empty in the first.
    """

    base: str
    base_sha256: str
    questions: int
    recipe: Recipe
    start: str = ""


class Work:
    """The folder of one plan; it is made where it is missing. Raises BadSettings where it holds another plan's."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.checkpoint = folder / "checkpoint.pt"
        self._groups = folder / "groups.jsonl"
        planned, file = asdict(plan), folder / "plan.json"
        if not file.exists():
            _write(file, json.dumps(planned, indent=2))
        if json.loads(file.read_text(encoding="utf-8")) != planned:
            raise BadSettings(f"{folder} holds a training by another plan, see {file}. Name another folder.")

    def groups(self, make: Callable[[], list[Group]]) -> list[Group]:
        """The groups that are kept here, or those that `make` gives, which are kept then."""
        if not self._groups.exists():
            _write(self._groups, _lines(make()))
        with self._groups.open(encoding="utf-8") as lines:
            return [_group(json.loads(line)) for line in lines]


def base(model: Path) -> tuple[str, str]:
    """Id and SHA-256 of a model, as its pull wrote them down. Raises ModelUnavailable."""
    try:
        facts = json.loads((model / MANIFEST).read_text(encoding="utf-8"))
        return str(facts["id"]), str(facts["sha256"])
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(f"{model} is no embedder of the model store. Run: footnote models pull") from error


def _lines(groups: Sequence[Group]) -> str:
    return "".join(json.dumps(asdict(group), ensure_ascii=False) + "\n" for group in groups)


def _group(row: dict[str, Any]) -> Group:
    passages = [Read(**read | {"span": read["span"] and tuple(read["span"])}) for read in row["passages"]]
    return Group(row["question"], tuple(passages))


def _write(file: Path, text: str) -> None:
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
