"""What a question has in common with any text of a language, so that passages of two languages can be compared.

A multilingual embedder puts a question nearer to passages in its own language, whatever they say. In a collection with
both languages that buries the other one: of the answers in the other language, a fiftieth to a quarter were among the
first five. The question's likeness to a language as a whole measures this head start; what a passage has beyond it is
about the subject.
"""

from collections.abc import Mapping

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_PLAIN_COUNT = 50  # chunks of a collection's own that weigh as much as the plain sentences

# Sentences about everything and nothing, the same in both languages.
_PLAIN = {
    "en": (
        "The meeting starts at nine and everybody should be there.",
        "It rained all night, and in the morning the streets were wet.",
        "She bought bread, milk and two apples at the market.",
        "The new bridge was opened to traffic last year.",
        "Most of the students passed the examination.",
        "The company sells its products in many countries.",
        "Please keep this document in a safe place.",
        "The river flows from the mountains to the sea.",
        "He wrote several books about the history of the city.",
        "The price depends on the size and the material.",
        "Doctors recommend enough sleep and regular exercise.",
        "The law applies to all persons and organisations.",
        "The function returns a list of values.",
        "The team won the match in the last minute.",
        "Water boils at a lower temperature on high mountains.",
        "The train leaves from the second platform.",
    ),
    "zh": (
        "会议九点开始，大家都应该到场。",
        "昨晚下了一夜的雨，早上街道都是湿的。",
        "她在市场买了面包、牛奶和两个苹果。",
        "新桥去年正式通车。",
        "大多数学生通过了考试。",
        "这家公司的产品销往许多国家。",
        "请将本文件保存在安全的地方。",
        "这条河从山区流向大海。",
        "他写了几本关于这座城市历史的书。",
        "价格取决于尺寸和材料。",
        "医生建议保证充足的睡眠并经常锻炼。",
        "本法适用于所有个人和组织。",
        "该函数返回一个数值列表。",
        "球队在最后一分钟赢得了比赛。",
        "在高山上，水的沸点较低。",
        "火车从第二站台出发。",
    ),
}


class Background:
    """The centre of each language in an embedder's space."""

    def __init__(self, embedder: Embeddings) -> None:
        self._embedder = embedder
        self._plain: Mapping[str, Vectors] = {}

    def centre(self, language: str, mean: Vectors, count: int) -> Vectors:
        """The centre of a language as a collection shows it: the mean of its `count` chunks in that language, pulled
        towards plain sentences, for the mean of a few chunks is about their subject more than about their language."""
        if not self._plain:
            self._plain = {
                name: np.mean(np.array(self._embedder.embed_documents(list(plain)), np.float32), axis=0)
                for name, plain in _PLAIN.items()
            }
        plain = self._plain.get(language)
        if plain is None:
            return mean
        weight = np.float32(count / (count + _PLAIN_COUNT))
        return weight * mean + (1 - weight) * plain
