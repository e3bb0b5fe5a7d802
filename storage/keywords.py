"""The keyword index of one collection: SQLite FTS5 over words cut for Chinese and English, derived from SQL."""

import functools
import json
import math
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from storage.dates import in_all_forms, in_one_form
from storage.errors import DatabaseUnavailable

_TOGETHER = 5000  # chunks that are cut into words and put in at a time
_CUTTING = 2  # how texts are cut into words: an index that was cut otherwise is made anew

_LETTERS = r"[^\W_\u3400-\u9fff\uf900-\ufaff]+"  # of any script but Chinese, and digits
_RUN = re.compile(rf"[\u3400-\u9fff\uf900-\ufaff]+|{_LETTERS}(?:[._'-]{_LETTERS})*")
_PART = re.compile(_LETTERS)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

# Words that say nothing about the subject: asking words, articles, auxiliaries. They stay in the index
# (a title may consist of them) but are not asked for.
STOP_WORDS = frozenset(
    "a an the and or of to in on at by for from with as is are was were be been being am do does did have has "
    "had can could will would shall should may might must what which who whom whose when where why how much "
    "many that this these those it its they them their there here he she his her you your we our i my me not "
    "no any some if than then so about into over under tell say says said please give according document "
    "documents 的 了 是 在 有 和 与 及 或 吗 呢 吧 啊 么 什么 哪 哪些 哪个 哪里 怎么 怎样 如何 为什么 多少 几 "
    "谁 何 何时 被 把 将 对 从 到 为 于 以 可以 能 能否 是否 请 请问 这 那 这个 那个 之 其 中 个 也 都 就 而 "
    "但 我 你 他 她 它 我们 你们 他们 一个 一 上 下 里 时 根据 关于 文档 文件 "
    "不 没 没有 不是 不能 不可 无法 未 是的 会 还 又 很 更 最 等 yes also just only very such each".split()
)


class KeywordHit(NamedTuple):
    """A chunk that shares words with a question. `coverage` is the share (0..1) of the question's weight, rare
    words weighing more, that the chunk holds, of the words its script can hold; words that stand nowhere in the index
    count against it."""

    chunk_id: int
    score: float
    coverage: float


class KeywordIndex:
    """Chunk ids and their words, ranked by BM25 (Robertson and Zaragoza 2009; FTS5's k1 = 1.2, b = 0.75).

    One SQLite file of its own, so that it serves any SQL database; it is stamped with a generation once it holds all
    words of that one. A missing or damaged file reads as an empty index of generation -1, which the library fills
    again.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{name}.keywords"
        self._lock = Lock()
        try:
            self._connection = self._open()
        except sqlite3.OperationalError as exc:  # busy or out of reach, but not damaged
            raise self._unavailable(exc) from exc
        except sqlite3.DatabaseError:  # damaged: SQL has all of it
            for leftover in folder.glob(f"{name}.keywords*"):
                leftover.unlink()
            self._connection = self._open()

    @property
    def generation(self) -> int:
        """The generation of SQL that this index holds; -1 while it holds nothing."""
        with self._using():
            return int(self._connection.execute("PRAGMA user_version").fetchone()[0]) - 1

    def ids(self) -> set[int]:
        """The chunks this index holds."""
        with self._using():
            return {row[0] for row in self._connection.execute("SELECT id FROM words_docsize")}

    def update(self, added: Iterable[tuple[int, str]], removed: Sequence[int], generation: int) -> None:
        """Take chunks in (id and text), some in a transaction, and out, and stamp the index in the last one."""
        texts = iter(added)
        while rows := [(chunk_id, " ".join(words(text))) for chunk_id, text in islice(texts, _TOGETHER)]:
            with self._using(), self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                # Another process may have added the same chunks since they were counted.
                self._connection.executemany("INSERT OR REPLACE INTO words(rowid, text) VALUES (?, ?)", rows)
        with self._using(), self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("DELETE FROM words WHERE rowid = ?", [(chunk_id,) for chunk_id in removed])
            self._connection.execute(f"PRAGMA user_version = {generation + 1}")

    def search(
        self, question: str, k: int, among: Sequence[int] | None = None, but: Sequence[int] = ()
    ) -> list[KeywordHit]:
        """The `k` best chunks, of all or of those in `among`, `but` for some, by BM25 for the question's words, with
        how much of the question each covers."""
        terms = list(dict.fromkeys(asked_words(question)))[:24]
        if not terms:
            return []
        with self._using():
            total = self._connection.execute("SELECT count(*) FROM words_docsize").fetchone()[0]
            counts = [self._count(term) for term in terms]
            weights = [math.log(1 + (total - n + 0.5) / (n + 0.5)) for n in counts]
            present = [_quoted(term) for term, n in zip(terms, counts, strict=True) if n]
            if not present:
                return []
            # With a plus, SQLite looks each match up among the chunks; without it, it would match for each chunk anew.
            fits = "" if among is None else "AND +rowid IN (SELECT value FROM json_each(?))"
            fits += " AND +rowid NOT IN (SELECT value FROM json_each(?))" if but else ""
            ids = [json.dumps(ids) for ids in (among, but or None) if ids is not None]
            rows = self._connection.execute(
                f"SELECT rowid, -bm25(words), text FROM words WHERE words MATCH ? {fits} ORDER BY rank LIMIT ?",
                (" OR ".join(present), *ids, k),
            ).fetchall()
            covered = self._covered([row[0] for row in rows], terms, weights)
        whole = sum(weights)
        # An English passage can hold nothing of a Chinese question but its Latin words, such as a product's name.
        latin = sum(weight for term, weight in zip(terms, weights, strict=True) if not _CJK.search(term))
        return [
            KeywordHit(chunk_id, score, covered[chunk_id] / ((whole if _CJK.search(text) else latin) or 1.0))
            for chunk_id, score, text in rows
        ]

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    @contextmanager
    def _using(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.DatabaseError as exc:
                raise self._unavailable(exc) from exc

    def _unavailable(self, exc: sqlite3.DatabaseError) -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"The keyword index {self._file} cannot be used ({exc}). Try again; if it stays, remove the file: it is "
            "made anew from the database."
        )

    def _count(self, term: str) -> int:
        found = self._connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (_quoted(term),))
        return int(found.fetchone()[0])

    def _covered(self, ids: list[int], terms: list[str], weights: list[float]) -> dict[int, float]:
        covered = dict.fromkeys(ids, 0.0)
        marks = ",".join("?" * len(ids))
        for term, weight in zip(terms, weights, strict=True):
            query = f"SELECT rowid FROM words WHERE words MATCH ? AND rowid IN ({marks})"
            for (chunk_id,) in self._connection.execute(query, (_quoted(term), *ids)):
                covered[chunk_id] += weight
        return covered

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=10, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL")
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            connection.close()
            raise sqlite3.DatabaseError(f"{self._file} is damaged")
        connection.execute("PRAGMA synchronous=NORMAL")
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute("PRAGMA application_id").fetchone()[0] != _CUTTING:
                connection.execute("DROP TABLE IF EXISTS words")
                connection.execute("PRAGMA user_version = 0")
                connection.execute(f"PRAGMA application_id = {_CUTTING}")
            # The words are cut here; of FTS5's own tokenizers only English stemming and accents are wanted.
            connection.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS words "
                "USING fts5(text, tokenize=\"porter unicode61 tokenchars '._-'\")"
            )
        return connection


def words(text: str) -> list[str]:
    """The words of a text as the index knows them: lower case, compatibility forms and traditional characters folded.

    A Chinese run gives its words and their parts; a compound such as "e5-small.bin" gives itself and its parts. A date
    gives itself and what may be asked for: "20240501", "202405" and "0501".
    """
    return _cut(in_all_forms(folded(text)))


def content_words(text: str) -> list[str]:
    """The words of a text that say something about its subject, in order."""
    return [word for word in words(text) if word not in STOP_WORDS]


def asked_words(question: str) -> list[str]:
    """The content words of a question. A date counts in one form alone: no passage holds it in each."""
    return [word for word in _cut(in_one_form(folded(question))) if word not in STOP_WORDS]


def folded(text: str) -> str:
    """A text in lower case, in simplified characters, without compatibility forms and separators of thousands."""
    return _THOUSANDS.sub("", _simplified()(unicodedata.normalize("NFKC", text).lower()))


def _cut(folded: str) -> list[str]:
    import rjieba

    found: list[str] = []
    for match in _RUN.finditer(folded):
        run = match.group()
        if _CJK.match(run):
            found.extend(rjieba.cut_for_search(run))
        else:
            found.append(run)
            parts = _PART.findall(run)
            if len(parts) > 1:
                found.extend(parts)
    return found


@functools.cache
def _simplified() -> Callable[[str], str]:
    import opencc

    convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
    return convert


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
