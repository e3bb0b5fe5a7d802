"""What the machine tells about itself is plausible, or honestly unknown; programs that tell more are stood in for."""

import sys
from pathlib import Path

import pytest

from ui import machine

H100 = "NVIDIA H100 80GB HBM3, 81559, 550.54.15\nNVIDIA T4, [N/A], 550.54.15\n"


def test_memory_is_bytes_or_unknown() -> None:
    there = machine.memory()
    assert there is None or there > 100_000_000


def test_there_is_a_processor() -> None:
    assert machine.processors() >= 1


@pytest.mark.parametrize(("listed", "shows"), [("Noto Sans CJK SC\n", True), ("\n", False)])
def test_a_font_for_chinese_is_asked_for(monkeypatch: pytest.MonkeyPatch, listed: str, shows: bool) -> None:
    monkeypatch.setattr("ui.machine.shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine, "_run", lambda command: listed if command[:2] == ("fc-list", ":lang=zh") else "")
    assert machine.shows_chinese() is shows


def test_without_fc_list_fonts_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.machine.shutil.which", lambda name: None)
    assert machine.shows_chinese() is None


def test_what_a_program_prints_is_read_in_any_encoding() -> None:
    code = "import sys; sys.stdout.buffer.write(b'M\\xfcller')"
    assert machine._run((sys.executable, "-c", code)) == "M\ufffdller"


def test_a_drive_that_is_not_there_ends_in_the_persons_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert machine.existing(Path("Z:/models")) == Path.home()


def test_this_machine_is_read_also_where_the_folder_is_not_there_yet(tmp_path: Path) -> None:
    there = machine.read(tmp_path / "not" / "yet")
    assert there.processor and there.processors >= 1
    assert there.free_disk > 0
    assert "fp32" in there.computes  # every processor that OpenVINO runs on
    if there.memory and there.available is not None:
        assert 0 < there.available <= there.memory


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ("fpu sse2 AVX2 avx512f avx512_vnni amx_tile amx_bf16", ("avx2", "avx512", "avx512_vnni", "amx")),
        ("fp asimd asimddp i8mm bf16", ("dotprod", "i8mm", "bf16")),
        ("FEAT_DotProd FEAT_I8MM", ("dotprod", "i8mm")),
        ("", ()),
    ],
)
def test_what_speeds_a_model_up_is_picked_out_of_the_flags(flags: str, names: tuple[str, ...]) -> None:
    assert machine.extensions(flags) == names


def test_a_card_is_named_with_its_memory_and_what_keeps_torch_from_it() -> None:
    first, second = machine.gpus(lambda command: H100 if command[0] == "nvidia-smi" else "")[:2]
    assert (first.name, first.device, first.driver) == ("NVIDIA H100 80GB HBM3", "cuda", "550.54.15")
    assert first.memory == 81559 * 2**20
    assert second.memory is None
    assert first.usable or (first.why and first.mend)


@pytest.mark.skipif(sys.platform == "darwin", reason="Apple silicon has one always")
def test_without_a_card_there_is_none() -> None:
    assert machine.gpus(lambda command: "") == ()


def test_a_torch_that_computes_there_has_no_obstacle() -> None:
    assert machine.obstacle("2.13.0", "13.0", True) == ("", "")


def test_a_torch_for_the_processor_is_told_with_the_command_that_mends_it() -> None:
    why, mend = machine.obstacle("2.13.0+cpu", None, False)
    assert "2.13.0+cpu" in why
    assert mend.startswith("pip uninstall -y torch")
    assert "+cpu" not in mend


def test_a_driver_too_old_is_told() -> None:
    why, mend = machine.obstacle("2.13.0", "13.0", False)
    assert "CUDA 13.0" in why
    assert "driver" in mend


def test_the_gpu_in_use_is_one_that_torch_reaches() -> None:
    broken = machine.Gpu("old", "cuda", why="too old", mend="update")
    there = machine.Machine("x", (), (), 2, None, None, 1, (broken, machine.Gpu("new", "cuda")))
    assert there.gpu and there.gpu.name == "new"
