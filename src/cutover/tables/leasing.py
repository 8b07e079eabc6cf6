"""Taking, renewing and giving back a lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from cutover.errors import InterlockRefused
from cutover.tables.lease import LEASE_SECONDS, LONGEST_SKEW, MARGIN, LeaseBook, LeaseLost, LeaseRow
from cutover.tables.ports import Permit

LOOK_EVERY = 1.0


class HeldLease:
    """A lease of ours. `clock` gives epoch seconds, `monotonic` seconds that never jump."""

    def __init__(
        self,
        book: LeaseBook,
        row: LeaseRow,
        pair_id: str,
        began: float,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
    ) -> None:
        self._book, self._row, self._pair_id = book, row, pair_id
        self._clock, self._monotonic = clock, monotonic
        self._renewed = began
        self._lost = False
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Raises TableFault when the ledger is at fault. Where somebody took the lease, `check` tells."""
        with self._lock:
            asked = self._monotonic()
            row = replace(self._row, expires_at=self._clock() + LEASE_SECONDS)
            if not self._book.claim(row, self._row) and not self._reclaim(row):
                self._lost = True
                return
            self._row, self._renewed = row, asked

    def _reclaim(self, row: LeaseRow) -> bool:
        """The reply of an earlier renewal may have been lost: then the book holds it, and it is ours."""
        found = self._book.read()
        return found is not None and found.owner == row.owner and self._book.claim(row, found)

    def check(self) -> None:
        """Raises LeaseLost where others may think us dead."""
        if self._lost or self._monotonic() - self._renewed > LEASE_SECONDS - MARGIN:
            raise LeaseLost(self._pair_id, f"our lease ({self._row.owner})", "it was lost or ran out")

    def give_back(self) -> None:
        """Raises TableFault when the ledger is at fault."""
        with self._lock:
            self._book.give_back(self._row)


def take_lease(
    book: LeaseBook,
    pair_id: str,
    verb: str,
    owner: str,
    *,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> HeldLease:
    """Takes the lease; that of a process that died is watched until it is surely over.

    Raises InterlockRefused (`lease_held`) where its holder is alive, TableFault.
    """
    while True:
        held = book.read()
        if held is not None and held.expires_at > clock() - LONGEST_SKEW:
            _watch(book, held, pair_id, say, monotonic, sleep)
        now = clock()
        row = LeaseRow(verb, owner, now, now + LEASE_SECONDS)
        began = monotonic()
        if book.claim(row, held):  # not where a third one was faster: then it is watched in its turn
            return HeldLease(book, row, pair_id, began, clock, monotonic)


def _watch(
    book: LeaseBook,
    held: LeaseRow,
    pair_id: str,
    say: Callable[[str], None],
    monotonic: Callable[[], float],
    sleep: Callable[[float], object],
) -> None:
    """Returns when `held` is over. Raises InterlockRefused when it is renewed."""
    say(f"{held.owner} held {pair_id} for {held.verb}; looking for {LEASE_SECONDS:.0f} s whether it lives")
    began = monotonic()
    while monotonic() - began < LEASE_SECONDS:
        sleep(LOOK_EVERY)
        now = book.read()
        if now is None:
            return
        if now != held:
            raise InterlockRefused(
                "lease_held",
                f"{now.verb} is running on {pair_id} already",
                cause=f"{now.owner} holds the pair and has just renewed its lease",
                fix="let it end or stop it there; two at once would only share one table's capacity",
                next_command="cutover status",
            )


@dataclass(frozen=True)
class Permits:
    """All of several permits."""

    permits: tuple[Permit, ...]

    def check(self) -> None:
        for permit in self.permits:
            permit.check()
