"""Several who work at the same time, on one clock that goes on only when all of them sleep."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable


class Timeline:
    """Give the object as the clock, and its `sleep` as the sleep. One actor runs at a time, in the order in
    which they wake, so that a run is the same each time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._waking: list[tuple[float, int, threading.Event]] = []
        self._order = itertools.count()
        self._all_ended = threading.Event()
        self.failures: list[BaseException] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        event = self._wakes_at(self.now + seconds)
        self._wake_next()
        event.wait()

    def run(self, *actors: Callable[[], object]) -> None:
        """Until all of them have ended. Raises what one of them raised."""
        for actor in actors:
            event = self._wakes_at(self.now)
            threading.Thread(target=self._play, args=(actor, event), daemon=True).start()
        self._wake_next()
        self._all_ended.wait()
        if self.failures:
            raise self.failures[0]

    def _wakes_at(self, moment: float) -> threading.Event:
        event = threading.Event()
        heapq.heappush(self._waking, (moment, next(self._order), event))
        return event

    def _wake_next(self) -> None:
        if not self._waking:
            self._all_ended.set()
            return
        self.now, _, event = heapq.heappop(self._waking)
        event.set()

    def _play(self, actor: Callable[[], object], event: threading.Event) -> None:
        event.wait()
        try:
            actor()
        except BaseException as failure:  # noqa: BLE001 - told to who runs the timeline
            self.failures.append(failure)
        finally:
            self._wake_next()
