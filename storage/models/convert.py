"""Turn a fetched file into a folder that loads fast, once.

A GGUF becomes an OpenVINO folder by openvino-genai; the embedder's own format becomes a sentence-transformers folder
with an OpenVINO encoder beside it. Either runs in a child process, which gives back its memory (4 GB, for chat).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from errno import ENOSPC
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock

from storage.errors import ModelUnavailable

_ROOT = Path(__file__).resolve().parents[2]
_LITTLE = 1 << 26  # bytes; a converter that failed with less room than this failed for want of it


def convert(source: Path) -> str:
    """Fill the folder that `source` lies in; return what converted it, with its version.

    Raises ModelUnavailable with the last line that the converter said, or OSError where the disk is full; then only the
    source is left in the folder.
    """
    command = [sys.executable, "-m", "storage.models.convert", str(source.resolve())]
    with tempfile.TemporaryFile() as log:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=_ROOT, check=False)
        log.seek(0)
        lines = [line.strip() for line in log.read().decode("utf-8", "replace").splitlines() if line.strip()]
    if ended.returncode == 0:
        package = "openvino-genai" if _is_gguf(source) else "openvino"
        return f"{package} {version(package)}"
    full = shutil.disk_usage(source.parent).free < _LITTLE
    _clear(source)
    if full:
        raise OSError(ENOSPC, os.strerror(ENOSPC))
    said = lines[-1] if lines else f"the converter ended with code {ended.returncode}, most likely for want of memory"
    raise ModelUnavailable(f"{source.name} could not be converted: {said.rstrip('.')}.")


def _is_gguf(source: Path) -> bool:
    return source.suffix == ".gguf"


def _clear(source: Path) -> None:
    raise NotImplementedError("being rewritten: must not delete what it did not make")


def _in_child(source: Path) -> None:
    # A conversion whose parent was killed may still be at work in the same folder: let it end first.
    with FileLock(source.parent.with_suffix(".lock")):
        _clear(source)
        (_chat if _is_gguf(source) else _embedder)(source)


def _chat(source: Path) -> None:
    """openvino-genai leaves the folder's files beside the source, whose name must say what model it is."""
    from openvino_genai import LLMPipeline

    LLMPipeline(str(source), "CPU", enable_save_ov_model=True)


def _embedder(source: Path) -> None:
    from storage.models import bert, e5, graph

    model = e5.read(source)
    bert.write(model, source.parent)
    graph.save(model.shape, model.tensors, source.parent)


if __name__ == "__main__":
    _in_child(Path(sys.argv[1]))
