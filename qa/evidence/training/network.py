"""The network that is trained: the default embedder's encoder with LoRA adapters, and four outputs on top.

Question and passage go in as one sequence, as in "BERT" (Devlin et al., 2019): the first token's state tells how
relevant the passage is and whether it answers; each token's, whether the answer starts or ends there. A passage
without an answer starts and ends at the first token (SQuAD 2.0; Rajpurkar et al., 2018). The adapters are those of
"LoRA" (Hu et al., 2021), on every matrix of the upper layers.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from qa.evidence.pairs import PAD, Pair

RANK = 32
FIRST = 4  # the layers below stay as they are: they know words, and languages
SCALE = 2.0  # what an adapter's product is multiplied by
_MATRICES = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the network says of each pair: `relevance` and `answers` [pairs]; `start` and `end` [pairs, tokens]."""

    relevance: Tensor
    answers: Tensor
    start: Tensor
    end: Tensor


class Network(nn.Module):
    """The encoder with its adapters and the head; only those two are trained."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from peft import LoraConfig, get_peft_model
        from transformers import BertModel
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        # No dropout: each group is seen once, and on a CPU drawing the numbers takes half of the time.
        encoder = BertModel.from_pretrained(
            folder, local_files_only=True, attn_implementation="sdpa",
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        )  # fmt: skip
        config = LoraConfig(
            r=RANK, lora_alpha=int(RANK * SCALE), target_modules=list(_MATRICES),
            layers_to_transform=list(range(FIRST, encoder.config.num_hidden_layers)),
        )  # fmt: skip
        with warnings.catch_warnings():  # peft still asks transformers by a name that is going to change
            warnings.simplefilter("ignore", FutureWarning)
            self.encoder = get_peft_model(encoder, config)
        self.head = nn.Linear(encoder.config.hidden_size, 4)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, pairs: Sequence[Pair]) -> Outputs:
        """Read the pairs; tokens outside the passage (but for the first) cannot start or end an answer."""
        ids, mask, inside = (_padded(pairs, name).to(self.device) for name in ("ids", "mask", "inside"))
        with torch.autocast(ids.device.type, torch.bfloat16):
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        told = self.head(states.float())
        places = told[:, :, 2:].masked_fill(inside.unsqueeze(2) == 0, -1e4)
        return Outputs(told[:, 0, 0], told[:, 0, 1], places[:, :, 0], places[:, :, 1])

    @property
    def device(self) -> torch.device:
        """Where the network computes."""
        return self.head.weight.device

    def learnt(self) -> dict[str, Tensor]:
        """What training changes, by name: the adapters and the head."""
        return {name: tensor.detach() for name, tensor in self.named_parameters() if tensor.requires_grad}

    def trained(self) -> dict[str, Tensor]:
        """What training changes, under the names by which it is shipped."""
        return {_shipped(name): tensor for name, tensor in self.learnt().items()}

    def load(self, trained: Mapping[str, Tensor]) -> None:
        """Take over what another training shipped. Raises KeyError where it lacks a tensor."""
        for name, tensor in self.learnt().items():
            tensor.copy_(trained[_shipped(name)])


@dataclass(frozen=True, slots=True)
class Target:
    """What is right for each pair of a batch; `groups` are slices of pairs, the first of which is the relevant one."""

    answers: Tensor
    start: Tensor  # token of the answer's start; -100 where it is not known
    end: Tensor
    groups: tuple[tuple[int, int], ...]

    def on(self, device: torch.device) -> "Target":
        """The same on a device."""
        return Target(self.answers.to(device), self.start.to(device), self.end.to(device), self.groups)


def loss(outputs: Outputs, target: Target) -> Tensor:
    """Relevance as a choice within each group, answering as yes or no, start and end as a choice among the tokens."""
    chosen = [F.cross_entropy(outputs.relevance[a:b].unsqueeze(0), outputs.relevance.new_zeros(1, dtype=torch.long))
              for a, b in target.groups]  # fmt: skip
    relevance = torch.stack(chosen).mean() if chosen else outputs.relevance.sum() * 0
    answers = F.binary_cross_entropy_with_logits(outputs.answers, target.answers)
    places = F.cross_entropy(outputs.start, target.start, ignore_index=-100) + F.cross_entropy(
        outputs.end, target.end, ignore_index=-100
    )
    return relevance + answers + places / 2


def _padded(pairs: Sequence[Pair], name: str) -> Tensor:
    longest = max(len(pair.ids) for pair in pairs)
    padding = PAD if name == "ids" else 0
    rows = [list(getattr(pair, name)) for pair in pairs]
    return torch.tensor([row + [padding] * (longest - len(row)) for row in rows])


def _shipped(name: str) -> str:
    """The name of a learnt tensor without what peft puts around it: that of the encoder's matrix, and which factor."""
    name = name.removeprefix("encoder.base_model.model.").removesuffix(".default.weight")
    return name.replace(".lora_A", ".a").replace(".lora_B", ".b")
