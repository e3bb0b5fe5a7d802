"""A trace with every field set, made by hand: what is stored and shown of it."""

from datetime import UTC, datetime, timedelta, timezone

from storage.records import Candidate, Filter, Trace

TRACE = Trace(
    "How many days of leave?", "默认", 1204, "e5", "cross-encoder",
    Filter(
        ("d1", "d2"), "/文档", ("pdf", "md"), ("zh",), ("人事",),
        datetime(2024, 2, 29, 23, 59, 59, 999_999, timezone(timedelta(hours=8))), datetime(2025, 1, 1, tzinfo=UTC),
    ),
    (
        Candidate(2**62 + 1, "d1", "手册", 0, 5, 1, None, 0.8437500123, -0.02, 1 / 3, 0.1, 4.25, "chosen"),
        Candidate(7, "d2", "<script>x</script>\x1b[2J", 9, 99, None, 3, 0.7, 0.0, 0.5, 0.05),
    ),
    (("similarity", 0.84375), ("margin", 1e-9)), 0.97, 0.41, (("search", 0.012), ("rerank", 0.4)),
    "年假有多少天？",
)  # fmt: skip
