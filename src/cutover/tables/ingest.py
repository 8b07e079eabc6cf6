"""The failure bucket's batches become rows of what is owed; then nothing rests on the bucket any more.

    read an object -> owe its keys -> count it in the ledger, once -> put it aside

Kill it anywhere and the object is still there, or its keys are owed: owing the same keys twice is one row,
and the count stands under the object's name. An object that nobody can read makes the pairs that it may be
about owe a row without keys, which no redrive clears, but a later full verify. One with records of no pair is
put on a shelf of its own, where a redrive looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cutover.tables.authority import Direction
from cutover.tables.lost import LostBatch, read_lost
from cutover.tables.owed import Owed, OwedBook, owed_name
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair
from cutover.tables.parking import Reason, RetryMessage, grouped
from cutover.tables.parts import Ledger
from cutover.tables.ports import Key
from cutover.tables.tuning import TUNING, Tuning


class FailureStore(Protocol):
    """The failure bucket, and the ledger's count of its objects; every method raises TableFault."""

    def waiting(self, *, strangers: bool) -> Iterable[str]:
        """The names of the objects that were not taken in yet; those of no pair where they are asked for."""

    def read(self, name: str) -> bytes | None:
        """None where the object is gone: somebody else has put it aside."""

    def count(self, name: str, batch: LostBatch) -> bool:
        """Writes down that this object was taken in; False where it stands there already."""

    def put_aside(self, name: str, *, strange: bool) -> None:
        """Out of `waiting`; it is kept all the same until the bucket forgets it. Done twice, it is done."""


@dataclass
class Ingested:
    """What one look at the bucket found. `batches` counts each object once, whoever looks how often."""

    batches: int = 0
    keys: int = 0
    unreadable: int = 0
    strangers: int = 0
    """Objects with records of no pair."""


@dataclass(frozen=True)
class Intake:
    """What the ingest works with. `clock` gives epoch seconds."""

    pairs: Sequence[TablePair]
    store: FailureStore
    ledger: Ledger
    book: OwedBook
    owing: Owing
    clock: Callable[[], float]
    tuning: Tuning = TUNING

    def run(self, stop: Callable[[], bool], *, strangers: bool = False) -> Ingested:
        """Takes in what the bucket holds, until `stop`. Raises TableFault, NotParked."""
        done = Ingested()
        for name in self.store.waiting(strangers=strangers):
            if stop():
                break
            content = self.store.read(name)
            if content is not None:
                self._take(name, read_lost(content, self.pairs), done)
        return done

    def _take(self, name: str, batch: LostBatch, done: Ingested) -> None:
        for pair_id, keys in batch.keys.items():
            self._owe(pair_id, keys, batch.since)
        for pair_id in sorted(batch.suspects):
            self._suspect(pair_id)
        if self.store.count(name, batch):
            done.batches += 1
            done.keys += batch.total
            done.unreadable += bool(batch.suspects)
        done.strangers += bool(batch.strangers)
        self.store.put_aside(name, strange=bool(batch.strangers))

    def _owe(self, pair_id: str, keys: Sequence[Key], since: float | None) -> None:
        epoch = self.ledger.state(pair_id).authority.epoch
        when = self.clock() if since is None else since
        blank = RetryMessage(pair_id, Direction.FORWARD, epoch, (), when, Reason.LOST)
        for parcel in grouped(blank, keys, Reason.LOST, 0, self.tuning):
            self.owing.park(parcel.message, parcel.delay)

    def _suspect(self, pair_id: str) -> None:
        """From now on, so that no verify which began before can clear it."""
        epoch = self.ledger.state(pair_id).authority.epoch
        row = Owed(
            name=owed_name(Reason.LOST, (), epoch, self.owing.unique()),
            pair=pair_id,
            direction=Direction.FORWARD,
            epoch=epoch,
            keys=(),
            reason=Reason.LOST,
            since=self.clock(),
            detail="a batch of the failure bucket that nobody can read; only a full verify can clear this",
        )
        self.book.add([row])
