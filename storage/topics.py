"""Documents grouped into topics by their vectors, and each topic named by the words that set it apart (pure)."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from storage.keywords import STOP_WORDS, words
from storage.vectors import Vectors

MOST = 8  # topics: as many as colours and shapes can be told apart
_NAMES = 3  # words in a topic's name
_TITLE, _HEADING, _TEXT = 1.0, 0.6, 0.25  # what a word weighs by where a document holds it
_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_STEM = 5  # letters: English words that begin with the same ones are forms of one

# Words that stand in texts about anything, besides those that STOP_WORDS and scikit-learn's English list hold.
_GENERAL = frozenset(
    "page pages chapter section sections figure table tables year years month months week weeks day days hour "
    "hours minute minutes time date number numbers list example examples note notes introduction overview "
    "summary contents use used uses using make made based new one two three first second set get following "
    "available different include includes including provide provides provided need needs like file files text "
    "item items name names title value values type types case cases part parts way work works general "
    "information version copy test data "
    "进行 使用 实际 需要 小时 分钟 时间 日期 通过 提供 包括 具体 相关 有关 情况 方式 问题 方法 内容 要求 主要 应当 "
    "应该 必须 其他 如果 因为 所以 因此 已经 同时 以及 或者 并且 由于 按照 规定 下列 以下 以上 可能 不同 一般 部分 "
    "所有 之间 之后 之前 其中 这些 那些 这样 现在 目前 开始 实现 支持 用户 说明 数据 第一 第二 第三 工作 左右 超过 "
    "不得 方面 过程 作为 成为 对于 例如 比如 介绍 概述 简介 目录 章节 页面 表格 图片 文本 内含 名称 类型 版本 年度 "
    "本年 每年 每月 每天 日内".split()
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a document says of its subject: its title, its headings, the beginning of its text, and its language."""

    title: str
    headings: tuple[str, ...] = ()
    text: str = ""
    language: str = "en"


def grouped(vectors: Vectors, seed: int = 0) -> tuple[int, ...]:
    """The topic of each vector, from 0 and the largest first: k-means, with about the root of half as many topics as
    vectors, two to eight. The same vectors always get the same topics."""
    wanted = min(MOST, max(2, round(math.sqrt(len(vectors) / 2))))
    if not len(vectors):
        return ()
    different = len({vector.tobytes() for vector in np.round(vectors, 6)})
    if min(wanted, different) < 2:
        return (0,) * len(vectors)
    from sklearn.cluster import KMeans

    found = KMeans(min(wanted, different), n_init=4, random_state=seed).fit_predict(np.asarray(vectors, np.float64))
    by_size = [topic for topic, _ in Counter(found.tolist()).most_common()]
    return tuple(by_size.index(topic) for topic in found.tolist())


def weighed(told: Told) -> dict[str, float]:
    """The words that may name a document's topic, each with the weight of the most telling place that holds it."""
    weights: dict[str, float] = {}
    for texts, weight in (((told.text,), _TEXT), (told.headings, _HEADING), ((told.title,), _TITLE)):
        for text in texts:
            weights |= dict.fromkeys(filter(_telling, words(text)), weight)
    return weights


def named(documents: Sequence[tuple[Told, dict[str, float]]], topics: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    """Up to three words for each topic, given each document with its weighed words.

    A word is good where much of the topic holds it and little of the other documents of the same language does: topics
    in one language are not told apart from those in another by the words that any text has.
    """
    count = max(topics, default=-1) + 1
    inside: list[Counter[str]] = [Counter() for _ in range(count)]
    whole: dict[str, Counter[str]] = {}
    held: dict[str, Counter[int]] = {}  # how many documents of a language each topic holds
    for (told, weights), topic in zip(documents, topics, strict=True):
        inside[topic].update(weights)
        whole.setdefault(told.language, Counter()).update(weights)
        held.setdefault(told.language, Counter())[topic] += 1
    names = []
    for topic in range(count):
        of_topic = [told for (told, _), each in zip(documents, topics, strict=True) if each == topic]
        language = Counter(told.language for told in of_topic).most_common(1)[0][0]
        others = held[language].total() - held[language][topic]
        best = _best(inside[topic], len(of_topic), whole[language], others)
        names.append(tuple(_as_written(word, of_topic) for word in best))
    return tuple(names)


def _best(inside: Counter[str], count: int, whole: Counter[str], others: int) -> list[str]:
    def score(word: str) -> float:
        here = inside[word] / count
        elsewhere = max(whole[word] - inside[word], 0.0) / others if others else 0.0
        return here * math.log((here + 0.05) / (elsewhere + 0.05))

    chosen: list[str] = []
    for word in sorted(inside, key=lambda word: (-score(word), word)):
        if len(chosen) == _NAMES or (chosen and score(word) <= 0):
            break
        longest = _longest(word, inside)
        if not any(_alike(longest, other) for other in chosen):
            chosen.append(longest)
    return chosen


def _longest(word: str, inside: Counter[str]) -> str:
    """The compound that a word is nearly always a part of, else the word."""
    return max((w for w in inside if word in w and inside[w] >= 0.8 * inside[word]), key=len)


def _alike(word: str, other: str) -> bool:
    if _CJK.search(word) or _CJK.search(other):
        return word in other or other in word
    return word[:_STEM] == other[:_STEM] or word in re.split(r"[._'-]", other) or other in re.split(r"[._'-]", word)


def _telling(word: str) -> bool:
    """Whether a word can name anything: no number, no particle, and long enough to mean something."""
    if word in STOP_WORDS or word in _GENERAL or any(character.isdigit() for character in word):
        return False
    return len(word) > 1 if _CJK.search(word) else len(word) > 2 and word not in _common()


@cache
def _common() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def _as_written(word: str, documents: Iterable[Told]) -> str:
    """A word in the form in which the documents have it most often: "VPN" and not "vpn"."""
    if _CJK.search(word):
        return word
    form = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    forms: Counter[str] = Counter()
    for told in documents:
        forms.update(form.findall("\n".join((told.title, *told.headings, told.text))))
    return forms.most_common(1)[0][0] if forms else word
