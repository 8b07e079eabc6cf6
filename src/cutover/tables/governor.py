"""What governs a backfill while it runs: the operator's pace and pause, read again every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cutover.tables.authority import Direction, PairState, may_write
from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.lease import LeaseLost
from cutover.tables.pace import Pace
from cutover.tables.patience import Stopped
from cutover.tables.ports import AuthorityLost

NAP = 0.5


class PairRows(Protocol):
    def state(self, pair_id: str) -> PairState:
        """Raises TableFault."""


class PaceBook(Protocol):
    """The row `backfill_pace` of one pair; raises TableFault."""

    def read(self) -> BackfillPace: ...

    def save(self, pace: BackfillPace) -> None: ...


@dataclass(frozen=True)
class Paces:
    """What the three kinds of calls are held to."""

    source_read: Pace
    target_read: Pace
    target_write: Pace

    def all(self) -> tuple[Pace, ...]:
        return (self.source_read, self.target_read, self.target_write)


@dataclass(frozen=True)
class Defaults:
    """Units per second where the operator set none; None is no limit."""

    source_read: float | None = None
    target_read: float | None = None
    target_write: float | None = None


class Governor:
    """A `Gate`. `refresh` is called every few seconds by whoever has the time; threads wait in `ready`."""

    def __init__(
        self,
        pair_id: str,
        epoch: int,
        rows: PairRows,
        book: PaceBook,
        paces: Paces,
        defaults: Defaults,
        *,
        stop: Callable[[], bool],
        say: Callable[[str], None],
        sleep: Callable[[float], object] = time.sleep,
        share: float = 1.0,
    ) -> None:
        """`share` is this process's part of what the whole backfill may use."""
        self._share = share
        self._pair_id, self._epoch = pair_id, epoch
        self._rows, self._book = rows, book
        self._paces, self._defaults = paces, defaults
        self._stop, self._say, self._sleep = stop, say, sleep
        self._paused = ""
        self._released = False
        self._lock = threading.Lock()

    def refresh(self) -> PairState:
        """Goes by what the ledger says now. Raises TableFault."""
        state, own, default = self._rows.state(self._pair_id), self._book.read(), self._defaults
        rates = (
            _least(state.read_units, _chosen(own.read_units, default.source_read)),
            _least(state.read_units, _chosen(own.read_units, default.target_read)),
            _least(state.write_units, _chosen(own.write_units, default.target_write)),
        )
        for pace, rate in zip(self._paces.all(), rates, strict=True):
            if not self._released:
                pace.change(None if rate is None else rate * self._share)
        self._pause(_why_paused(state, own))
        return state

    def release(self) -> None:
        """At a stop: nobody waits for a pace any longer, so that each thread ends with the call it is in."""
        self._released = True
        for pace in self._paces.all():
            pace.change(None)

    def why(self) -> str:
        """Why nothing moves, or not faster; empty where nothing holds it."""
        if self._paused:
            return self._paused
        paces = {"source reads": self._paces.source_read, "target reads": self._paces.target_read}
        paces["target writes"] = self._paces.target_write
        return ", ".join(f"{name} {why}" for name, pace in paces.items() if (why := pace.why()))

    @property
    def paused(self) -> str:
        """Why the backfill is to wait, as of the last refresh; empty where it is not."""
        return self._paused

    def ready(self) -> None:
        """As `Gate` says."""
        while self._paused:
            if self._stop():
                raise Stopped
            self._sleep(NAP)

    def lost(self, fault: AuthorityLost) -> None:
        """As `Gate` says: a pause is waited for, a change of the authority is not. Raises TableFault too."""
        state = self.refresh()
        if isinstance(fault, LeaseLost) or not may_write(state.authority, Direction.FORWARD, self._epoch):
            raise fault
        self._sleep(NAP)

    def _pause(self, why: str) -> None:
        with self._lock:
            before, self._paused = self._paused, why
        if why != before:
            self._say(why or "goes on")


def _why_paused(state: PairState, own: BackfillPace) -> str:
    if state.paused:
        return f"the pair is paused: {state.reason or 'no reason given'}"
    return f"the backfill is paused: {own.reason or 'no reason given'}" if own.paused else ""


def _chosen(set_: float | None, default: float | None) -> float | None:
    """What the operator set, 0 being no limit, or else the default."""
    if set_ is None:
        return default
    return set_ or None


def _least(first: float | None, second: float | None) -> float | None:
    limits = [limit for limit in (first, second) if limit is not None]
    return min(limits) if limits else None
