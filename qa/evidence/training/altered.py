"""Questions that their passage does not answer any more, by one changed word (pure).

What the crowd did for SQuAD 2.0 (Rajpurkar et al., 2018, table 2): another number or name, the opposite, a "not". The
answer is never put in. A name or number of the same passage is taken where there is one: it makes the question look
answered.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from qa.evidence.training.questions import Question
from storage.language import sentences

_OPPOSITES = tuple(tuple(pair.split()) for pair in (
    "first last", "largest smallest", "biggest smallest", "highest lowest", "most least", "more fewer", "before after",
    "north south", "northern southern", "east west", "eastern western", "increase decrease", "increased decreased",
    "increasing decreasing", "win lose", "won lost", "above below", "begin end", "began ended", "begins ends",
    "start stop", "started stopped", "oldest youngest", "earliest latest", "best worst", "better worse",
    "longest shortest", "higher lower", "larger smaller", "large small", "major minor", "maximum minimum",
    "positive negative", "joined left", "opened closed", "allowed forbade", "bought sold", "majority minority",
    "always never", "common rare", "inside outside", "male female", "men women", "father mother", "brother sister",
    "strong weak", "strongest weakest", "fastest slowest", "success failure", "supported opposed", "public private",
    "internal external", "upper lower", "accepted rejected", "gained lost", "cause prevent", "causes prevents",
    "possible impossible", "legal illegal", "agreed refused", "created destroyed", "rise fall",
    "最大 最小", "最高 最低", "最早 最晚", "最多 最少", "最长 最短", "最好 最差", "最初 最后", "首次 末次",
    "之前 之后", "以前 以后", "增加 减少", "增加 減少", "上升 下降", "开始 结束", "開始 結束", "北部 南部", "东部 西部",
    "東部 西部", "北方 南方", "内部 外部", "成功 失败", "成功 失敗", "支持 反对", "支持 反對", "男性 女性", "父亲 母亲",
    "父親 母親", "优点 缺点", "優點 缺點", "公开 秘密", "同意 拒绝", "同意 拒絕", "加入 退出", "以上 以下",
))  # fmt: skip
_OPPOSITE = {one: other for a, b in _OPPOSITES for one, other in ((a, b), (b, a))}
_ENGLISH = re.compile(rf"(?<![\w-])(?:{'|'.join(w for w in _OPPOSITE if w.isascii())})(?![\w-])", re.IGNORECASE)
_CHINESE = re.compile("|".join(w for w in _OPPOSITE if not w.isascii()))
_NOT = re.compile(  # and what follows a "not" that is put in at its end
    r"\b(?:who|what|which|that|when|where|why|how|did|does|do) (?:is|was|are|were|did|does|do|can|could) (?!not\b)"
    r"(?=\w+ed\b|a |the )", re.IGNORECASE,
)  # fmt: skip
_IS_NOT = re.compile("(?<![不就也但还還而于於可])(?=是(?![什甚谁誰哪多几幾由在否为為何怎不]))")
_YEAR = re.compile(r"(?<![\d.,-])(?:1\d|20)\d\d(?![,.–-]?\d|[A-Za-z])")
_NUMBER = re.compile(r"(?<![\d.,A-Za-z–-])\d+(?:[.,]\d+)*(?:st|nd|rd|th)?(?![,.–-]?\d|[A-Za-z])")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'-]*[a-z]\w*(?:(?: of| de| von)? [A-Z][\w-]+)*")
_TITLE = re.compile("(?<=《)[^《》]{1,20}(?=》)")
_LATIN = re.compile(r"(?<![A-Za-z0-9-])[A-Z][A-Za-z0-9-]+(?: [A-Za-z0-9-]+)*")
_HAN = re.compile("[\u4e00-\u9fff]")
_DENIED = 0.4  # share of the questions that could take a "not" for which it is thought of: it is the easiest to see
_RANGE = 40  # years by which a year is moved where the passage has no other


def altered(question: Question, read: str, elsewhere: Sequence[str], draw: Random) -> str | None:
    """The question with one word changed so that its passage has no answer to it; None where no rule fits.

    `read` is what is shown of the passage, and where names are taken from; `elsewhere` are other passages, for want of
    one there. The same `draw` gives the same question.
    """
    foreign = [answer for answer in question.answers if answer not in question.text.lower()]
    found = list(_changed(_Source(question, read, elsewhere), draw))
    found = [text for text in found if not any(answer in text.lower() for answer in foreign)]
    return draw.choice(found) if found else None


@dataclass(frozen=True, slots=True)
class _Source:
    """Where other words come from: what is shown of the question's passage, and other passages."""

    question: Question
    read: str
    elsewhere: Sequence[str]

    def names(self, kind: re.Pattern[str], one: str) -> tuple[list[str], list[str]]:
        """Others of the kind than `one`: of the passage, but for the sentences that answer, and of elsewhere."""
        parts = [self.read[start:end] for start, end in sentences(self.read)]
        near = {name for part in parts if self.question.answered_in(part)
                for name in kind.findall(part)}  # fmt: skip

        def fits(other: str) -> bool:
            alike = kind is not _NUMBER or (len(other) == len(one) and not _YEAR.fullmatch(one))
            told = other.lower() in self.question.text.lower() or one.lower() in other.lower() or other in near
            return alike and not told and not self.question.answered_in(other)

        own = [name for name in kind.findall(self.read) if fits(name)]
        return own, [name for text in self.elsewhere for name in kind.findall(text) if fits(name)]


def _changed(source: _Source, draw: Random) -> Iterator[str]:
    """One question by each rule that fits."""
    asked = source.question.text
    chinese = bool(_HAN.search(asked))
    opposites = list((_CHINESE if chinese else _ENGLISH).finditer(asked))
    if opposites:
        at = draw.choice(opposites)
        yield _put(asked, at.span(), _like(at[0], _OPPOSITE[at[0].lower()]))
    nots = list((_IS_NOT if chinese else _NOT).finditer(asked))
    if nots and draw.random() < _DENIED:
        at = draw.choice(nots)
        yield _put(asked, (at.end(), at.end()), "不" if chinese else "not ")
    for kind in (_YEAR, _NUMBER, _TITLE, _LATIN) if chinese else (_YEAR, _NUMBER, _NAME):
        places = list(kind.finditer(asked))
        if places:
            at = draw.choice(places)
            own, far = source.names(kind, at[0])
            if kind is _YEAR and not own:
                far = [str(int(at[0]) + draw.choice((-1, 1)) * draw.randint(1, _RANGE))]
            if own or far:
                yield _put(asked, at.span(), draw.choice(own or far))


def _put(text: str, place: tuple[int, int], word: str) -> str:
    return text[: place[0]] + word + text[place[1] :]


def _like(word: str, other: str) -> str:
    """The other word with a capital where the word has one."""
    return other.capitalize() if word[:1].isupper() else other
