"""The stopwatch: how one call is timed, and how often it is repeated.

Only the call itself lies between two readings of the monotonic clock. The garbage collector is off meanwhile. The first
call warms caches, branch predictors and lazily made tables and does not count, unless it is so slow that they do not
matter. What disturbs a measurement only ever adds time, so the best of the repeats is the figure to compare; the median
is kept beside it to show how quiet the machine was.
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from n1codec.bench.memory import PeakMeter

T = TypeVar("T")

SLOW_CALL_S: Final = 2.0
"""A first call of this length counts, and is the only one."""

MIN_TOTAL_S: Final = 0.05
"""Fast calls are repeated until they have taken this long together: timer noise and single interrupts vanish."""

MAX_REPEATS: Final = 1000
"""At most so many, however fast."""

MAX_S_PER_REPEAT: Final = 0.4
"""Calls stop, short of the repeats asked for, once they have taken this long for each of those."""

_NS: Final = 1e-9


@dataclass(frozen=True)
class Timing:
    """What the repeats of one call took.

    Parameters
    ----------
    best_s : float
        Shortest call, in seconds.
    median_s : float
        Median call, in seconds.
    repeats : int
        How many calls count.
    cores : float
        Processor seconds of the process for each second that passed, over all counted calls: above 1 where threads were
        at work.
    peak_mb : float or None
        Most memory that the first call took beyond what was there before it, in 10^6 bytes; None where unknown.
    """

    best_s: float
    median_s: float
    repeats: int
    cores: float
    peak_mb: float | None


def timed(call: Callable[[], T], repeat: int = 3) -> tuple[T, Timing]:
    """Call `call` again and again and return its first result and how long it took.

    Parameters
    ----------
    call : callable
        Takes nothing. Whatever it raises passes through.
    repeat : int
        How many calls should count: more if they are fast, fewer if they are slow.
    """
    meter = PeakMeter()
    with _no_garbage_collection():
        meter.start()
        load = _Load()
        result, wall = _once(call)
        cores = load.cores()
        peak = meter.stop()
        walls = [wall]
        if wall * _NS < SLOW_CALL_S:
            walls, spent = [], 0
            load = _Load()
            while not _enough(len(walls), spent * _NS, repeat):
                _, wall = _once(call)
                walls.append(wall)
                spent += wall
            cores = load.cores()
    best, median = max(min(walls), 1) * _NS, max(statistics.median(walls), 1) * _NS
    return result, Timing(best, median, len(walls), cores, peak)


def once(call: Callable[[], T]) -> tuple[T, float]:
    """Call once, with the garbage collector off, and return the result and the seconds it took."""
    with _no_garbage_collection(collect=False):
        result, wall = _once(call)
    return result, wall * _NS


def _enough(done: int, spent_s: float, repeat: int) -> bool:
    if done == 0:
        return False
    if done < repeat:
        return spent_s >= repeat * MAX_S_PER_REPEAT
    return spent_s >= MIN_TOTAL_S or done >= max(MAX_REPEATS, repeat)


def _once(call: Callable[[], T]) -> tuple[T, int]:
    """Return a call's result and the nanoseconds it took."""
    before = time.perf_counter_ns()
    result = call()
    return result, time.perf_counter_ns() - before


class _Load:
    """How busy this process keeps the processors from now on."""

    def __init__(self) -> None:
        self._cpu = time.process_time_ns()
        self._wall = time.perf_counter_ns()

    def cores(self) -> float:
        """Return the processor seconds of all threads for each second that passed."""
        cpu = time.process_time_ns() - self._cpu
        return cpu / max(time.perf_counter_ns() - self._wall, 1)


@contextlib.contextmanager
def _no_garbage_collection(*, collect: bool = True) -> Iterator[None]:
    if collect:
        gc.collect()
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
