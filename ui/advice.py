"""Which models suit this machine (pure): what fits, how long an answer takes, and the best of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from qa.chat.speed import Rates, Weights, seconds, transformers
from storage.models.catalogue import BYTES, DEFAULT_CHAT, DEFAULT_EMBEDDER, Entry, Precision
from ui.machine import Gpu, Machine
from ui.words import count, duration, size

PATIENCE = 10.0  # seconds that a person waits for an answer
HEADROOM = 2_000_000_000  # bytes for the system, the web pages, the embedder and the indexes
_ROLES = ("chat", "embedder", "reranker")
_SPOKEN = {"en": "English", "zh": "Chinese"}  # what Footnote itself is made for


@dataclass(frozen=True, slots=True)
class Advice:
    """What to think of a model here: memory in bytes, `seconds` for a whole answer or None where that is not known."""

    entry: Entry
    device: str
    precision: Precision
    memory: int
    fits: bool
    seconds: float | None
    reason: str
    installed: bool
    best: bool = False


def advise(
    machine: Machine, rates: Rates | None, catalogue: Sequence[Entry], installed: Collection[str] = ()
) -> tuple[Advice, ...]:
    """Advice on every model, the best of each role first. Without `rates` no speed is foretold."""
    found = [_advice(machine, rates, entry, entry.id in installed) for entry in catalogue]
    best = {_best_chat(found), DEFAULT_EMBEDDER}
    marked = (replace(each, best=each.fits and each.entry.id in best) for each in found)
    return tuple(sorted(marked, key=_rank))


def _rank(advice: Advice) -> tuple[int, bool, bool, bool, int]:
    slow = advice.seconds is None or advice.seconds > PATIENCE
    larger = advice.entry.parameters if not advice.fits or slow else -advice.entry.parameters
    return _ROLES.index(advice.entry.role), not advice.best, not advice.fits, slow, larger


def _best_chat(found: Sequence[Advice]) -> str:
    """The largest quick model for both languages that anybody may use; the default where none is larger."""
    quick = [
        each
        for each in found
        if each.fits and each.seconds is not None and each.seconds <= PATIENCE
        if each.entry.commercial and _SPOKEN.keys() <= set(each.entry.languages)
    ]
    best = max(quick, key=lambda each: (each.entry.parameters, bool(each.entry.file)), default=None)
    default = next((each.entry.parameters for each in found if each.entry.id == DEFAULT_CHAT), 0)
    return best.entry.id if best and best.entry.parameters > default else DEFAULT_CHAT


def _advice(machine: Machine, rates: Rates | None, entry: Entry, installed: bool) -> Advice:
    gpu = machine.gpu if entry.backend == "transformers" else None
    precision = half(machine) if entry.backend == "transformers" and entry.role == "chat" else entry.precision
    needs = entry.memory(precision)
    obstacles = [_memory_obstacle(needs, machine, gpu), "" if installed else _disk_obstacle(entry, machine)]
    fits = not any(obstacles)
    whole = _seconds(entry, precision, rates) if not gpu else None
    facts = [*filter(None, obstacles)] if not fits else [_memory_fact(needs, machine, gpu), _speed(entry, whole, gpu)]
    licence = f"{entry.licence}, {'also' if entry.commercial else 'not'} for commercial use"
    reason = "; ".join(filter(None, [*facts, languages(entry), licence]))
    return Advice(entry, gpu.device if gpu else "cpu", precision, needs, fits, whole, reason, installed)


def half(machine: Machine) -> Precision:
    """The precision in which transformers hold a chat model here: bfloat16 if it is computed in, else single."""
    halves = "bf16" in machine.computes or {"avx512", "bf16"} & set(machine.extensions)
    return "bf16" if machine.gpu or halves else "f32"


def _seconds(entry: Entry, precision: Precision, rates: Rates | None) -> float | None:
    if rates is None or entry.role != "chat" or entry.hybrid or precision == "f32":
        return None
    weights = Weights(entry.parameters, entry.active or entry.parameters, BYTES[precision])
    return seconds(weights, rates if entry.backend == "openvino" else transformers(rates)).whole


def _memory_obstacle(needs: int, machine: Machine, gpu: Gpu | None) -> str:
    if gpu and gpu.device == "cuda":
        there = gpu.memory or needs
        return f"needs {size(needs)}, and {gpu.name} has {size(there)}" if there < needs else ""
    if machine.memory is None or needs + HEADROOM <= machine.memory:
        return ""
    return f"needs {size(needs)} of memory, and {size(max(machine.memory - HEADROOM, 0))} can be had"


def _disk_obstacle(entry: Entry, machine: Machine) -> str:
    fits = entry.room <= machine.free_disk
    return "" if fits else f"needs {size(entry.room)} of disk, and {size(machine.free_disk)} are free"


def _memory_fact(needs: int, machine: Machine, gpu: Gpu | None) -> str:
    there = gpu.memory if gpu else machine.memory
    return f"needs {size(needs)}" + (f" of {size(there)}" if there else "") + (f" on {gpu.name}" if gpu else "")


def _speed(entry: Entry, whole: float | None, gpu: Gpu | None) -> str:
    if entry.role != "chat":
        return ""
    if whole is not None:
        return f"an answer in about {whole_seconds(whole)}"
    return "speed not measured" + (" on the GPU" if gpu else "")


def whole_seconds(seconds: float) -> str:
    """A time that is foretold, no finer than it can be: "8 s", "2 min"."""
    return f"{max(round(seconds), 1)} s" if seconds < 60 else duration(seconds)


def languages(entry: Entry) -> str:
    """The languages that its maker claims: "English, Chinese and 117 others"."""
    named = [name for code, name in _SPOKEN.items() if code in entry.languages]
    others = max(entry.language_count, len(entry.languages)) - len(named)
    if not named:
        return count(others, "language")
    return f"{', '.join(named)} and {count(others, 'other')}" if others else " and ".join(named)
