"""Which models suit this machine (pure): what fits, how long an answer takes, and the best of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from qa.chat.speed import Rates, Weights, seconds, transformers
from storage.models.catalogue import BYTES, DEFAULT_CHAT, DEFAULT_EMBEDDER, Entry, Precision
from ui.machine import Gpu, Machine
from ui.words import Say, duration, english, size

PATIENCE = 10.0  # seconds that a person waits for an answer
HEADROOM = 2_000_000_000  # bytes for the system, the web pages, the embedder and the indexes
_ROLES = ("chat", "embedder", "reranker")
_SPOKEN = ("en", "zh")  # what Footnote itself is made for


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
    machine: Machine,
    rates: Rates | None,
    catalogue: Sequence[Entry],
    installed: Collection[str] = (),
    say: Say = english,
) -> tuple[Advice, ...]:
    """Advice on every model, the best of each role first. Without `rates` no speed is foretold."""
    found = [_advice(machine, rates, entry, entry.id in installed, say) for entry in catalogue]
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
        if each.entry.commercial and set(_SPOKEN) <= set(each.entry.languages)
    ]
    best = max(quick, key=lambda each: (each.entry.parameters, bool(each.entry.file)), default=None)
    default = next((each.entry.parameters for each in found if each.entry.id == DEFAULT_CHAT), 0)
    return best.entry.id if best and best.entry.parameters > default else DEFAULT_CHAT


def _advice(machine: Machine, rates: Rates | None, entry: Entry, installed: bool, say: Say) -> Advice:
    gpu = machine.gpu if entry.backend == "transformers" else None
    precision = half(machine) if entry.backend == "transformers" and entry.role == "chat" else entry.precision
    needs = entry.memory(precision)
    room = "" if installed else _disk_obstacle(entry, machine, say)
    obstacles = [_memory_obstacle(needs, machine, gpu, say), room]
    fits = not any(obstacles)
    whole = _seconds(entry, precision, rates) if not gpu else None
    facts = obstacles if not fits else [_memory_fact(needs, machine, gpu, say), _speed(entry, whole, gpu, say)]
    reason = say("; ").join(filter(None, [*facts, languages(entry, say), _licence(entry, say)]))
    return Advice(entry, gpu.device if gpu else "cpu", precision, needs, fits, whole, reason, installed)


def _licence(entry: Entry, say: Say) -> str:
    if entry.commercial:
        return say("{licence}, also for commercial use", licence=entry.licence)
    return say("{licence}, not for commercial use", licence=entry.licence)


def half(machine: Machine) -> Precision:
    """The precision in which transformers hold a chat model here: bfloat16 if it is computed in, else single."""
    halves = "bf16" in machine.computes or {"avx512", "bf16"} & set(machine.extensions)
    return "bf16" if machine.gpu or halves else "f32"


def _seconds(entry: Entry, precision: Precision, rates: Rates | None) -> float | None:
    if rates is None or entry.role != "chat" or entry.hybrid or precision == "f32":
        return None
    weights = Weights(entry.parameters, entry.active or entry.parameters, BYTES[precision])
    return seconds(weights, rates if entry.backend == "openvino" else transformers(rates)).whole


def _memory_obstacle(needs: int, machine: Machine, gpu: Gpu | None, say: Say) -> str:
    if gpu and gpu.device == "cuda":
        there = gpu.memory or needs
        values = {"needs": size(needs), "gpu": gpu.name, "there": size(there)}
        return say("needs {needs}, and {gpu} has {there}", **values) if there < needs else ""
    if machine.memory is None or needs + HEADROOM <= machine.memory:
        return ""
    there = max(machine.memory - HEADROOM, 0)
    return say("needs {needs} of memory, and {there} can be had", needs=size(needs), there=size(there, say))


def _disk_obstacle(entry: Entry, machine: Machine, say: Say) -> str:
    if entry.room <= machine.free_disk:
        return ""
    needs, free = size(entry.room), size(machine.free_disk, say)
    return say("needs {needs} of disk, and {free} are free", needs=needs, free=free)


def _memory_fact(needs: int, machine: Machine, gpu: Gpu | None, say: Say) -> str:
    there = gpu.memory if gpu else machine.memory
    fact = say("needs {needs} of {there}", needs=size(needs), there=size(there)) if there else ""
    fact = fact or say("needs {needs}", needs=size(needs))
    return say("{fact} on {gpu}", fact=fact, gpu=gpu.name) if gpu else fact


def _speed(entry: Entry, whole: float | None, gpu: Gpu | None, say: Say) -> str:
    if entry.role != "chat":
        return ""
    if whole is not None:
        return say("an answer in about {time}", time=whole_seconds(whole, say))
    return say("speed not measured on the GPU") if gpu else say("speed not measured")


def whole_seconds(seconds: float, say: Say = english) -> str:
    """A time that is foretold, no finer than it can be: "8 s", "2 min"."""
    return say("{n} s", n=max(round(seconds), 1)) if seconds < 60 else duration(seconds, say)


def languages(entry: Entry, say: Say = english) -> str:
    """The languages that its maker claims: "English, Chinese and 117 others"."""
    spoken = {"en": say("English"), "zh": say("Chinese")}
    named = say(" and ").join(spoken[code] for code in _SPOKEN if code in entry.languages)
    others = max(entry.language_count, len(entry.languages)) - sum(code in entry.languages for code in _SPOKEN)
    if not named:
        return say("{n} language", n=others) if others == 1 else say("{n} languages", n=others)
    if not others:
        return named
    named = named.replace(say(" and "), say(", "))
    if others == 1:
        return say("{named} and {n} other", named=named, n=others)
    return say("{named} and {n} others", named=named, n=others)
