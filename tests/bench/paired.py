"""Paired runs: ours and the plain way in turn, so that a noisy machine disturbs both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """Seconds by the clock, and seconds of this process's own work (the engine's are not in it)."""

    seconds: float
    processor: float


@dataclass(frozen=True)
class Comparison:
    """`ratio` is ours over theirs in items per second: above 1 is faster than the plain way."""

    name: str
    ours: str
    theirs: str
    items: int
    our_runs: tuple[Took, ...]
    their_runs: tuple[Took, ...]

    @property
    def ratio(self) -> float:
        pairs = zip(self.their_runs, self.our_runs, strict=True)
        return statistics.median(theirs.seconds / ours.seconds for theirs, ours in pairs)

    def rate(self, runs: tuple[Took, ...]) -> float:
        """Items a second."""
        return self.items / statistics.median(run.seconds for run in runs)

    def processor(self, runs: tuple[Took, ...]) -> float:
        """Milliseconds of this process's own work for an item."""
        return 1000 * statistics.median(run.processor for run in runs) / self.items


def compare(
    name: str,
    ours: tuple[str, Callable[[], object]],
    theirs: tuple[str, Callable[[], object]],
    *,
    items: int,
    runs: int,
    before: Callable[[], None],
) -> Comparison:
    """Times both `runs` times; `before` makes the same start for each run and is not timed."""
    our_runs, their_runs = [], []
    for run in range(runs):
        for mine in (True, False) if run % 2 else (False, True):
            before()
            took = timed(ours[1] if mine else theirs[1])
            (our_runs if mine else their_runs).append(took)
    return Comparison(name, ours[0], theirs[0], items, tuple(our_runs), tuple(their_runs))


def timed(work: Callable[[], object]) -> Took:
    began, worked = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - began, time.process_time() - worked)
