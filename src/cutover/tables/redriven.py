"""What a redrive has done to one pair so far."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class Redriven:
    """Counts of keys; the threads of a redrive add to one of these."""

    converged: int = 0
    remain: int = 0
    """Still at fault, changing all the time, or to be looked at once more because a reply was lost."""
    dropped: int = 0
    """Of older epochs."""
    waiting: int = 0
    """Wait for a user who has not come over."""
    unknown: int = 0
    """Rows without keys: lost batches that nobody can read. Only a full verify clears them."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, **amounts: int) -> None:
        with self.lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)
