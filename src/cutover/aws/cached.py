"""A value read from AWS that may be a little old."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from cutover.users.decision_table import Stop

T = TypeVar("T")


class Cached(Generic[T]):
    """Loads once, again after `max_age` seconds, and keeps the last good value while loading fails."""

    def __init__(self, load: Callable[[], T], *, max_age: float, clock: Callable[[], float]) -> None:
        self._load = load
        self._max_age = max_age
        self._clock = clock
        self._kept: tuple[T, float] | None = None

    def get(self) -> T:
        """Raises the Stop of `load` where there is no earlier value to fall back on."""
        now = self._clock()
        if self._kept is not None and now - self._kept[1] < self._max_age:
            return self._kept[0]
        try:
            value = self._load()
        except Stop:
            if self._kept is None:
                raise
            return self._kept[0]
        self._kept = (value, now)
        return value
