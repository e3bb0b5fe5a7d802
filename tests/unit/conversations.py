"""Conversations made by hand: an ordinary one with every field set, and one whose text is out to do harm."""

from datetime import UTC, datetime

from storage.records import Chunk, Citation, Conversation, Hit, Message, Timings
from tests.unit.traces import TRACE

NOW = datetime(2025, 11, 24, 9, 58, tzinfo=UTC)
ANSWER = "The warranty lasts 24 months. It covers **parts**.\n\n- 员工每年有十五天年假。\n\nNobody says so."
HIT = Hit(
    Chunk(1, "d1", 4, "The warranty lasts 24 months.", 7, 36, "Rules", 3),
    "Handbook",
    "/h/Hand`book.pdf",
    1,
    0.5,
    "fused",
)
EVIL = (
    "<script>alert(1)</script> [x](javascript:alert(1)) \\[y](http://e.example) ![i](http://e.example/i.png) `"
    " 😀 مرحبا بالعالم \u202eabc \x1b[2J\0" + "W" * 3000 + "字" * 2000 + "\n" + "|a|b|\n" * 120 + "```\n" + "x" * 500
)


def cited(marker: int, quote: str, start: int, end: int, title: str = "Handbook", page: int | None = 3) -> Citation:
    return Citation(marker, "d1", title, "/home/me/Hand`book.pdf", page, 7, 7 + len(quote), quote, start, end)


ORDINARY = Conversation(
    "c1", "年假 & warranty", "default", NOW, NOW,
    (
        Message("q1", "user", "How long does the warranty last?", NOW),
        Message(
            "a1", "assistant", ANSWER, NOW, found=True, short_answer="24 months", model="qwen", backend="openvino",
            citations=(
                cited(1, "The warranty lasts 24 months.", 0, 29), cited(2, "十五天年假", 54, 65, "员工手册", None),
            ),
            unsupported=((67, 82),), hits=(HIT,), timings=Timings(0.1, 0.2, 1.5, 12.5), feedback=-1, trace=TRACE,
            comment="wrong",
        ),
        Message("q2", "user", "And then?", NOW),
        Message("a2", "assistant", "The documents don't say.", NOW, found=False, model="qwen"),
    ),
    pinned=True, tags=("人事",),
)  # fmt: skip
HOSTILE = Conversation(
    "c2", EVIL, EVIL[:90], NOW, NOW,
    (
        Message("q", "user", EVIL, NOW),
        Message("a", "assistant", EVIL, NOW, status="stopped", citations=(cited(1, EVIL, 0, 40, EVIL),),
                unsupported=((41, len(EVIL)),), model=EVIL[:60]),
        Message("b", "assistant", "", NOW, status="failed"),
    ),
)  # fmt: skip
