"""A folder as a person might have it, with everything that can be wrong with a file."""

from pathlib import Path
from typing import cast

import pytest

from ingest.pipeline import IngestOptions, ingest
from ingest.progress import Report
from storage.library import Library
from tests.fakes import FakeLibrary
from tests.samples import DOCUMENTS

EXPECTED = {  # the file, and words of its reason
    "broken/aes256_user_password.pdf": "protected by a password",
    "broken/bad1_5_bytes.pdf": "damaged",
    "broken/cut_after_60000_bytes.pdf": "damaged",
    "broken/empty.eml": "holds no text",
    "broken/empty.txt": "empty",
    "broken/empty.xlsx": "holds no text",
    "broken/empty_0_bytes.pdf": "empty",
    "broken/encrypted.eml": "encrypted",
    "broken/encrypted.msg": "encrypted",
    "broken/fuzzed_poppler-742.pdf": "damaged",
    "broken/invalid_22_bytes.xlsx": "cut off",
    "broken/not_a_zip.odt": "no OpenDocument file",
    "broken/only_whitespace.txt": "holds no text",
    "broken/password-example.pdf": "protected by a password",
    "broken/password_protected.docx": "protected by a password",
    "broken/password_protected.pptx": "protected by a password",
    "broken/password_protected.xlsx": "protected by a password",
    "broken/truncated.docx": "cut off",
    "broken/truncated_part.docx": "cut off",
    "broken/xml_entity_bomb.xlsx": "XML entities",
}

pytestmark = pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the folder of sample documents is not here")


OPTIONS = IngestOptions(read_seconds=60)


def last(library: FakeLibrary) -> Report:
    *_, report = ingest([DOCUMENTS], "all", cast(Library, library), OPTIONS)
    assert isinstance(report, Report)
    return report


@pytest.fixture(scope="module")
def ingested() -> tuple[FakeLibrary, Report]:
    library = FakeLibrary()
    return library, last(library)


def test_no_file_stops_the_run(ingested: tuple[FakeLibrary, Report]) -> None:
    library, report = ingested
    failed = {Path(failure.path).relative_to(DOCUMENTS).as_posix(): failure.reason for failure in report.failures}
    assert failed.keys() == EXPECTED.keys()
    for name, words in EXPECTED.items():
        assert words in failed[name], name
    whole = [entry for entry in library.entries["all"].values() if entry.document.part == 1]
    assert report.added == len(whole) > 90


def test_chunks_cover_real_documents(ingested: tuple[FakeLibrary, Report]) -> None:
    library, report = ingested
    for entry in library.entries["all"].values():
        text = entry.document.text
        assert all(text[chunk.start : chunk.end] == chunk.text for chunk in entry.chunks)
        covered = "".join(chunk.text for chunk in entry.chunks)
        assert "".join(covered.split()) == "".join(text.split()), entry.document.path
    assert report.chunks == sum(len(entry.chunks) for entry in library.entries["all"].values())


def test_a_second_run_changes_nothing(ingested: tuple[FakeLibrary, Report]) -> None:
    library, report = ingested
    again = last(library)
    assert (again.added, again.changed, again.removed, again.chunks) == (0, 0, 0, 0)
    assert again.unchanged == report.added
    assert len(again.failures) == len(EXPECTED)


def test_encodings_and_titles_of_real_files(ingested: tuple[FakeLibrary, Report]) -> None:
    library, _ = ingested
    documents = {Path(entry.document.path).name: entry.document for entry in library.entries["all"].values()}
    assert "用人单位" in documents["劳动合同法实施条例_gb18030.txt"].text
    assert "排列" in documents["文字排列方向_big5.txt"].text
    assert documents["smolagents_utf16.txt"].title == "Building good agents"
    assert "können" in documents["latin1.md"].text
    assert documents["劳动合同法(2012-12-28).md"].title == "中华人民共和国劳动合同法"
    assert documents["大语言模型原理与工程实践.md"].title == "大语言模型原理与工程实践"
    assert documents["word_document_named.pdf"].title == "Swimming in the lake"
    assert documents["hhs_strategic_plan_2022-2026.pdf"].pages == 160
    assert documents["Curve支持S3数据缓存方案.pdf"].language == "zh"
