"""What was learnt, written as it is shipped: half precision, plain names, and what it was made of."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from qa.evidence.training.network import FIRST, RANK, SCALE, Network
from qa.evidence.training.questions import LEARNT
from qa.evidence.training.work import Plan
from storage.errors import BadSettings

_LEARNT = 0.7  # share of what the second round changed that is kept


def export(network: Network, plan: Plan, file: Path) -> None:
    """Write the adapters and the head; `qa.evidence.weights` tells the form."""
    tensors = {name: tensor.to("cpu", torch.float16).contiguous() for name, tensor in network.trained().items()}
    facts = {
        "base": plan.base,
        "base_sha256": plan.base_sha256,
        "rank": str(RANK),
        "scale": str(SCALE),
        "first_layer": str(FIRST),
        "questions": str(plan.questions),
        "start_sha256": plan.start,
        "recipe": json.dumps(asdict(plan.recipe)),
        "data": ", ".join(LEARNT),
        "licence": "CC-BY-SA-4.0",
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(save(tensors, facts))
    part.replace(file)


def blend(network: Network, file: Path) -> None:
    """Bring the network a part of the way back to the weights that a second round started from.

    What lies between keeps of each round what that one learnt ("WiSE-FT"; Wortsman et al., 2022).
    Raises FileNotFoundError.
    """
    learnt = network.trained()
    network.load({name: torch.lerp(before, learnt[name].cpu(), _LEARNT) for name, before in _loaded(file).items()})


def _loaded(file: Path) -> dict[str, torch.Tensor]:
    return {name: tensor.float() for name, tensor in load_file(file).items()}


def first_round(file: Path) -> tuple[int, int]:
    """How many questions a first round drew, and by which seed.

    Raises FileNotFoundError, and BadSettings where the file is not what a first round wrote.
    """
    try:
        with safe_open(file, "pt") as opened:
            facts = opened.metadata() or {}
    except SafetensorError:
        facts = {}
    if "questions" not in facts or facts.get("start_sha256"):
        raise BadSettings(f"{file} is not what a first round of training wrote. Name the weights of one.")
    return int(facts["questions"]), int(json.loads(facts["recipe"])["seed"])


def load(network: Network, file: Path) -> None:
    """Take over what `export` wrote. Raises FileNotFoundError."""
    network.load(load_file(file))
