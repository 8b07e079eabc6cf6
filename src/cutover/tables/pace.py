"""Pace: how many capacity units a second a table is asked for, and why not more.

Capacity is known after a call (`ReturnConsumedCapacity`), so a call is paid for afterwards: it may run into
debt, and waits until that is worked off. Over time the rate holds exactly. Who comes first is served first,
so nobody waits for the debt of those who came later.

A limit is what the operator set, or what follows from the table's own capacity. A table that throttles is
asked for less than the limit for a while (`allowance`), and never for more.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from cutover.tables.allowance import Allowance, Usage

LONGEST_NAP = 0.5
"""Seconds: a change of the rate is noticed within that time by those who already wait."""
SHORTEST_NAP = 0.001
ROUNDING = 1e-6
"""Units that are nothing."""
BURST_SECONDS = 1.0
"""Unused units are kept for that long."""


def never() -> bool:
    return False


class Pace:
    """A token bucket, shared by threads. A limit of None is none, one of 0 waits for a change.

    `of` names the table, for a person who reads why somebody waits.
    """

    def __init__(
        self,
        units_per_second: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        *,
        of: str = "the table",
    ) -> None:
        self._clock, self._sleep, self._of = clock, sleep, of
        self._lock = threading.Lock()
        self._limit = _checked(units_per_second)
        self._because = ""
        self._allowance = Allowance()
        self._usage = Usage(clock())
        self._owed = self._granted = 0.0
        self._filled_at = clock()
        self._waited = 0.0
        self._waiting = 0
        self._refusals = 0
        self._until = never

    @property
    def rate(self) -> float | None:
        """Units a second now; None is unlimited."""
        with self._lock:
            self._fill()
            return self._rate()

    @property
    def limit(self) -> float | None:
        """What the rate never exceeds."""
        return self._limit

    @property
    def waited(self) -> float:
        """Seconds spent waiting so far, over all threads."""
        return self._waited

    @property
    def is_throttled(self) -> bool:
        """Whether the table has refused lately, so that the rate is below the limit."""
        with self._lock:
            self._fill()
            return self._allowance.units is not None

    @property
    def refusals(self) -> int:
        """How often the table has thrown this pace back."""
        return self._refusals

    def change(self, units_per_second: float | None, because: str = "") -> None:
        """From now on this limit, for this reason. Threads that wait already go by it too."""
        with self._lock:
            self._fill()
            self._limit, self._because = _checked(units_per_second), because
            if self._rate() is None:
                self._granted = max(self._granted, self._owed)

    def until(self, stop: Callable[[], bool]) -> None:
        """From now on nobody waits any longer once `stop` says so; what is owed then stays owed."""
        self._until = stop

    def release(self) -> None:
        """Nobody is held any longer, not even by what the table refused: for the last calls before an end."""
        with self._lock:
            self._limit, self._because, self._allowance = None, "", Allowance()
            self._granted = max(self._granted, self._owed)

    def take(self, units: float) -> None:
        """Pays for `units`, and returns once they and all that was owed before are worked off."""
        with self._lock:
            self._fill()
            if units > 0:
                self._usage.add(units, self._clock())
                self._allowance.went_well(self._clock())
            self._owed += units
            due = self._owed
            nap = self._nap(due)
        if nap > 0:
            self._wait(due, nap)

    def save_nothing(self) -> None:
        """What was not used while nobody worked is not used later: others may have."""
        with self._lock:
            self._fill()
            self._granted = min(self._granted, self._owed)

    @property
    def arrears(self) -> float:
        """Seconds until what is owed is worked off, at the rate of now."""
        with self._lock:
            self._fill()
            rate, missing = self._rate(), self._owed - self._granted
            if rate is None or missing <= ROUNDING:
                return 0.0
            return missing / rate if rate else math.inf

    def settled(self) -> bool:
        """Waits until nothing is owed; False where `until` ended that before."""
        self.take(0.0)
        with self._lock:
            return self._nap(self._owed) <= 0

    def throttled(self) -> None:
        """The table refused a call for want of capacity: half of the rate from now on, and slowly more."""
        with self._lock:
            self._fill()
            now = self._clock()
            self._refusals += self._allowance.cut(now, self._limit, self._usage.rate(now))

    def why(self) -> str:
        """Why somebody waits here or is let through slowly, for a person to read; empty where nobody is."""
        with self._lock:
            self._fill()
            rate, allowed, waiting = self._rate(), self._allowance.units, self._waiting
        if allowed is not None and rate == allowed:
            return f"throttled by {self._of}, down to {_number(allowed)} units/s, growing again"
        if not waiting or rate is None:
            return ""
        if rate == 0:
            return "held: the pace is 0 units/s"
        return f"held to {_number(rate)} units/s" + (f": {self._because}" if self._because else "")

    def _wait(self, due: float, nap: float) -> None:
        with self._lock:
            self._waiting += 1
        try:
            while nap > 0 and not self._until():
                self._sleep(nap)
                with self._lock:
                    self._waited += nap
                    self._fill()
                    nap = self._nap(due)
        finally:
            with self._lock:
                self._waiting -= 1

    def _nap(self, due: float) -> float:
        """Seconds to wait (at most one nap) until `due` is granted."""
        rate, missing = self._rate(), due - self._granted
        if rate is None or missing <= ROUNDING:
            return 0.0
        if rate == 0:
            return LONGEST_NAP
        return min(max(missing / rate, SHORTEST_NAP), LONGEST_NAP)

    def _rate(self) -> float | None:
        rates = [units for units in (self._limit, self._allowance.units) if units is not None]
        return min(rates) if rates else None

    def _fill(self) -> None:
        now = self._clock()
        elapsed, self._filled_at = max(now - self._filled_at, 0.0), now
        rate = self._rate()
        self._allowance.grow(now)
        if rate is None:
            self._granted = max(self._granted, self._owed)
        else:
            self._granted = min(self._granted + elapsed * rate, self._owed + rate * BURST_SECONDS)


def _checked(units_per_second: float | None) -> float | None:
    if units_per_second is not None and not units_per_second >= 0:
        raise ValueError(f"a pace is 0 or more units/s, not {units_per_second}")
    return units_per_second


def _number(units: float) -> str:
    return f"{units:,.0f}" if units >= 10 else f"{units:.3g}"
