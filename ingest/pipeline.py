"""The story of a folder: find its files, see what changed, read, clean, chunk, embed, store."""

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

from ingest import scan
from ingest.chunk import ChunkOptions
from ingest.parts import MOST
from ingest.places import Inside
from ingest.progress import Progress, Report, Tally
from ingest.stages import Stages, forget_unfinished
from ingest.survey import Survey, Task
from ingest.workers import Limits, most_at_once
from storage.library import Library

_SIGN = 0.25  # seconds between two signs of life
_FEW, _SMALL = 8, 500_000  # files, or bytes, that are not worth another process to read them
_LAST = 1.5  # seconds that a stage has to end in when it is stopped


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How files are cut, and what one may cost: `read_seconds` between two signs of life of its reader,
    `read_megabytes` of memory for that, and `most_megabytes` on disk. `at_once` files are read at the same time; 0: as
    many as this machine can read well."""

    chunk: ChunkOptions = field(default_factory=ChunkOptions)
    read_seconds: float = 120.0
    read_megabytes: int = 2000
    most_megabytes: int = 4000
    at_once: int = 0


def ingest(
    paths: Sequence[Path], collection: str, library: Library, options: IngestOptions, attach_to: str | None = None
) -> Generator[Progress | Report, None, None]:
    """Bring a collection up to date with files and folders. Yields progress, and one report at the end.

    With `attach_to` the documents are for the conversation of that id alone, and no failure is kept.

    Raises NotFound, before anything is done, for a path that does not exist. A file that cannot be read is a failure
    in the report, and what was known of it stays. Closing the generator stops it; what was stored is whole, and the
    next run goes on there.
    """
    survey = Survey(collection, library, Tally(), attach_to)
    places = scan.roots(paths)
    tasks = yield from survey.tasks(places, options.most_megabytes * 1_000_000)
    forget_unfinished(library, collection, tasks, Inside(places))
    if tasks:
        yield from _work(tasks, Stages(survey, library, tasks, options.chunk), survey.tally, options)
    survey.finish(places)
    yield survey.tally.report()


def _work(tasks: Sequence[Task], stages: Stages, tally: Tally, options: IngestOptions) -> Iterator[Progress]:
    """Files are read in some threads while others are embedded in one, and others stored in one."""
    limits = Limits(options.read_seconds, memory=options.read_megabytes * 1_000_000, part=MOST)
    size = sum(task.file.size for task in tasks)
    at_once = min(options.at_once or most_at_once(), len(tasks), 1 + max(len(tasks) // _FEW, size // _SMALL))
    tally.begin(len(tasks), size)
    pool = ThreadPoolExecutor(at_once + 2, "footnote-ingest")
    try:
        work = [pool.submit(stages.read, limits) for _ in range(at_once)]
        work += [pool.submit(stages.embed), pool.submit(stages.write)]
        while _at_work(work):
            yield tally.now()
    finally:
        stages.stop()
        wait(work, _LAST)
        pool.shutdown(wait=False, cancel_futures=True)
    yield tally.now()


def _at_work(work: Sequence[Future[None]]) -> bool:
    """Wait a moment; whether something is still to be done. Raises what ended a stage."""
    ended, going_on = wait(work, _SIGN, FIRST_EXCEPTION)
    for each in ended:
        each.result()
    return bool(going_on)
