"""The default chat model as transformers loads it, to compare with: `python -m tests.benchmarks.reference`.

The same weights, unpacked from the GGUF to bfloat16, in the models folder under .reference, once. It takes 11 GB of
memory.
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from storage.models.catalogue import DEFAULT_CHAT, entry
from storage.models.sources import PullProgress, fetch
from ui.places import read_places


def folder() -> Path:
    """Where it lies."""
    return read_places().models / ".reference" / DEFAULT_CHAT


def make() -> None:
    """Fetch the GGUF and unpack it, if that was not done before."""
    import torch
    import transformers as untyped

    if folder().is_dir():
        return
    transformers: Any = untyped
    known, work = entry(DEFAULT_CHAT), folder().with_name("work")
    work.mkdir(parents=True, exist_ok=True)
    fetch(known, work / known.file, work, _say)
    print("unpacking to bfloat16 ...", file=sys.stderr)
    tokenizer = transformers.AutoTokenizer.from_pretrained(work, gguf_file=known.file)
    model = transformers.AutoModelForCausalLM.from_pretrained(work, gguf_file=known.file, dtype=torch.bfloat16)
    model.hf_quantizer = None  # what was read is plain bfloat16 now, and may be saved as such
    del model.config.quantization_config
    tokenizer.save_pretrained(work / "whole")
    model.save_pretrained(work / "whole")
    (work / "whole").replace(folder())
    shutil.rmtree(work)


def _say(progress: PullProgress) -> None:
    print(f"\r{progress.stage} {progress.done / 1e6:.0f} of {progress.total / 1e6:.0f} MB", end="", file=sys.stderr)


if __name__ == "__main__":
    make()
