"""The operator's rollout as the trigger sees it: a few seconds old at the most, and never waited for.

It is read beside the sign-in, on a thread of its own, once what is known is older than `FRESH`: the old pool
takes longer to answer than the ledger. A read that fails or hangs leaves the last value in force for `STALE`;
after that nobody comes over until the ledger answers. It may say by now that everything is paused, and
without it no offer could be written anyway. Where the last value keeps everybody out, the read is waited for,
so that a resume is seen at once.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.users.decision_table import Decision, Stop
from cutover.users.rollout import Rollout, read_rollout, rollout_key

FRESH = 3.0
STALE = 60.0
GRACE = 0.1
"""How long a read may still take when the sign-in is over and an older value would do."""
PATIENCE = 1.0
"""How long it may take where none would. All times are in seconds."""

Start = Callable[[Callable[[], Rollout]], "Future[Rollout]"]


def on_a_thread() -> Start:
    """One thread for the life of the process; it is made at the first read."""
    return ThreadPoolExecutor(1, thread_name_prefix="rollout").submit


class LedgerRolloutSwitch:
    """`read` gives the row as it stands and raises Stop; `start` begins it without waiting."""

    def __init__(
        self,
        read: Callable[[], Rollout],
        *,
        clock: Callable[[], float],
        start: Start,
        patience: float = PATIENCE,
    ) -> None:
        self._read = read
        self._clock = clock
        self._start = start
        self._patience = patience
        self._kept: tuple[Rollout, float] | None = None
        self._running: tuple[Future[Rollout], float] | None = None

    def last(self) -> Rollout | None:
        self._look()
        return self._kept[0] if self._kept else None

    def now(self) -> Rollout:
        self._look()
        if self._running is not None:
            usable = self._age() < STALE and self._kept is not None and not self._kept[0].closed
            wait([self._running[0]], timeout=GRACE if usable else self._patience)
            fault = self._take()
        else:
            fault = None
        if self._kept is None or self._age() >= STALE:
            raise fault or Stop(Decision.MISCONFIGURED, "ledger: the rollout could not be read")
        return self._kept[0]

    def _look(self) -> None:
        """Takes what a read has found, and begins one where what is known is old."""
        self._take()
        if self._running is None and self._age() >= FRESH:
            self._running = self._start(self._read), self._clock()

    def _take(self) -> Stop | None:
        """The value is as old as its read's beginning. Gives what a read died of."""
        if self._running is None or not self._running[0].done():
            return None
        future, began = self._running
        self._running = None
        try:
            self._kept = future.result(), began
        except Stop as stop:
            return stop
        return None

    def _age(self) -> float:
        return self._clock() - self._kept[1] if self._kept else STALE


def rollout_of_ledger(client: Any, table: str, new_pool: str, percent: int) -> Callable[[], Rollout]:
    """Reads the row consistently; `percent` is the deployment's own share. The read raises Stop."""

    def read() -> Rollout:
        try:
            reply = client.get_item(TableName=table, Key=rollout_key(new_pool), ConsistentRead=True)
        except AWS_ERRORS as error:
            raise our_fault("rollout", error) from None
        return read_rollout(reply.get("Item", {}), percent)

    return read
