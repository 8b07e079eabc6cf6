"""Whether a table refuses because of our rate, or would at any: tried out by halving it.

A hot key of somebody else's refuses one or two of a hundred calls, however few we make. Who halved for each
would come down to a crawl, and a mirror that crawls loses data. So where few calls are refused, a cut is a
trial: if about as large a share is refused after it, the rate was not to blame, and is given back. Where many
are refused it always is: the table's own users come first, and they are refused as often.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MEMORY_CALLS = 200.0
"""Calls after which one counts for a third."""
FEW = 0.05
"""The largest share of calls that may be refused without blame: in twenty calls, one."""
TRIAL_CALLS, TRIAL_SECONDS, LEAST_CALLS = 200, 30.0, 50
"""When a trial ends, and how many calls a verdict takes: at two in a hundred, one is refused."""
TRIAL_RATE = 0.75
"""What the rate may grow to in a trial, of what it was: refusals at the old rate would say nothing."""
EXCUSED_SECONDS = 600.0
"""For how long a rate that was not to blame is not tried again."""


@dataclass
class _Trial:
    """The share that was refused before the cut, the time of the cut, and the calls since."""

    before: float
    began: float
    calls: int = 0
    refused: int = 0

    def ended(self, now: float) -> bool:
        return self.calls >= TRIAL_CALLS or now - self.began >= TRIAL_SECONDS

    def acquits(self) -> bool:
        return self.calls >= LEAST_CALLS and self.refused >= self.calls * self.before / 2


class Blame:
    """Of calls on one table. A batch of which a part comes back is one that went well and one refused."""

    def __init__(self) -> None:
        self._calls = self._refused = 0.0
        self._trial: _Trial | None = None
        self._excused_until = -math.inf

    @property
    def on_trial(self) -> bool:
        return self._trial is not None

    def count(self, refused: int) -> None:
        """A call that went well, 0, or was refused, 1."""
        kept = 1.0 - 1.0 / MEMORY_CALLS
        self._calls = self._calls * kept + 1
        self._refused = self._refused * kept + refused
        if self._trial is not None:
            self._trial.calls += 1
            self._trial.refused += refused

    def acquits(self, now: float) -> bool:
        """Whether a trial ends now that finds the rate not to blame."""
        trial = self._trial
        if trial is None or not trial.ended(now):
            return False
        self._trial = None
        if not trial.acquits():
            return False
        self._excused_until = now + EXCUSED_SECONDS
        return True

    def blames(self, now: float) -> bool:
        """Whether the rate is to be cut for the last refusal; where few are refused a trial begins then."""
        share = self._refused / self._calls
        if share <= FEW and (self._trial is not None or now < self._excused_until):
            return False
        self._trial = _Trial(share, now) if share <= FEW else None
        self._excused_until = -math.inf
        return True
