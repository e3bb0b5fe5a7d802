"""What this machine has: memory, processors, fonts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")  # where Linux limits a container's memory


def memory() -> int | None:
    """Bytes of memory that this machine, or the container around us, has; None where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None
    try:
        return min(total, int(_CONTAINER_LIMIT.read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return total


if sys.platform == "win32":

    def _windows_memory() -> int | None:
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = (("length", ctypes.c_ulong), ("load", ctypes.c_ulong), ("total", ctypes.c_ulonglong),
                        ("others", ctypes.c_ulonglong * 6))  # fmt: skip

        status = Status(length=ctypes.sizeof(Status))
        return int(status.total) if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def processors() -> int:
    """Logical processors."""
    return os.cpu_count() or 1


def shows_chinese() -> bool | None:
    """Whether a font for Chinese is installed; None where that cannot be asked (it comes with Windows and macOS)."""
    if not (fc_list := shutil.which("fc-list")):
        return None
    answer = subprocess.run([fc_list, ":lang=zh", "family"], capture_output=True, check=False)
    return bool(answer.stdout.strip()) if answer.returncode == 0 else None
