"""The objects that `--json` prints, and their keys: scripts rely on them (pure)."""

from collections.abc import Sequence
from dataclasses import asdict, astuple, replace
from typing import TYPE_CHECKING, Any

from storage.folders import Folder
from storage.records import (
    Citation,
    Collection,
    Conversation,
    Document,
    DocumentInfo,
    Failure,
    Filter,
    Found,
    Hit,
    Message,
    Timings,
    Trace,
)
from ui import spots
from ui.render import footnotes, with_markers

if TYPE_CHECKING:
    from ingest.progress import Report
    from qa.answer import Answer
    from ui.keeping import Saved

Object = dict[str, Any]


def answer(answer: "Answer", saved: "Saved", traced: bool = False) -> Object:
    """What `ask` prints; with --trace also how the answer came about."""
    facts = _answer(answer)
    first = {name: facts.pop(name) for name in ("answer", "short_answer", "found")}
    made = first | {"model": answer.model, "conversation": saved.conversation, "message": saved.message} | facts
    return made | {"trace": trace(answer.trace)} if traced else made


def evaluated(id: str, question: str, answer: "Answer", made_by: Object) -> Object:
    """What `eval --out` writes for a question. Up to `logprob` it is for scripts; the rest lets an evaluation go on.

    `text` is the answer without markers, `sentences` those of it that say something, with the markers of each, `draft`
    what the chat model wrote before it was judged.
    """
    marked: dict[tuple[int, int], list[int]] = {span: [] for span in answer.unsupported}
    for each in answer.citations:
        marked.setdefault((each.answer_start, each.answer_end), []).append(each.marker)
    return (
        {"id": id, "question": question}
        | _answer(answer)
        | {
            "logprob": answer.logprob,
            "text": answer.text,
            "sentences": [{"start": s, "end": e, "markers": marked[s, e]} for s, e in sorted(marked)],
            "draft": answer.draft,
            "reason": answer.reason,
            "made_by": made_by,
            "trace": trace(answer.trace),
        }
    )


def _answer(answer: "Answer") -> Object:
    return {
        "answer": with_markers(answer.text, answer.citations),
        "short_answer": answer.short_answer,
        "found": answer.found,
        "citations": [citation(c) for c in footnotes(answer.citations)],
        "hits": [hit(h) for h in answer.hits],
        "seconds": seconds(answer.timings),
    }


def citation(citation: Citation) -> Object:
    """A footnote; `document` is an id that `documents show` takes."""
    return {
        "marker": citation.marker,
        "document": citation.document_id,
        "path": citation.path,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "spot": spots.as_object(citation.spot),
    }


def hit(hit: Hit) -> Object:
    """A passage that was found."""
    chunk = hit.chunk
    return {
        "document": chunk.document_id,
        "path": hit.path,
        "page": chunk.page,
        "start": chunk.start,
        "end": chunk.end,
        "text": chunk.text,
        "score": hit.score,
    }


def seconds(timings: Timings) -> Object:
    """Seconds since the question was asked, to the millisecond."""
    return {name: round(value, 3) for name, value in asdict(timings).items()}


def trace(trace: Trace | None) -> Object | None:
    """How an answer came about; nothing of an answer from before traces were kept."""
    if trace is None:
        return None
    return {
        "question": trace.question,
        "collection": trace.collection,
        "chunks": trace.chunks,
        "embedder": trace.embedder,
        "reranker": trace.reranker or None,
        "filter": _filter(trace.filter),
        "candidates": [
            {"document": each.document_id}
            | {name: value for name, value in asdict(each).items() if name not in ("chunk_id", "document_id")}
            for each in trace.candidates
        ],
        "signals": dict(trace.signals),
        "probability": trace.probability,
        "least": trace.least,
        "seconds": dict(trace.seconds),
        "translation": trace.translation or None,
    }


def _filter(filter: Filter) -> Object:
    """Which documents were searched: nothing where all were."""
    moments = {"since": filter.since and filter.since.isoformat(), "until": filter.until and filter.until.isoformat()}
    return {name: value for name, value in (asdict(filter) | moments).items() if value}


def report(report: "Report") -> Object:
    """What an ingest did."""
    plain = ("added", "changed", "removed", "unchanged")
    return {name: getattr(report, name) for name in plain} | {
        "failures": [{"path": failure.path, "reason": failure.reason} for failure in report.failures],
        "chunks": report.chunks,
        "seconds": round(report.seconds, 3),
    }


def document_info(info: DocumentInfo) -> Object:
    """A document in a list. `paths` are all files that hold it; one too long for one document makes several parts."""
    moments = {"ingested": info.ingested.isoformat(), "created": info.created and info.created.isoformat()}
    return asdict(info) | {name: list(getattr(info, name)) for name in ("tags", "authors", "paths")} | moments


def document(document: Document, paths: Sequence[str]) -> Object:
    """A document with its text, which all offsets count in."""
    plain = asdict(replace(document, anchors=(), sections=()))
    return plain | {
        "created": document.created and document.created.isoformat(),
        "tags": list(document.tags),
        "authors": list(document.authors),
        "paths": list(paths),
        "sections": [asdict(section) for section in document.sections],
        "anchors": [
            {"start": each.start, "end": each.end} | (spots.as_object(each.spot) or {"box": list(astuple(each.spot))})
            for each in document.anchors
        ],
    }


def folder(folder: Folder) -> Object:
    """A folder that a collection is linked with."""
    lists = {"include": list(folder.include), "exclude": list(folder.exclude)}
    return asdict(folder) | lists | {"synced": folder.synced and folder.synced.isoformat()}


def failure(collection: str, failure: Failure) -> Object:
    """A file that could not be read."""
    return {"collection": collection, "path": failure.path, "reason": failure.reason}


def collection(collection: Collection) -> Object:
    """A collection; its number in the database is nobody's business."""
    return {name: value for name, value in asdict(collection).items() if name != "id"}


def conversation(conversation: Conversation) -> Object:
    """A conversation in a list."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "collection": conversation.collection,
        "created": conversation.created.isoformat(),
        "updated": conversation.updated.isoformat(),
    }


def whole_conversation(whole: Conversation, traced: bool = False) -> Object:
    """A conversation with its messages."""
    kept = {"pinned": whole.pinned, "tags": list(whole.tags)}
    return conversation(whole) | kept | {"messages": [message(m, traced) for m in whole.messages]}


def message(message: Message, traced: bool = False) -> Object:
    """A turn. `text` is as it was written; `answer_start` and `answer_end` of a citation count in it."""
    said: Object = {
        "id": message.id,
        "role": message.role,
        "text": message.text,
        "created": message.created.isoformat(),
        "status": message.status,
    }
    if message.role == "user":
        return said
    said |= {
        "found": message.found,
        "short_answer": message.short_answer,
        "model": message.model,
        "backend": message.backend,
        "citations": [
            citation(c) | {"title": c.title, "answer_start": c.answer_start, "answer_end": c.answer_end}
            for c in message.citations
        ],
        "unsupported": [list(span) for span in message.unsupported],
        "hits": [
            hit(h) | {"title": h.title, "heading": h.chunk.heading, "via": h.via, "position": h.chunk.position}
            for h in message.hits
        ],
        "seconds": seconds(message.timings),
        "feedback": message.feedback,
        "comment": message.comment,
    }
    return said | {"trace": trace(message.trace)} if traced else said


def found(matches: Sequence[Found]) -> Object:
    """Messages that matched a search of the history."""
    return {"found": [asdict(match) | {"created": match.created.isoformat()} for match in matches]}
