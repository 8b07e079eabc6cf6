"""Redrive: whatever is owed converges now, by its keys alone, in any order, as often as anybody likes.

A row goes when its keys have converged, or when what is left of them is owed by rows of their own; one of a
lost reply not before the write that it tells of can land no longer. A key whose fault is still the one that
its row tells of keeps its row, and no message is sent for it: the retry has had its hours, and the next
redrive finds the row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from cutover.tables.authority import Authority, Direction
from cutover.tables.copying import Copying, Progress
from cutover.tables.items import key_id
from cutover.tables.owed import Owed, OwedBook, owed_name, place_of
from cutover.tables.owing import Owing
from cutover.tables.parking import Park, Reason, RetryMessage
from cutover.tables.patience import Stopped
from cutover.tables.ports import FaultReason, Item, Key, TableFault
from cutover.tables.redriven import Redriven
from cutover.tables.settle_keys import settle
from cutover.tables.sweep import NewSubs
from cutover.tables.transform import TransformFault

BATCH = 100
"""Keys of one batch: a slice of `converge`."""
NO_KEY = "ValidationException"
"""DynamoDB's answer to a read whose keys do not fit the table.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
_LOOKED_AT_AGAIN = {Reason.UNSETTLED, Reason.AMBIGUOUS}


@dataclass(frozen=True)
class Redrive:
    """One pair's. `send` is the retry queue's, `unique` as in `Owing`; `count` adds to the pair's counters.
    `subs` is None where no map of subs is known: then keys that wait, wait."""

    work: Copying
    book: OwedBook
    send: Park
    unique: Callable[[], str]
    authority: Authority
    subs: NewSubs | None
    count: Callable[..., object]
    done: Redriven = field(default_factory=Redriven)

    def batches(self, reason: str | None) -> Iterator[Sequence[Owed]]:
        """The rows of a reason, or of all, as many at a time as make a batch of keys. Raises TableFault."""
        batch: list[Owed] = []
        for page in self._pages(reason):
            for row in page:
                if batch and sum(one.number for one in batch) + row.number > BATCH:
                    yield batch
                    batch = []
                batch.append(row)
        if batch:
            yield batch

    def settle(self, rows: Sequence[Owed]) -> None:
        """Converges one batch. Raises TableFault, AuthorityLost and Stopped; then its rows stay."""
        old = [row for row in rows if row.epoch < self.authority.epoch]
        ours = [row for row in rows if row.epoch == self.authority.epoch and _is_forward(row)]
        self._forget(old)
        if old:
            self.count(self.work.pair_id, dropped_old_epoch=sum(row.number for row in old))
        self.done.add(dropped=sum(row.number for row in old), unknown=sum(1 for row in ours if not row.keys))
        self._by_halves([row for row in ours if row.keys])
        self.work.report(Progress(items=sum(row.number for row in rows)))

    def _pages(self, reason: str | None) -> Iterator[Sequence[Owed]]:
        page, place = self._page(reason, "")
        yield page
        while place:
            page, place = self._page(reason, place)
            yield page

    def _page(self, reason: str | None, place: str) -> tuple[Sequence[Owed], str]:
        """Each is asked for anew, so that one that fails can be asked for again."""
        return self.work.patience(lambda: next(self.book.pages(self.work.pair_id, reason, place)))

    def _by_halves(self, rows: Sequence[Owed]) -> None:
        """A key that is no key of the table (of another schema, or from an object that was tampered with) is
        found by halves, and stays; it must not keep the others from converging."""
        try:
            self._work_off(rows)
        except TableFault as fault:
            if fault.reason != NO_KEY:
                raise
            if len(rows) == 1 and len(rows[0].keys) > 1:
                rows = self._split(rows[0])
            if len(rows) == 1:
                self.done.add(unknown=1)
                return
            half = len(rows) // 2
            self._by_halves(rows[:half])
            self._by_halves(rows[half:])

    def _split(self, row: Owed) -> Sequence[Owed]:
        """Rows of half the keys each, in the place of one."""
        half = len(row.keys) // 2
        parts = [
            replace(row, keys=keys, name=owed_name(row.reason, keys, row.epoch, self.unique(), row.waits_for))
            for keys in (row.keys[:half], row.keys[half:])
        ]
        self.work.patience(lambda: self.book.add(parts))
        self._forget([row])
        return parts

    def _work_off(self, rows: Sequence[Owed]) -> None:
        """All but those whose item still waits for a user who has not come over.

        An item that is gone waits for nobody, nor does one that was given to somebody else since.
        """
        wait = {row.name for row in self._waiting(rows)}
        come = [row for row in rows if row.name not in wait]
        if come:
            self._together(come)
        self.done.add(waiting=len(wait))

    def _waiting(self, rows: Sequence[Owed]) -> list[Owed]:
        wait = [row for row in rows if row.reason == Reason.UNMAPPED]
        subs, known = {row.waits_for for row in wait}, self.subs
        over = self.work.patience(lambda: known.new_subs(subs)) if known and subs else {}
        wait = [row for row in wait if row.waits_for not in over]
        keys = [key for row in wait for key in row.keys]
        have = self.work.patience(lambda: self.work.source.get(keys)) if keys else {}
        self.work.patience(lambda: self.work.transform.learn(list(have.values())))
        return [row for row in wait if any(self._waits(row, key, have.get(key_id(key))) for key in row.keys)]

    def _waits(self, row: Owed, key: Key, item: Item | None) -> bool:
        """Whether the item, as it is now, waits for whom its row tells of."""
        try:
            self.work.transform.wanted(key, item)
        except TransformFault as fault:
            return item is not None and (fault.reason, fault.waits_for) == (
                FaultReason.UNMAPPED,
                row.waits_for,
            )
        return False

    def _together(self, rows: Sequence[Owed]) -> None:
        at = {place_of(row.name): row.name for row in rows}
        kept: set[str] = set()
        wait_on: list[Key] = []

        def park(message: RetryMessage, delay: int) -> None:
            place = place_of(owed_name(message.reason, message.keys, message.epoch, ""))
            if message.reason == Reason.UNMAPPED:
                wait_on.extend(message.keys)
            if place in at and message.reason not in _LOOKED_AT_AGAIN:
                kept.add(at[place])
            else:
                self._owe(message, delay)

        keys = [key for row in rows for key in row.keys]
        progress = settle(replace(self.work, park=park), keys, {})
        young = {row.name for row in rows if self._may_still_land(row)}
        self._forget([row for row in rows if row.name not in kept | young])
        left = progress.parked + sum(row.number for row in rows if row.name in young)
        self.done.add(converged=max(len(keys) - left, 0), remain=left - len(wait_on), waiting=len(wait_on))
        self.work.report(replace(progress, items=0))

    def _may_still_land(self, row: Owed) -> bool:
        """A write without a reply may land behind us: its row stays for its own later look."""
        age = self.work.clock() - row.since
        return row.reason == Reason.AMBIGUOUS and age < self.work.tuning.ambiguous_delay

    def _owe(self, message: RetryMessage, delay: int) -> None:
        """A message only for what time alone puts right."""
        send = self.send if message.reason in _LOOKED_AT_AGAIN else _unsent
        Owing(self.book, send, self.unique).park(message, delay)

    def _forget(self, rows: Sequence[Owed]) -> None:
        names = [row.name for row in rows]
        if names:
            self.work.patience(lambda: self.book.settle(self.work.pair_id, names))


class Batches:
    """The rows of a redrive, handed out to its threads."""

    def __init__(self, redrive: Redrive, reasons: Sequence[str | None]) -> None:
        self._redrive = redrive
        self._lock = threading.Lock()
        self._left = chain.from_iterable(map(redrive.batches, reasons))

    def work_off(self) -> None:
        """One thread's share, to the end. Raises as `Redrive.settle` does."""
        while batch := self._next():
            self._redrive.settle(batch)

    def _next(self) -> Sequence[Owed] | None:
        if self._redrive.work.stop():
            raise Stopped
        with self._lock:
            return next(self._left, None)


def _is_forward(row: Owed) -> bool:
    return row.direction == Direction.FORWARD


def _unsent(_message: RetryMessage, _delay: int) -> None:
    """The row is enough."""
