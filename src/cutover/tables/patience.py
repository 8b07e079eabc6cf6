"""Patience with a table that is at fault: back off, say why, and give up after a while."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cutover.tables.ports import TableFault

T = TypeVar("T")

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
DAMAGED = "is not the file that the manifest names: its checksum differs"
"""Of an export's file that was read to its end."""
HOPELESS = frozenset(
    {
        DAMAGED,
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "KMS.AccessDeniedException",
        "KmsAccessDenied",
        "NoCredentialsError",
        "NoSuchBucket",
        "NoSuchKey",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "UnrecognizedClientException",
        "ValidationException",
    }
)
"""Reasons that no waiting takes away: somebody has to do something. AWS's token service has other words for
them than DynamoDB, and the queue service, whose errors have an old name and a new one."""
NAP = 0.5
"""Seconds between two looks at `stop` during a pause."""


class Stopped(Exception):
    """Somebody asked to stop; what was begun is pending in the ledger."""


def _silent(why: str) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class Patience:
    """`patience(action)` is the action's result; a TableFault is tried again for `budget` seconds, one of the
    `HOPELESS` reasons not at all.

    The budget counts from the action's first fault, so it is one for each step. `say` is told of each pause,
    for an operator who watches a bar that stands still. Raises the last TableFault, or Stopped.
    """

    budget: float = 180.0
    stop: Callable[[], bool] = lambda: False
    say: Callable[[str], None] = _silent
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    rng: Callable[[], float] = random.random

    def __call__(self, action: Callable[[], T]) -> T:
        began: float | None = None
        pause = FIRST_PAUSE
        while True:
            try:
                return action()
            except TableFault as fault:
                now = self.clock()
                began = now if began is None else began
                if fault.reason in HOPELESS or now - began >= self.budget:
                    raise
                seconds = pause * (0.5 + self.rng() / 2)
                self.say(f"waiting {seconds:.0f} s: {fault}")
            self._pause(seconds)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _pause(self, seconds: float) -> None:
        until = self.clock() + seconds
        while (left := until - self.clock()) > 0:
            if self.stop():
                raise Stopped
            self.sleep(min(left, NAP))
