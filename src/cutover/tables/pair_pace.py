"""How fast the mirror and the retry work on a pair: the operator's limits, within one invocation's time.

The limits are for the pair. Invocations that work on it at the same time (shards, parallel batches,
retries), a backfill and a verify each take a part (`shares`): who is at work stands in the ledger, and only
while a limit is set.

A limit trades lag for capacity. What cannot be paid for before the invocation's deadline is left for the next
one, which first pays the debt: so no invocation runs into its timeout, however low the limit is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cutover.tables.authority import PairState
from cutover.tables.governor import Paces
from cutover.tables.pace import Pace
from cutover.tables.shares import SHORT_SECONDS, Count, Nobody, Short, Workers, mirror_part

SLICE_SECONDS = 10.0
"""A slice is cut to so many keys that small items are paid for in about that time or twice it."""
LONG_WAIT = 1.0
"""Seconds of waiting between two counts after which a mirror says that it is short."""
AT_WORK = 120.0
"""Seconds after which one who did not say goodbye is no longer counted: a function's timeout."""


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
        self._count, self._waited_before = Count(), 0.0
        self._counting = threading.Lock()

    @contextmanager
    def governs(self, state: PairState, stop: Callable[[], bool]) -> Iterator[Held]:
        """For one piece of work, whose waits end when `stop` says so. What held it is known at its end."""
        held, before = Held(), self._waited()
        self._state, self._waited_before = state, before
        for pace in self.paces.all():
            pace.until(self._counting_until(stop))
            pace.save_nothing()
        self._apply()
        try:
            yield held
        finally:
            held.seconds = self._waited() - before
            held.why = self.why() if held.seconds or self._throttled() else ""
            if self._limited() or held.why:
                self._leave(held)

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
        if not self._limited():
            return ""
        at_work = self._count.at_work
        said = f", shared by {at_work.mirrors}" if at_work.mirrors > 1 else ""
        others = [("a backfill", at_work.backfill), ("a verify", at_work.verifies)]
        return said + "".join(f", shared with {other}" for other, there in others if there)

    def _throttled(self) -> list[str]:
        paces = self.paces.named().items()
        return [f"{name} {pace.why()}" for name, pace in paces if pace.is_throttled]

    def _limited(self) -> bool:
        return self._state.read_units is not None or self._state.write_units is not None

    def _counting_until(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        """As `stop`, asked while somebody waits: then it is counted too, for a slice may wait for long."""

        def stopping() -> bool:
            if self._counting.acquire(blocking=False):
                try:
                    self._apply()
                finally:
                    self._counting.release()
            return stop()

        return stopping

    def _apply(self) -> None:
        now, reads, writes = self._clock(), 1.0, 1.0
        if self._limited():
            if self._count.due(now):
                self._ask(now)
            at_work, noticed = self._count.at_work, self._count.noticed(now)
            reads, writes = (mirror_part(one, now, noticed=noticed) for one in (at_work, at_work.writers))
        for pace, units, part in (
            (self.paces.source_read, self._state.read_units, reads),
            (self.paces.target_read, self._state.read_units, reads),
            (self.paces.target_write, self._state.write_units, writes),
        ):
            pace.change(None if units is None else units * part, "set for the pair")

    def _ask(self, now: float) -> None:
        until, short = now + AT_WORK, self._short(now)
        self._count.ask(
            now, until, lambda: self._workers.join(self._pair_id, self._member, until, now, short)
        )

    def _short(self, now: float) -> Short | None:
        """What to say of it: that its full part beside others has held it since the last count."""
        waited, self._waited_before = self._waited() - self._waited_before, self._waited()
        at_work = self._count.at_work
        if waited < LONG_WAIT or not at_work.beside or not self._count.noticed(now) or self._throttled():
            return None
        before = at_work.short
        since = before.since if before is not None and before.goes_on(now) else now
        return Short(since, now + SHORT_SECONDS)

    def _leave(self, held: Held) -> None:
        """What it owes is capacity that it has used up: until that is worked off it goes on counting."""
        now = self._clock()
        until = now + min(max(pace.arrears for pace in self.paces.all()), AT_WORK)
        self._count.left(until)
        self._workers.leave(self._pair_id, self._member, until, held.why, held.seconds, now)

    def _waited(self) -> float:
        return sum(pace.waited for pace in self.paces.all())


def unpaced() -> PairPace:
    """One that holds nobody unless the pair has limits."""
    return PairPace("", Paces(Pace(None), Pace(None), Pace(None)), Nobody(), "")
