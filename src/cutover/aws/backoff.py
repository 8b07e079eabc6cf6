"""Backing off from a throttled table: capped, jittered, and at an end some time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cutover.tables.tuning import TUNING, Tuning


@dataclass
class Backoff:
    """`again()` sleeps before the next try, or says False when the tries without progress are used up.

    Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """

    sleep: Callable[[float], None]
    rng: Callable[[], float]
    tuning: Tuning = TUNING
    tried: int = 0

    def progress(self) -> None:
        """Something was done: the budget starts anew."""
        self.tried = 0

    def again(self, *, silent: bool = False) -> bool:
        """`silent`: the call waited its whole time-out for nothing, which is half of the budget."""
        self.tried += max(self.tuning.throttle_attempts // 2, 1) if silent else 1
        if self.tried >= self.tuning.throttle_attempts:
            return False
        self.sleep(min(self.tuning.throttle_cap, self.tuning.throttle_base * 2.0**self.tried) * self.rng())
        return True
