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

    @property
    def owner(self) -> str:
        return self._row.owner

    @property
    def stop_asked(self) -> bool:
        """Whether somebody asked its holder to stop, as of the last renewal."""
        return self._row.stop

    def renew(self, seconds: float | None = None) -> None:
        """From now on for `seconds` (by default as long as before). Raises TableFault when the ledger is at
        fault. Where somebody took the lease, `check` tells."""
        with self._lock:
            asked = self._monotonic()
            length = self._row.seconds if seconds is None else seconds
            row = replace(self._row, expires_at=self._clock() + length, seconds=length)
            found = self._book.renew(row)
            if found is None:
                self._lost = True
                return
            self._row, self._renewed = found, asked

    def check(self) -> None:
        """Raises LeaseLost where others may think us dead."""
        if self._lost or self._monotonic() - self._renewed > LEASE_SECONDS - MARGIN:
            raise LeaseLost(self._pair_id, f"our lease ({self._row.owner})", "it was lost or ran out")

    def give_back(self) -> None:
        """Raises TableFault when the ledger is at fault."""
        with self._lock:
            self._book.give_back(self._row)


@dataclass(frozen=True)
class Claimant:
    """Who wants the lease of a pair, for which verb, and how time passes for it."""

    pair_id: str
    verb: str
    owner: str
    say: Callable[[str], None]
    seconds: float = LEASE_SECONDS
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


def take_lease(book: LeaseBook, who: Claimant) -> HeldLease:
    """Takes the lease; that of a process that died is watched until it is surely over, our own is kept.

    Raises InterlockRefused (`lease_held`) where its holder is alive, TableFault.
    """
    while True:
        held = book.read()
        if held is not None and held.owner == who.owner:
            return _held(book, held, who)
        if held is not None and held.expires_at > who.clock() - LONGEST_SKEW:
            _watch(book, held, who)
        now = who.clock()
        row = LeaseRow(who.verb, who.owner, now, now + who.seconds, who.seconds)
        began = who.monotonic()
        if book.claim(row, held):  # not where a third one was faster: then it is watched in its turn
            return HeldLease(book, row, who.pair_id, began, who.clock, who.monotonic)


def join_lease(book: LeaseBook, who: Claimant) -> HeldLease:
    """A worker's part in the lease that its owner has taken. Raises LeaseLost where it holds it no longer,
    TableFault."""
    held = book.read()
    if held is None or held.owner != who.owner:
        found = f"{held.owner} holds it for {held.verb}" if held else "nobody holds it"
        raise LeaseLost(who.pair_id, f"our lease ({who.owner})", found)
    return _held(book, held, who)


def _held(book: LeaseBook, row: LeaseRow, who: Claimant) -> HeldLease:
    lease = HeldLease(book, row, who.pair_id, who.monotonic(), who.clock, who.monotonic)
    lease.renew(who.seconds)
    lease.check()
    return lease


def _watch(book: LeaseBook, held: LeaseRow, who: Claimant) -> None:
    """Returns when `held` is over. Raises InterlockRefused when it is renewed."""
    who.say(
        f"{held.owner} held {who.pair_id} for {held.verb}; looking for {held.seconds:.0f} s whether it lives"
    )
    began = who.monotonic()
    while who.monotonic() - began < held.seconds:
        who.sleep(LOOK_EVERY)
        now = book.read()
        if now is None:
            return
        if now != held:
            raise InterlockRefused(
                "lease_held",
                f"{now.verb} is running on {who.pair_id} already",
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
