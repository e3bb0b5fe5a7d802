"""Turn a fetched file into a folder that loads fast, once.

A GGUF becomes an OpenVINO folder by openvino-genai; the embedder's own format becomes a sentence-transformers folder
with an OpenVINO encoder beside it. Either runs in a child process, which gives back its memory (4 GB, for chat).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from errno import ENOSPC
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from storage.errors import ModelUnavailable
from storage.models.disk import size

_LOOK_EVERY = 0.5  # seconds between two reports
_ROOT = Path(__file__).resolve().parents[2]
# What openvino-genai leaves beside a GGUF, and an OpenVINO chat model consists of.
CHAT_FILES = tuple(
    f"openvino_{part}.{suffix}" for part in ("model", "tokenizer", "detokenizer") for suffix in ("xml", "bin")
)


def convert(source: Path, target: Path, need: int, report: Callable[[int], None] = lambda written: None) -> str:
    """Make the folder `target`, of about `need` bytes, from `source`; return what converted it, with its version.

    `report` is told twice a second how many bytes are written. What it raises ends the conversion and is raised here.
    Raises FileExistsError if `target` is there: nothing is deleted here but what was made here. Raises ModelUnavailable
    with the last line that the converter said, or OSError where the disk is full; `target` is gone again then.
    """
    target.mkdir()
    command = [sys.executable, "-m", "storage.models.convert", str(source.absolute()), str(target.absolute())]
    with tempfile.TemporaryFile() as log:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=_ROOT) as child:
            try:
                while child.poll() is None:
                    report(_written(source, target))
                    with suppress(subprocess.TimeoutExpired):
                        child.wait(_LOOK_EVERY)
            except BaseException:  # also Ctrl-C: a child left to itself would work on for minutes
                child.kill()
                child.wait()
                _clean(source, target)
                raise
        log.seek(0)
        lines = [line.strip() for line in log.read().decode("utf-8", "replace").splitlines() if line.strip()]
    if child.returncode == 0:
        package = "openvino-genai" if _is_gguf(source) else "openvino"
        return f"{package} {version(package)}"
    full = shutil.disk_usage(target).free + _written(source, target) < need
    _clean(source, target)
    if full:  # the converters name this cause badly or not at all
        raise OSError(ENOSPC, os.strerror(ENOSPC))
    said = lines[-1] if lines else f"the converter ended with code {child.returncode}, most likely for want of memory"
    raise ModelUnavailable(f"{source.name} could not be converted: {said.rstrip('.')}.")


def _written(source: Path, target: Path) -> int:
    total = size(target)
    for path in _beside(source):
        with suppress(FileNotFoundError):  # not there yet, or moved by the child meanwhile
            total += path.stat().st_size
    return total


def _clean(source: Path, target: Path) -> None:
    shutil.rmtree(target)
    for path in _beside(source):
        path.unlink(missing_ok=True)


def _is_gguf(source: Path) -> bool:
    return source.suffix == ".gguf"


def _beside(source: Path) -> list[Path]:
    return [source.with_name(name) for name in CHAT_FILES] if _is_gguf(source) else []


def _in_child(source: Path, target: Path) -> None:
    # A conversion whose parent was killed may still be at work beside the same file: let it end first.
    with FileLock(source.with_name(f"{source.name}.lock")):
        (_chat if _is_gguf(source) else _embedder)(source, target)


def _chat(source: Path, target: Path) -> None:
    """openvino-genai leaves its files beside the GGUF; then its weights are packed and its probe built in."""
    from openvino_genai import LLMPipeline

    from storage.models.probe import find
    from storage.models.weights import lay_out

    for path in _beside(source):  # half of an earlier try, which would be taken for whole
        path.unlink(missing_ok=True)
    LLMPipeline(str(source), "CPU", enable_save_ov_model=True)
    for path in _beside(source):
        path.replace(target / path.name)
    lay_out(target, find(source))


def _embedder(source: Path, target: Path) -> None:
    from storage.models import bert, e5, graph

    model = e5.read(source)
    bert.write(model, target)
    graph.save(model.shape, model.tensors, target)


if __name__ == "__main__":
    _in_child(Path(sys.argv[1]), Path(sys.argv[2]))
