"""What this machine has: processor, memory, disk, graphics processors, fonts."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import storage.models  # noqa: F401  # keeps openvino from reporting its use

_CONTAINER = Path("/sys/fs/cgroup")  # where Linux limits a container's memory
# What makes a language model quick on a processor, as Linux and macOS call it.
_EXTENSIONS = {
    "avx2": "avx2", "avx512f": "avx512", "avx_vnni": "avx_vnni", "avx512_vnni": "avx512_vnni",
    "avx512_bf16": "avx512_bf16", "amx_tile": "amx", "asimddp": "dotprod", "i8mm": "i8mm", "bf16": "bf16",
    "feat_dotprod": "dotprod", "feat_i8mm": "i8mm", "feat_bf16": "bf16",
}  # fmt: skip
_NVIDIA = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader,nounits")
_SECONDS = 10  # for another program's answer

Run = Callable[[tuple[str, ...]], str]


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor: `device` is torch's name for it, memory in bytes. Not usable: `why`, and what mends it."""

    name: str
    device: str
    memory: int | None = None
    driver: str = ""
    why: str = ""
    mend: str = ""

    @property
    def usable(self) -> bool:
        """Whether the installed torch computes on it."""
        return not self.why


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory and disk in bytes, None where the system does not tell; `computes` are the precisions OpenVINO names."""

    processor: str
    extensions: tuple[str, ...]
    computes: tuple[str, ...]
    processors: int
    memory: int | None
    available: int | None
    free_disk: int
    gpus: tuple[Gpu, ...] = ()

    @property
    def gpu(self) -> Gpu | None:
        """The graphics processor that would be used."""
        return next((gpu for gpu in self.gpus if gpu.usable), None)


def read(folder: Path) -> Machine:
    """This machine; the disk is that of `folder`, which need not be there yet."""
    name, computes = _openvino()
    total = memory()
    return Machine(
        processor=name or platform.processor() or platform.machine(),
        extensions=extensions(_flags()),
        computes=computes,
        processors=processors(),
        memory=total,
        available=_available(total),
        free_disk=shutil.disk_usage(existing(folder)).free,
        gpus=gpus(),
    )


def existing(folder: Path) -> Path:
    """The folder, or what there is of the way to it; the person's own folder where its whole drive is not there."""
    return next((place for place in (folder, *folder.parents) if place.exists()), Path.home())


def memory() -> int | None:
    """Bytes of memory that this machine, or the container around us, has; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory(0)
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None
    limit = _number(_CONTAINER / "memory.max")
    return total if limit is None else min(total, limit)


def _available(total: int | None) -> int | None:
    """Bytes that programs could take now, without others being put out to disk."""
    if sys.platform == "win32":
        return _windows_memory(1)
    found = re.search(r"^MemAvailable:\s+(\d+) kB", _text(Path("/proc/meminfo")), re.MULTILINE)
    if not found or total is None:
        return None
    if _number(_CONTAINER / "memory.max") is None:
        return int(found[1]) * 1024
    used = _number(_CONTAINER / "memory.current") or 0
    cached = re.search(r"^inactive_file (\d+)", _text(_CONTAINER / "memory.stat"), re.MULTILINE)
    return min(int(found[1]) * 1024, total - used + (int(cached[1]) if cached else 0))


if sys.platform == "win32":

    def _windows_memory(which: int) -> int | None:
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = (("length", ctypes.c_ulong), ("load", ctypes.c_ulong), ("bytes", ctypes.c_ulonglong * 7))

        status = Status(length=ctypes.sizeof(Status))
        there = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.bytes[which]) if there else None


def processors() -> int:
    """Logical processors."""
    return os.cpu_count() or 1


def extensions(flags: str) -> tuple[str, ...]:
    """Of a processor's flags those that matter here, in one spelling."""
    known = {_EXTENSIONS[flag] for flag in flags.lower().split() if flag in _EXTENSIONS}
    return tuple(name for name in dict.fromkeys(_EXTENSIONS.values()) if name in known)


def _flags() -> str:
    if sys.platform == "darwin":
        features = [f"hw.optional.arm.{name}" for name in ("FEAT_DotProd", "FEAT_I8MM", "FEAT_BF16")]
        told = _run(("sysctl", *features)) + _run(("sysctl", "machdep.cpu.leaf7_features"))
        names = re.findall(r"arm\.(\w+): 1$", told, re.MULTILINE)
        return " ".join([*names, *told.partition("leaf7_features:")[2].split()])
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", _text(Path("/proc/cpuinfo")), re.MULTILINE)
    return found[1] if found else ""


def _openvino() -> tuple[str, tuple[str, ...]]:
    """The processor's name and the precisions it computes in; OpenVINO knows both on every system."""
    if not importlib.util.find_spec("openvino"):
        return "", ()
    from openvino import Core

    core = Core()
    name, computes = (core.get_property("CPU", key) for key in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES"))
    known = [each for each in ("FP32", "FP16", "BF16", "INT8") if each in computes]
    return str(name).strip(), tuple(each.lower() for each in known)


def _run(command: tuple[str, ...]) -> str:
    """What a program prints; nothing where it is not there or fails."""
    if not (program := shutil.which(command[0])):
        return ""
    try:
        done = subprocess.run(
            [program, *command[1:]], capture_output=True, check=False, timeout=_SECONDS,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def gpus(run: Run = _run) -> tuple[Gpu, ...]:
    """The graphics processors that torch could use, and what keeps it from that."""
    rows = [[cell.strip() for cell in line.split(",")] for line in run(_NVIDIA).splitlines()]
    rows = [row for row in rows if len(row) == 3]
    found = [("cuda", name, int(size) << 20 if size.isdigit() else None, driver) for name, size, driver in rows]
    if sys.platform == "darwin" and platform.machine() == "arm64":
        found.append(("mps", "Apple silicon", memory(), ""))  # which shares the machine's memory
    if not found:
        return ()
    why = {device: _obstacle(device) for device in {each[0] for each in found}}
    return tuple(Gpu(name, device, size, driver, *why[device]) for device, name, size, driver in found)


def _obstacle(device: str) -> tuple[str, str]:
    """Why the installed torch cannot compute there, and what mends it; two empty texts where it can."""
    if not importlib.util.find_spec("torch"):
        return "torch is not installed", "pip install torch"
    import torch

    built = torch.version.cuda if device == "cuda" else "mps"
    there = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    return obstacle(torch.__version__, built, there)


def obstacle(torch_version: str, built_for: str | None, there: bool) -> tuple[str, str]:
    """Why this torch cannot compute on the graphics processor, and what mends it (pure)."""
    if there:
        return "", ""
    if built_for is None:
        why = f"torch {torch_version} is built for the processor alone"
        if sys.platform == "win32":  # whose builds for CUDA only PyTorch's own index has
            return why, "pip uninstall -y torch, then the command that https://pytorch.org/get-started/locally shows"
        return why, f"pip uninstall -y torch && pip install torch=={torch_version.partition('+')[0]}"
    if built_for == "mps":
        return f"torch {torch_version} does not reach it", "update macOS to 14 or newer"
    return (
        f"torch {torch_version} wants a driver for CUDA {built_for}",
        "update the NVIDIA driver from https://www.nvidia.com/drivers",
    )


def shows_chinese() -> bool | None:
    """Whether a font for Chinese is installed; None where that cannot be asked (it comes with Windows and macOS)."""
    if not shutil.which("fc-list"):
        return None
    return bool(_run(("fc-list", ":lang=zh", "family")).strip())


def watch_limit() -> int | None:
    """How many folders and files a person's programs can follow on Linux; None where there is no such limit."""
    return _number(Path("/proc/sys/fs/inotify/max_user_watches"))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _number(file: Path) -> int | None:
    text = _text(file).strip()
    return int(text) if text.isdigit() else None
