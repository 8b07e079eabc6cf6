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
from cutover.tables.limits import Defaults, Part, Parts, limits_of, others_of
from cutover.tables.pace import Pace
from cutover.tables.patience import Stopped
from cutover.tables.ports import AuthorityLost
from cutover.tables.shares import AtWork, Count, Nobody, Workers, backfill_part

NAP = 0.5
SEEN_SECONDS = 60.0
"""For how long after its last word a backfill counts as at work: more than the ledger may be silent."""


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

    def named(self) -> dict[str, Pace]:
        """By what a person calls them."""
        return dict(zip(("source reads", "target reads", "target writes"), self.all(), strict=True))


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
        workers: Workers | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`share` is this process's part of what the whole backfill may use. With `workers` it shares the
        limits of the pair; `clock` gives epoch seconds for them."""
        self._share = share
        self._workers, self._clock, self._count = workers or Nobody(), clock, Count()
        self._pair_id, self._epoch = pair_id, epoch
        self._rows, self._book = rows, book
        self._paces, self._defaults = paces, defaults
        self._stop, self._say, self._sleep = stop, say, sleep
        self._paused = ""
        self._released = False
        self._told: dict[str, int] = {}
        self._lock = threading.Lock()

    def refresh(self) -> PairState:
        """Goes by what the ledger says now. Raises TableFault."""
        state, own = self._rows.state(self._pair_id), self._book.read()
        limits = limits_of(state, own, self._defaults, self._parts(state))
        for pace, limit in zip(self._paces.all(), limits, strict=True):
            if not self._released:
                mine = limit.part(self._share)
                pace.change(mine.units, mine.because)
        self._pause(_why_paused(state, own))
        self._tell()
        return state

    def _parts(self, state: PairState) -> Parts:
        """The backfill's parts of the limits of the pair."""
        if state.read_units is None and state.write_units is None:
            return Parts()
        now = self._clock()
        until = now + SEEN_SECONDS
        self._count.ask(now, until, lambda: self._workers.join_backfill(self._pair_id, until, now))
        at_work, noticed = self._count.at_work, self._count.noticed(now)

        def part(of: AtWork) -> Part:
            return Part(backfill_part(of, now, noticed=noticed), others_of(of))

        return Parts(part(at_work), part(at_work.writers))

    def release(self) -> None:
        """At a stop: nobody waits for a pace any longer, so that each thread ends with the call it is in."""
        self._released = True
        for pace in self._paces.all():
            pace.release()

    def why(self) -> str:
        """Why nothing moves, or not faster; empty where nothing holds it."""
        if self._paused:
            return self._paused
        return ", ".join(f"{name} {why}" for name, pace in self._paces.named().items() if (why := pace.why()))

    @property
    def least(self) -> float | None:
        """The slowest of its paces, in units per second; None where none has a limit."""
        rates = [rate for pace in self._paces.all() if (rate := pace.rate) is not None]
        return min(rates) if rates else None

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

    def _tell(self) -> None:
        """Says each time that a table has begun to throttle: it may be over before the screen shows it."""
        for name, pace in self._paces.named().items():
            refusals = pace.refusals
            if refusals > self._told.get(name, 0):
                self._told[name] = refusals
                self._say(f"{name} {pace.why() or 'were throttled'}")

    def _pause(self, why: str) -> None:
        with self._lock:
            before, self._paused = self._paused, why
        if why != before:
            self._say(why or "goes on")


def _why_paused(state: PairState, own: BackfillPace) -> str:
    if state.paused:
        return f"the pair is paused: {state.reason or 'no reason given'}"
    return f"the backfill is paused: {own.reason or 'no reason given'}" if own.paused else ""
