"""The wheel holds what an installed Footnote needs, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("ingest", "qa", "storage", "ui")


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_four_packages(tmp_path: Path) -> None:
    source = tmp_path / "source"  # a copy: building leaves folders behind
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*wheel, "--wheel-dir", str(tmp_path), str(source)], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("footnote-*.whl"))) as archive:
        files = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {path.relative_to(source) for name in PACKAGES for path in (source / name).rglob("*") if path.is_file()}
    assert files == {path.as_posix() for path in wanted}
