"""A clock whose time passes only when somebody sleeps."""

from __future__ import annotations

import threading
import time


class HandClock:
    """Give the object as the clock, and its `sleep` as the sleep."""

    def __init__(self) -> None:
        self.now = 100.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


class LapseClock(HandClock):
    """As in a film that runs too fast. Who sleeps a second or more waits for others: they get a moment."""

    FASTER = 50

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if seconds >= 1:
            time.sleep(seconds / self.FASTER)
