"""Paired runs: ours and the plain way in turn, so that a noisy machine disturbs both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """`ratio` is ours over theirs in items per second: above 1 is faster than the plain way."""

    name: str
    ours: str
    theirs: str
    items: int
    our_seconds: tuple[float, ...]
    their_seconds: tuple[float, ...]

    @property
    def ratio(self) -> float:
        pairs = zip(self.their_seconds, self.our_seconds, strict=True)
        return statistics.median(theirs / ours for theirs, ours in pairs)

    def rate(self, seconds: tuple[float, ...]) -> float:
        return self.items / statistics.median(seconds)


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
    our_seconds, their_seconds = [], []
    for run in range(runs):
        for mine in (True, False) if run % 2 else (False, True):
            before()
            seconds = timed(ours[1] if mine else theirs[1])
            (our_seconds if mine else their_seconds).append(seconds)
    return Comparison(name, ours[0], theirs[0], items, tuple(our_seconds), tuple(their_seconds))


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
