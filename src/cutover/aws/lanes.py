"""Several calls under way at once, for one caller that waits for all of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Task = TypeVar("Task")

HELPERS = 1
"""Two calls at once halve the wait for the four BatchWriteItem calls of a slice. Four at once cost a small
function more in taking turns at its processor than the waiting that is left."""


class Lanes:
    """A few threads that help whoever calls `each`. Many callers share them, and none waits for their help:
    what no helper has begun, the caller does itself. The threads start with the first need."""

    def __init__(self, helpers: int = HELPERS) -> None:
        self._helpers = helpers
        self._making = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def each(self, do: Callable[[Task], None], tasks: Iterable[Task]) -> None:
        """`do` for every task, in any order; returns when nothing is under way any more.

        Raises what went wrong first. After that no task is begun, and those under way come to their end.
        """
        left = deque(tasks)
        failures: list[BaseException] = []

        def work() -> None:
            while True:
                try:
                    task = left.popleft()
                except IndexError:
                    return
                try:
                    do(task)
                except BaseException as failure:
                    failures.append(failure)
                    left.clear()
                    raise

        helping = [self._submit(work) for _ in range(min(self._helpers, len(left) - 1))]
        try:
            work()
        finally:
            left.clear()
            for future in helping:
                if not future.cancel():
                    future.exception()
        if failures:
            raise failures[0]

    def _submit(self, work: Callable[[], None]) -> Future[Any]:
        with self._making:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._helpers, thread_name_prefix="lane")
            return self._pool.submit(work)
