"""A bound on the memory of a child process that opens other people's files."""

import os
import sys
import time
from pathlib import Path
from threading import Thread

TOO_MUCH = 86  # the exit code of a process that went over its bound

_LOOK = 0.1  # seconds between two looks
_RESERVED = 2  # libraries that compute, as OCR does, reserve twice what they use
_PAGES = Path("/proc/self/statm")
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def limit(size: int) -> None:
    """At most `size` bytes of memory for this process: beyond, it ends with TOO_MUCH. It ends with its parent, too.

    Linux refuses what goes far beyond at once. Elsewhere a thread looks now and then, which is all that can be done
    there; Windows does not even tell, and the time limits alone guard against bombs.
    """
    _refuse(size * _RESERVED)
    parent = os.getppid()
    Thread(target=_look, args=(size, parent), daemon=True, name="footnote-memory").start()


def _refuse(size: int) -> None:
    if sys.platform != "linux":  # macOS knows such limits and does not keep them
        return
    import ctypes
    import resource
    import signal

    resource.setrlimit(resource.RLIMIT_DATA, (size, resource.getrlimit(resource.RLIMIT_DATA)[1]))
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _look(size: int, parent: int) -> None:
    while resident() <= size and os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(TOO_MUCH)


def resident() -> int:
    """Bytes of memory that this process holds; on macOS, that it ever held; 0 where the system does not tell."""
    if _PAGES.exists():
        return int(_PAGES.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
