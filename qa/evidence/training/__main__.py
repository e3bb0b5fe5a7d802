"""`python -m qa.evidence.training`: train the evidence model, or measure it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from qa.evidence.pairs import Pairs
from qa.evidence.training.export import blend, export, first_round, load
from qa.evidence.training.groups import Group, contrasts, group
from qa.evidence.training.measure import LONGEST, measure, near
from qa.evidence.training.network import Network
from qa.evidence.training.questions import Question, development, drawn, learnt, left
from qa.evidence.training.train import Recipe, train
from qa.evidence.training.work import Plan, Work, base
from qa.evidence.weights import FILE
from storage.embedder import Embedder
from storage.errors import FootnoteError

_QUESTIONS = 17_000  # as many as a night on two cores allows
_SECOND = 3_800  # of a second round, beside those without an answer
_SLOWER = 3e-4  # the highest learning rate of a second round
_EVERY = 50  # questions between two reports


def main(
    data: Annotated[Path, typer.Option(help="The folder with the question sets.", file_okay=False, exists=True)],
    model: Annotated[Path, typer.Option(help="The default embedder's folder.", file_okay=False, exists=True)],
    work: Annotated[
        Path, typer.Option(help="Where the groups and the checkpoint are kept; a stopped run goes on from there.")
    ] = Path(".evidence"),
    start: Annotated[
        Path | None,
        typer.Option(
            help="Go on from these weights of a first round, with what it did not draw and altered questions."
        ),
    ] = None,
    questions: Annotated[
        int | None,
        typer.Option(
            min=1, help=f"Learn from so many ({_QUESTIONS}; after --start {_SECOND}); measure on so many a language."
        ),
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help=f"The highest learning rate ({Recipe().rate}; after --start {_SLOWER}).")
    ] = None,
    out: Annotated[Path, typer.Option(help="The file of the trained weights.")] = FILE,
    measure_only: Annotated[bool, typer.Option("--measure", help="Measure the weights in --out.")] = False,
) -> None:
    """Train the evidence model's adapters and head, on a GPU where there is one; or measure them."""
    try:
        if measure_only:
            _measure(data, model, questions or _QUESTIONS, out)
        else:
            recipe = Recipe(rate=rate or (_SLOWER if start else Recipe().rate))
            _train(data, model, work, _Wanted(questions or (_SECOND if start else _QUESTIONS), recipe, out, start))
    except (FootnoteError, FileNotFoundError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


@dataclass(frozen=True, slots=True)
class _Wanted:
    questions: int
    recipe: Recipe
    out: Path
    start: Path | None


def _train(data: Path, model: Path, folder: Path, wanted: _Wanted) -> None:
    recipe = wanted.recipe
    asked = _asked(data, wanted)
    plan = Plan(*base(model), len(asked), recipe, sha256(wanted.start.read_bytes()).hexdigest() if wanted.start else "")
    work = Work(folder, plan)
    groups = work.groups(
        lambda: contrasts(asked, recipe.seed) if wanted.start else _groups(asked, _embedder(model), recipe.seed)
    )
    torch.manual_seed(recipe.seed)  # the adapters begin at random
    network = _network(model)
    if wanted.start:
        load(network, wanted.start)
    for step in train(network, Pairs(model), groups, recipe, work.checkpoint):
        rest = timedelta(seconds=round((step.steps - step.done) * step.seconds))
        _say(f"Step {step.done} of {step.steps}, loss {step.loss:.3f}, {rest} left")
    if wanted.start:
        blend(network, wanted.start)
    export(network, plan, wanted.out)
    _say(f"Written: {wanted.out}")


def _asked(data: Path, wanted: _Wanted) -> list[Question]:
    """The questions of this round."""
    if not wanted.start:
        return drawn(learnt(data), wanted.questions, wanted.recipe.seed)
    taken = drawn(learnt(data), *first_round(wanted.start))
    return left(data, set(taken), wanted.questions, wanted.recipe.seed)


def _measure(data: Path, model: Path, count: int, file: Path) -> None:
    network, embedder = _network(model), _embedder(model)
    load(network, file)
    for language, every in development(data).items():
        asked = drawn(every, count, 0)
        passages = near(asked, every, embedder)
        found = measure(network, Pairs(model, LONGEST), list(zip(asked, passages, strict=True)), _counted(language))
        for name, figure, questions in found:
            if figure.value is not None:
                typer.echo(
                    f"{language}  {name}: {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}), {questions} times"
                )


def _network(model: Path) -> Network:
    network = Network(model).to("cuda" if torch.cuda.is_available() else "cpu")
    _say(f"Computing on {network.device.type}")
    return network


def _embedder(model: Path) -> Embedder:
    return Embedder(base(model)[0], lambda: model)


def _groups(asked: Sequence[Question], embedder: Embedder, seed: int) -> list[Group]:
    _say(f"Looking for the passages near to {len(asked)} questions")
    return group(
        asked,
        lambda texts: np.array([embedder.embed_query(text) for text in texts], np.float32),
        lambda texts: np.array(embedder.embed_documents(texts), np.float32),
        seed,
    )


def _counted(language: str) -> Callable[[int], None]:
    def report(done: int) -> None:
        if done % _EVERY == 0:
            _say(f"{language}: {done} questions")

    return report


def _say(line: str) -> None:
    typer.echo(line, err=True)


if __name__ == "__main__":
    typer.run(main)
