"""Pace: how many capacity units a second a table is asked for.

Capacity is known after a call (`ReturnConsumedCapacity`), so a call is paid for afterwards: it may run into
debt, and whoever comes next waits until the debt is worked off. Over time the rate holds exactly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST_NAP = 0.5
"""Seconds: a change of the rate is noticed within that time by those who already wait."""
SHORTEST_NAP = 0.001
BURST_SECONDS = 1.0
"""Unused units are kept for that long."""


class Pace:
    """A token bucket, shared by threads. A rate of None is unlimited, a rate of 0 waits for a change."""

    def __init__(
        self,
        units_per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._rate = _checked(units_per_second)
        self._balance = 0.0
        self._filled_at = clock()
        self._waited = 0.0
        self._waiting = 0

    @property
    def rate(self) -> float | None:
        """Units a second; None is unlimited."""
        return self._rate

    @property
    def waited(self) -> float:
        """Seconds spent waiting so far, over all threads."""
        return self._waited

    def change(self, units_per_second: float | None) -> None:
        """From now on this rate. Threads that wait already go by it too."""
        with self._lock:
            self._fill()
            self._rate = _checked(units_per_second)
            if self._rate is None:
                self._balance = max(self._balance, 0.0)

    def take(self, units: float) -> None:
        """Pays for `units` and returns once nothing is owed; several threads may owe together."""
        nap = self._owe(units)
        if nap <= 0:
            return
        with self._lock:
            self._waiting += 1
        try:
            while nap > 0:
                self._sleep(nap)
                with self._lock:
                    self._waited += nap
                nap = self._owe(0)
        finally:
            with self._lock:
                self._waiting -= 1

    def why(self) -> str:
        """Why somebody waits here right now, for a person to read; empty where nobody does."""
        rate = self._rate
        if not self._waiting or rate is None:
            return ""
        return f"held to the pace of {rate:g} units/s" if rate else "held: the pace is 0 units/s"

    def _owe(self, units: float) -> float:
        """Seconds to wait (at most one nap) after paying `units`."""
        with self._lock:
            self._fill()
            if self._rate is None:
                return 0.0
            self._balance -= units
            if self._balance >= 0:
                return 0.0
            if self._rate == 0:
                return LONGEST_NAP
            return min(max(-self._balance / self._rate, SHORTEST_NAP), LONGEST_NAP)

    def _fill(self) -> None:
        now = self._clock()
        elapsed, self._filled_at = max(now - self._filled_at, 0.0), now
        if self._rate is not None:
            self._balance = min(self._balance + elapsed * self._rate, self._rate * BURST_SECONDS)


def _checked(units_per_second: float | None) -> float | None:
    if units_per_second is not None and not units_per_second >= 0:
        raise ValueError(f"a pace is 0 or more units/s, not {units_per_second}")
    return units_per_second
