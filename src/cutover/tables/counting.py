"""Counts that several threads add to."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass
class SharedCounts:
    """A dataclass of whole numbers inherits from this one."""

    lock: threading.Lock = field(
        default_factory=threading.Lock, repr=False, compare=False, init=False, kw_only=True
    )

    def add(self, **amounts: int) -> None:
        with self.lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)
