"""Modules of this program in processes of their own, wherever it is installed and whichever folder one is in."""

import os
import sys
from pathlib import Path

_HOME = Path(__file__).parents[1]


def command(module: str, *arguments: str) -> list[str]:
    """What starts a module. No code of the current folder comes before ours."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment(**more: str) -> dict[str, str]:
    """The environment in which it is found. An empty entry of PYTHONPATH would mean the current folder."""
    paths = [str(_HOME), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | more
