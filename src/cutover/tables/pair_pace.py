"""How fast the mirror and the retry work on a pair: the operator's limits, within one invocation's time.

The limits are for the pair. Invocations that work on it at the same time (shards, parallel batches, retries)
each take an equal part: who is at work stands in the ledger, and only while a limit is set.

A limit trades lag for capacity. What cannot be paid for before the invocation's deadline is left for the next
one, which first pays the debt: so no invocation runs into its timeout, however low the limit is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from cutover.tables.authority import PairState
from cutover.tables.governor import Paces
from cutover.tables.pace import Pace

SLICE_SECONDS = 10.0
"""A slice is cut to so many keys that small items are paid for in about that time or twice it."""
COUNT_SECONDS = 5.0
"""How often those at work count each other."""
AT_WORK = 120.0
"""Seconds after which one who did not say goodbye is no longer counted: a function's timeout."""


class Workers(Protocol):
    """Who works on a pair right now, under a limit. Times are epoch seconds."""

    def join(self, pair_id: str, member: str, until: float, now: float, /) -> int:
        """Says that `member` is at work, to be forgotten at `until`; gives how many are, 1 where it fails."""

    def leave(self, pair_id: str, member: str, why: str, waited: float, now: float, /) -> None:
        """`member` is done; `why` it was held and for how many seconds is kept for who looks. Never fails."""


@dataclass
class Held:
    """What a pace did to one piece of work: seconds of waiting, and why for a person to read."""

    seconds: float = 0.0
    why: str = ""


class PairPace:
    """The paces of one pair in one environment, which does one thing at a time."""

    def __init__(
        self,
        pair_id: str,
        paces: Paces,
        workers: Workers,
        member: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._pair_id, self.paces = pair_id, paces
        self._workers, self._member, self._clock = workers, member, clock
        self._state = PairState()
        self._counted_at = 0.0
        self._share = 1

    @contextmanager
    def governs(self, state: PairState, stop: Callable[[], bool]) -> Iterator[Held]:
        """For one piece of work, whose waits end when `stop` says so. What held it is known at its end."""
        held, before = Held(), self._waited()
        self._state, self._share, self._counted_at = state, 1, 0.0
        for pace in self.paces.all():
            pace.until(stop)
        self._apply()
        try:
            yield held
        finally:
            held.seconds = self._waited() - before
            held.why = self.why() if held.seconds or self._throttled() else ""
            if self._limited() or held.why:
                self._workers.leave(self._pair_id, self._member, held.why, held.seconds, self._clock())

    def ready(self) -> bool:
        """Whether more may be done: what was done before is paid for, and that was possible in time."""
        self._apply()
        return all(pace.settled() for pace in self.paces.all())

    def slice_keys(self, most: int) -> int:
        """How many keys to take on together: few where the limit is low, so that they can be paid for."""
        rates = [rate for pace in self.paces.all() if (rate := pace.rate) is not None]
        return max(min(most, int(min(rates) * SLICE_SECONDS)), 1) if rates else most

    def why(self) -> str:
        """What holds the work back, for a person to read; empty where nothing does."""
        state, throttled = self._state, self._throttled()
        limits = {"read": state.read_units, "write": state.write_units}
        held = [f"{units:g} {kind} units/s" for kind, units in limits.items() if units is not None]
        said = [f"held to {' and '.join(held)} by its pace{self._shared()}"] if held else []
        return ", ".join([*said, *throttled])

    def _shared(self) -> str:
        return f", shared by {self._share}" if self._share > 1 else ""

    def _throttled(self) -> list[str]:
        paces = self.paces.named().items()
        return [f"{name} {pace.why()}" for name, pace in paces if pace.is_throttled]

    def _limited(self) -> bool:
        return self._state.read_units is not None or self._state.write_units is not None

    def _apply(self) -> None:
        now = self._clock()
        if self._limited() and now - self._counted_at >= COUNT_SECONDS:
            self._share = self._workers.join(self._pair_id, self._member, now + AT_WORK, now)
            self._counted_at = now
        for pace, units in (
            (self.paces.source_read, self._state.read_units),
            (self.paces.target_read, self._state.read_units),
            (self.paces.target_write, self._state.write_units),
        ):
            pace.change(None if units is None else units / self._share, "set for the pair")

    def _waited(self) -> float:
        return sum(pace.waited for pace in self.paces.all())


class Alone:
    """Nobody else works on any pair."""

    def join(self, *_: object) -> int:
        return 1

    def leave(self, *_: object) -> None:
        """Nobody looks."""


def unpaced() -> PairPace:
    """One that holds nobody unless the pair has limits."""
    return PairPace("", Paces(Pace(None), Pace(None), Pace(None)), Alone(), "")
