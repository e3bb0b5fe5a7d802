"""How quick a folder comes in, side by side with what a LangChain program does: `make bench ARGS=tests/benchmarks`.

Both take the same files and the same embedding model, which is loaded before. "documents a second" are files;
"characters" are those that are not blank and can be found, titles with them where they are no part of the text.
"""

import os
import random
import re
from html import escape
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import select

from ingest.progress import Report
from storage import schema as t
from storage.models.catalogue import DEFAULT_EMBEDDER
from tests.benchmarks import stock
from tests.flows.place import fake_app
from tests.samples import DOCUMENTS
from ui.app import build
from ui.places import read_places
from ui.settings import Settings

pytestmark = pytest.mark.models
OF_EACH = 40  # files of each format
ENGLISH = (
    "The {0} of section {1} explains in plain words what the person in charge has to do, and when it has to be done.",
    "In case {1} the fee for {0} is {2} euros; the term is {3} days, counted from the day after the letter arrives.",
    "Whoever finds the {0} damaged calls the number on form {2} and writes down the time, also on a public holiday.",
    "Until {1} people had signed for {0}, nobody could tell which of the {3} copies in the cellar was the right one.",
)
CHINESE = (
    "第{1}节说明{0}的负责人应当做什么以及何时完成，并列出所需的{2}号表格。",
    "如遇第{1}种情形，{0}的费用为{2}元，期限为{3}天，自收到通知次日起计算。",
    "任何人发现{0}损坏时，应当立即拨打{2}号表格上的电话，并记录发现的时间。",
)
TOPICS = {
    ENGLISH: "warranty shipping safety cleaning storage payment privacy heating insurance training".split(),
    CHINESE: "保修 运输 安全 清洁 仓储 付款 隐私 供暖 保险 培训".split(),
}


def paragraphs(dice: random.Random) -> list[str]:
    """The text of one file: mostly English, from a note to a long report."""
    sentences = CHINESE if dice.random() < 0.3 else ENGLISH

    def sentence() -> str:
        topic, *numbers = dice.choice(TOPICS[sentences]), *(dice.randint(1, 9999) for _ in range(3))
        return dice.choice(sentences).format(topic, *numbers)

    of_all = round(dice.lognormvariate(2.0, 0.8)) + 1
    return [" ".join(sentence() for _ in range(dice.randint(2, 8))) for _ in range(of_all)]


def txt(path: Path, text: list[str]) -> None:
    path.write_text("\n\n".join(text), encoding="utf-8")


def md(path: Path, text: list[str]) -> None:
    path.write_text("\n\n".join(f"## Part {n}\n\n{each}" for n, each in enumerate(text)), encoding="utf-8")


def html(path: Path, text: list[str]) -> None:
    body = "".join(f"<h2>Part {n}</h2><p>{escape(each)}</p>" for n, each in enumerate(text))
    path.write_text(f"<!doctype html><meta charset='utf-8'><title>{path.stem}</title>{body}", encoding="utf-8")


def docx(path: Path, text: list[str]) -> None:
    import docx

    document = docx.Document()
    for number, each in enumerate(text):
        document.add_heading(f"Part {number}", 2)
        document.add_paragraph(each)
    document.save(str(path))


def pdf(path: Path, text: list[str]) -> None:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("plain", fontName="STSong-Light", wordWrap="CJK" if text[0][0] > "\u2e80" else None)
    SimpleDocTemplate(str(path)).build([Paragraph(escape(each), style) for each in text])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folder")
    dice = random.Random(1)
    for write in (txt, md, html, docx, pdf):
        for number in range(OF_EACH):
            write(folder / f"{number:03} {write.__name__}.{write.__name__}", paragraphs(dice))
    return folder


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample documents that both can read, without those that are a book each."""
    if not DOCUMENTS.is_dir():
        pytest.skip("the folder of sample documents is not here")
    folder = tmp_path_factory.mktemp("real")
    for path in sorted(DOCUMENTS.iterdir()):
        if path.suffix in stock.LOADERS and path.stat().st_size < 400_000 and readable(path):
            (folder / path.name).write_bytes(path.read_bytes())
    return folder


def readable(path: Path) -> bool:
    try:
        return any(page.page_content.strip() for page in stock.LOADERS[path.suffix](path))
    except UnicodeDecodeError:
        return False


SIDES = ["footnote", "langchain"]
measured: dict[tuple[str, str], tuple[float, int]] = {}  # seconds and characters, by folder and side


@pytest.mark.benchmark(group="a folder of mixed files")
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("what", ["made", "real"])
def test_folder(
    side: str, what: str, request: pytest.FixtureRequest, benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue("folder" if what == "made" else "real")
    files = len(list(folder.iterdir()))
    passages, characters = (
        by_footnote(folder, benchmark, tmp_path) if side == "footnote" else by_langchain(folder, benchmark)
    )
    seconds = benchmark.stats["mean"]
    measured[what, side] = seconds, characters
    benchmark.extra_info |= {
        "documents a second": round(files / seconds, 2), "documents": files, "passages": passages,
        "characters": characters,
    }  # fmt: skip
    if all((what, each) in measured for each in SIDES):
        (ours, found), (theirs, covered) = (measured[what, each] for each in SIDES)
        benchmark.extra_info["times as many documents a second"] = round(theirs / ours, 2)
        assert theirs / ours >= 3
        assert found >= covered


def by_footnote(folder: Path, benchmark: BenchmarkFixture, home: Path) -> tuple[int, int]:
    made = build(Settings(home, read_places().models, f"sqlite:///{(home / 'footnote.sqlite').as_posix()}"))
    made.embedder.warm()
    *_, report = benchmark.pedantic(lambda: list(made.ingest([folder], "bench")), rounds=1)
    assert isinstance(report, Report)
    assert report.failures == ()
    with made.library.database.reading() as connection:
        texts = [*connection.scalars(select(t.chunks.c.text)), *connection.scalars(select(t.documents.c.title))]
    made.close()
    return report.chunks, sum(map(solid, texts))


def by_langchain(folder: Path, benchmark: BenchmarkFixture) -> tuple[int, int]:
    embeddings = stock.embeddings(read_places().models / DEFAULT_EMBEDDER)
    embeddings.embed_query("warm")
    store = benchmark.pedantic(stock.ingest, (folder, embeddings), rounds=1)
    return len(store.ids), sum(solid(document.page_content) for document in stock.load(folder))


def solid(text: str) -> int:
    return len(re.sub(r"\s", "", text))


@pytest.mark.benchmark(group="a folder of 10,000 unchanged files")
def test_nothing_has_changed(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for number in range(10_000):
        path = folder / f"{number // 100:02}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Note {number} says that nothing has changed.", encoding="utf-8")
        os.utime(path, (1e9, 1e9))  # not fresh: else they are looked at twice
    made = fake_app(tmp_path / "home")
    *_, first = made.ingest([folder], "bench")
    *_, again = benchmark.pedantic(lambda: list(made.ingest([folder], "bench")), rounds=3)
    assert isinstance(first, Report) and isinstance(again, Report)
    assert (first.added, again.unchanged) == (10_000, 10_000)
    benchmark.extra_info["seconds for the first time, without a model"] = round(first.seconds, 1)
    assert benchmark.stats["max"] < 5
    made.close()
