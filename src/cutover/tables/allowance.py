"""What a table that throttles is asked for: half at once, and then slowly more.

Additive increase, multiplicative decrease: several writers that do so (other threads, other functions, an
application) come to share what the table gives, without talking to each other. One partition that is at its
end throttles although the table as a whole has room, so the rate that was in use is halved, not the one that
was allowed. A few refusals that halving does not make fewer are let be (`blame`): https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html.
"""

from __future__ import annotations

import math

from cutover.tables.blame import TRIAL_RATE, Blame

LOWEST = 1.0
"""Units a second that are always allowed, where the operator's number is not lower still."""
REACTION = 1.0
"""Seconds in which refusals count as one: threads that were sent to the table together come back together."""
REGROWTH = 300.0
"""An allowance grows by one part in so many of what it was cut from, each second, and by 1 unit at least:
from half to all in two and a half minutes."""
MEMORY = 5.0
"""Seconds after which what was used counts for a third."""


class Usage:
    """Units a second that were used lately."""

    def __init__(self, now: float) -> None:
        self._began = self._at = now
        self._units = 0.0

    def add(self, units: float, now: float) -> None:
        self._units = self._faded(now) + units
        self._at = now

    def rate(self, now: float) -> float | None:
        """None before a second has passed: nothing can be said of less."""
        seen = now - self._began
        if seen < 1.0:
            return None
        return self._faded(now) / (MEMORY * (1.0 - math.exp(-seen / MEMORY)))

    def _faded(self, now: float) -> float:
        return self._units * math.exp(-max(now - self._at, 0.0) / MEMORY)


class Allowance:
    """Units a second that a table is trusted with since it last throttled; None where it never has, or where
    all that it was cut from has grown back."""

    def __init__(self) -> None:
        self.units: float | None = None
        self._whole = 0.0
        self._before = 0.0
        self._grown_at = 0.0
        self._cut_at = -math.inf
        self._blame = Blame()

    def went_well(self, now: float) -> None:
        """The table took a call."""
        self._blame.count(0)
        self._judge(now)

    def cut(self, now: float, limit: float | None, used: float | None) -> bool:
        """The table refused. False where that has been reacted to, or the rate is not to blame for it."""
        self._blame.count(1)
        self._judge(now)
        if now - self._cut_at < REACTION or not self._blame.blames(now):
            return False
        known = [units for units in (self.units, limit, used) if units is not None]
        before = min(known) if known else LOWEST
        lowest = LOWEST if limit is None else min(LOWEST, limit)
        self._whole = limit if limit is not None else max(self._whole, 2 * before, 2 * LOWEST)
        self._before, self.units = before, max(before / 2, lowest)
        self._cut_at = self._grown_at = now
        return True

    def grow(self, now: float) -> None:
        self._judge(now)
        if self.units is None:
            return
        elapsed, self._grown_at = max(now - self._grown_at, 0.0), now
        grown = self.units + elapsed * max(self._whole / REGROWTH, LOWEST)
        self.units = max(self.units, min(grown, self._before * TRIAL_RATE)) if self._blame.on_trial else grown
        if self.units >= self._whole:
            self.units = None
            self._whole = 0.0

    def _judge(self, now: float) -> None:
        if self._blame.acquits(now) and self.units is not None:
            self.units = max(self.units, self._before)
