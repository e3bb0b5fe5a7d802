"""A folder as a LangChain program takes it in, to compare with: load, split, embed, index, one after the other.

The steps of DirectoryLoader, RecursiveCharacterTextSplitter, HuggingFaceEmbeddings and FAISS.from_documents. The
embeddings are LangChain's own. The loaders went with langchain-community, which is no more: in their place each format
is loaded by the library that its loader used, and the splitter and the store are written here to do the same.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

SEPARATORS = ("\n\n", "\n", " ", "")
SIZE, OVERLAP = 1000, 200  # characters, as LangChain's own tutorials have it


def load(folder: Path) -> Iterator[Document]:
    """Every file of a format that has a loader, in one thread, as DirectoryLoader does unless it is told otherwise."""
    for path in sorted(folder.rglob("*")):
        if loader := LOADERS.get(path.suffix.lower()):
            yield from loader(path)


def _text(path: Path) -> Iterator[Document]:
    yield Document(path.read_text(encoding="utf-8"), metadata={"source": str(path)})


def _html(path: Path) -> Iterator[Document]:
    from lxml import html

    text = html.fromstring(path.read_bytes()).xpath(
        "//text()[not(parent::script or parent::style or parent::template)]"
    )
    yield Document("".join(map(str, text)), metadata={"source": str(path)})


def _pdf(path: Path) -> Iterator[Document]:
    from pypdf import PdfReader

    for number, page in enumerate(PdfReader(path).pages):
        yield Document(page.extract_text(), metadata={"source": str(path), "page": number})


def _docx(path: Path) -> Iterator[Document]:
    import docx

    text = "\n\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)
    yield Document(text, metadata={"source": str(path)})


LOADERS: dict[str, Callable[[Path], Iterator[Document]]] = {
    ".txt": _text, ".md": _text, ".html": _html, ".pdf": _pdf, ".docx": _docx,
}  # fmt: skip


def split(text: str, separators: tuple[str, ...] = SEPARATORS) -> list[str]:
    """Cut at the first separator there is, what is still too long at the next ones; pack with overlap."""
    at = next(n for n, separator in enumerate(separators) if separator in text)
    separator, rest = separators[at], separators[at + 1 :]
    chunks: list[str] = []
    short: list[str] = []
    for piece in _pieces(text, separator):
        if len(piece) < SIZE:
            short.append(piece)
            continue
        chunks += _packed(short)
        short = []
        chunks += split(piece, rest) if rest else [piece]
    return chunks + _packed(short)


def _pieces(text: str, separator: str) -> list[str]:
    """Each piece but the first begins with the separator."""
    if not separator:
        return list(text)
    first, *more = text.split(separator)
    return [piece for piece in (first, *(separator + piece for piece in more)) if piece]


def _packed(pieces: list[str]) -> list[str]:
    packed: list[str] = []
    held: list[str] = []
    size = 0
    for piece in pieces:
        if size + len(piece) > SIZE and held:
            packed.append("".join(held).strip())
            while size > OVERLAP or (size + len(piece) > SIZE and size):
                size -= len(held.pop(0))
        held.append(piece)
        size += len(piece)
    packed.append("".join(held).strip())
    return [chunk for chunk in packed if chunk]


@dataclass(frozen=True)
class Store:
    """What FAISS.from_documents gives."""

    index: Any
    documents: dict[str, Document]
    ids: list[str]


def embeddings(model: Path) -> Embeddings:
    """The model of a folder as LangChain loads it."""
    from langchain_huggingface import HuggingFaceEmbeddings

    return HuggingFaceEmbeddings(model_name=str(model))


def ingest(folder: Path, embeddings: Embeddings) -> Store:
    """The whole of it."""
    import faiss
    import numpy as np

    chunks = [Document(text, metadata=whole.metadata) for whole in load(folder) for text in split(whole.page_content)]
    vectors = np.array(embeddings.embed_documents([chunk.page_content for chunk in chunks]), np.float32)
    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)  # type: ignore[call-arg]  # the stub is of the C++ function
    ids = [str(uuid.uuid4()) for _ in chunks]
    return Store(index, dict(zip(ids, chunks, strict=True)), ids)
