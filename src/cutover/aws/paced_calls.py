"""Calls at a steady pace that wait where AWS says that there are too many."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from cutover.aws.faults import error_code

THROTTLES = frozenset(
    {
        "TooManyRequestsException",
        "ThrottlingException",
        "Throttling",
        "LimitExceededException",
        "RequestLimitExceeded",
    }
)
ATTEMPTS = 6
LONGEST_WAIT_SECONDS = 20.0


class PacedCalls:
    """At most `per_second` calls of one client in a second, each tried again while it is throttled.

    A read (`read`) is tried again after a lost reply too; a write (`write`) never is: whether it happened is
    the caller's question. `say` is told of every wait that AWS imposes.
    """

    def __init__(
        self,
        client: Any,
        *,
        per_second: float,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self.client = client
        self.per_second = per_second
        self._say, self._clock, self._sleep, self._rng = say, clock, sleep, rng
        self._next = clock()

    def read(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self._call(operation, parameters, lost_replies=(ReadTimeoutError, ConnectionClosedError))

    def write(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self._call(operation, parameters, lost_replies=())

    def write_once(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """For a write that must follow a read at once: a throttled one is the caller's to look at again."""
        self._wait_for_turn()
        reply: dict[str, Any] = getattr(self.client, operation)(**parameters)
        return reply

    def pages(self, operation: str, result: str, token: str, **parameters: Any) -> Iterator[Any]:
        """The rows `result` of every page; `token` is the name that a page's token has in reply and request.

        A page may be short or empty and still not be the last: only a missing token ends the listing.
        """
        start: dict[str, Any] = {}
        while True:
            page = self.read(operation, **parameters, **start)
            yield from page.get(result, ())
            if not page.get(token):
                return
            start = {token: page[token]}

    def _call(
        self, operation: str, parameters: dict[str, Any], lost_replies: tuple[type[Exception], ...]
    ) -> dict[str, Any]:
        for attempt in range(1, ATTEMPTS + 1):
            self._wait_for_turn()
            try:
                reply: dict[str, Any] = getattr(self.client, operation)(**parameters)
            except ClientError as error:
                if error_code(error) not in THROTTLES or attempt == ATTEMPTS:
                    raise
                reason = error_code(error)
            except lost_replies as error:
                if attempt == ATTEMPTS:
                    raise
                reason = error_code(error)
            else:
                return reply
            self._back_off(operation, reason, attempt)
        raise AssertionError("unreachable")

    def _wait_for_turn(self) -> None:
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.per_second

    def _back_off(self, operation: str, reason: str, attempt: int) -> None:
        seconds = min(LONGEST_WAIT_SECONDS, 2.0**attempt) * (0.5 + self._rng() / 2)
        self._say(f"{operation}: {reason}, waiting {seconds:.1f} s")
        self._sleep(seconds)
