"""What was learnt, written as it is shipped: half precision, plain names, and what it was made of."""

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save

from qa.evidence.training.network import FIRST, RANK, SCALE, Network
from qa.evidence.training.questions import LEARNT
from qa.evidence.training.work import Plan


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
        "recipe": json.dumps(asdict(plan.recipe)),
        "data": ", ".join(LEARNT),
        "licence": "CC-BY-SA-4.0",
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(save(tensors, facts))
    part.replace(file)


def load(network: Network, file: Path) -> None:
    """Take over what `export` wrote. Raises FileNotFoundError."""
    network.load(load_file(file))
