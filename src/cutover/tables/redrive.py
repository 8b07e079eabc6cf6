"""Redrive: whatever is owed converges now, by its keys alone, in any order, as often as anybody likes.

A row goes when its keys have converged, or when what is left of them is owed by rows of their own. A key
whose fault is still the one that its row tells of keeps its row, and no message is sent for it: the retry has
had its hours, and the next redrive finds the row.
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
from cutover.tables.ports import Key
from cutover.tables.settle_keys import settle
from cutover.tables.sweep import NewSubs

BATCH = 100
"""Keys of one batch: a slice of `converge`."""
_LOOKED_AT_AGAIN = {Reason.UNSETTLED, Reason.AMBIGUOUS}


@dataclass
class Redriven:
    """Counts of keys; the threads of a redrive add to one of these."""

    converged: int = 0
    remain: int = 0
    """Still at fault, changing all the time, or to be looked at once more because a reply was lost."""
    dropped: int = 0
    """Of older epochs."""
    waiting: int = 0
    """Wait for a user who has not come over."""
    unknown: int = 0
    """Rows without keys: lost batches that nobody can read. Only a full verify clears them."""
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, **amounts: int) -> None:
        with self.lock:
            for name, amount in amounts.items():
                setattr(self, name, getattr(self, name) + amount)


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
        now = [row for row in rows if self._is_ours(row) and row.keys]
        now, waiting = self._come(now)
        self.done.add(
            dropped=sum(row.number for row in old),
            waiting=waiting,
            unknown=sum(1 for row in rows if self._is_ours(row) and not row.keys),
        )
        self._forget(old)
        if old:
            self.count(self.work.pair_id, dropped_old_epoch=sum(row.number for row in old))
        if now:
            self._converge(now)
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

    def _is_ours(self, row: Owed) -> bool:
        return row.epoch == self.authority.epoch and row.direction == Direction.FORWARD

    def _come(self, rows: Sequence[Owed]) -> tuple[list[Owed], int]:
        """Without those whose user has not come over, and how many those are.

        What the source does not have any more waits for nobody. Under a key that has no target key yet there
        is nothing in the target either, so its row just goes; any other is converged.
        """
        waits = {row.waits_for for row in rows if row.reason == Reason.UNMAPPED}
        over = self.work.patience(lambda: self._over(waits)) if waits else set()
        come = [row for row in rows if row.reason != Reason.UNMAPPED or row.waits_for in over]
        wait = [row for row in rows if row.reason == Reason.UNMAPPED and row.waits_for not in over]
        gone = self._gone(wait)
        if self.work.transform.changes_keys:
            self._forget(gone)
            self.done.add(converged=len(gone))
        else:
            come += gone
        return come, len(wait) - len(gone)

    def _gone(self, rows: Sequence[Owed]) -> list[Owed]:
        keys = [key for row in rows for key in row.keys]
        have = self.work.patience(lambda: self.work.source.get(keys)) if keys else {}
        return [row for row in rows if not any(key_id(key) in have for key in row.keys)]

    def _over(self, subs: set[str]) -> set[str]:
        return set() if self.subs is None else set(self.subs.new_subs(subs))

    def _converge(self, rows: Sequence[Owed]) -> None:
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
        self._forget([row for row in rows if row.name not in kept])
        left = progress.parked
        self.done.add(converged=max(len(keys) - left, 0), remain=left - len(wait_on), waiting=len(wait_on))
        self.work.report(replace(progress, items=0))

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


def _unsent(_message: RetryMessage, _delay: int) -> None:
    """The row is enough."""
