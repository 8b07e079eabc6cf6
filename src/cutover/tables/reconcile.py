"""Reconcile: repairs an outage that was longer than the stream's memory, when nobody knows what changed.

    for every key of the source: converge
    for every key of the target whose source key the source does not hold: converge that, where it is proven
    that the mirror wrote the item

The second pass deletes. Where the pair names an inverse, it says which items came from the source, and which
are the target's own. Without one, an item that the source does not have may be the new application's as well
as a deletion that was lost: such items are counted and named, and stay.

Each pass goes through the segments of a parallel scan and keeps its place in the ledger. One that was stopped
goes on there as long as the stream still has all that changed since: after that another outage may have lost
changes of keys that it has behind it, so it begins anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from cutover.tables.backfill_rows import Place
from cutover.tables.copying import Copying, Progress
from cutover.tables.counting import SharedCounts
from cutover.tables.items import key_id, key_of
from cutover.tables.paging import page_behind
from cutover.tables.patience import Stopped
from cutover.tables.ports import Item, Key, ScannableTable
from cutover.tables.settle_keys import settle_keys

NAME = "reconcile"
SOURCE, TARGET = "source", "target"


@dataclass(frozen=True)
class Standing:
    """A reconcile that was begun and not ended; `at` is when it last did something, in epoch seconds."""

    segments: int
    at: float


class ReconcileBook(Protocol):
    """Where a pair's reconcile stands; every method raises TableFault."""

    def standing(self) -> Standing | None: ...

    def begin(self, segments: int, at: float) -> None: ...

    def places(self, side: str) -> Mapping[int, Place]: ...

    def save_place(self, side: str, place: Place, at: float) -> None: ...

    def end(self) -> None:
        """Forgets it all."""


@dataclass
class Reconciled(SharedCounts):
    """Counts of one run; its threads add to it."""

    compared: int = 0
    """Keys of the source that were converged."""
    changed: int = 0
    """Items that were written to or deleted from the target."""
    parked: int = 0
    looked: int = 0
    """Items of the target."""
    proven: int = 0
    """Items that only the target had and that the inverse says came from the source; they are converged."""
    extra: int = 0
    """Items that only the target has and of which nobody can say whose they are; they stay."""


@dataclass(frozen=True)
class Reconcile:
    """One pair's. `proves` says whether the pair names an inverse. `unproven` is told the key of each item
    that stays though the source does not have it."""

    work: Copying
    target: ScannableTable
    book: ReconcileBook
    proves: bool
    unproven: Callable[[Key], None]
    done: Reconciled = field(default_factory=Reconciled)

    def begin(self, segments: int) -> int:
        """Goes on with the one that was begun, or begins; gives its segments."""
        standing = self.work.patience(self.book.standing)
        hours = 0.0 if standing is None else (self.work.clock() - standing.at) / 3600
        if standing is not None and hours * 3600 < self.work.tuning.record_age:
            self.work.patience.say(
                f"goes on with the reconcile that stopped {hours:.1f} h ago, whose counts are not in these"
            )
            return standing.segments
        if standing is not None:
            self.work.patience.say("an older reconcile was not ended: too long ago to go on with, begun anew")
            self.work.patience(self.book.end)
        self.work.patience(lambda: self.book.begin(segments, self.work.clock()))
        return segments

    def queue(self, side: str, segments: int, order: Callable[[list[Place]], None]) -> deque[Place]:
        """The segments that are not done, in `order`."""
        places = self.work.patience(lambda: self.book.places(side))
        left = [place for n in range(segments) if not (place := places.get(n, Place(n))).done]
        order(left)
        return deque(left)

    def run(self, side: str, segments: int, queue: deque[Place]) -> None:
        """One thread's share of a pass. Raises TableFault, AuthorityLost and Stopped; then it goes on where
        it stands."""
        while True:
            try:
                place = queue.popleft()
            except IndexError:
                return
            while not place.done:
                place = self._page(side, segments, place)

    def _page(self, side: str, segments: int, place: Place) -> Place:
        if self.work.stop():
            raise Stopped
        self.work.gate.ready()
        table = self.work.source if side == SOURCE else self.target
        page = self.work.patience(lambda: page_behind(table, place.segment, segments, place.next_start))
        if side == SOURCE:
            self._converge([key_of(item, table.key_names) for item in page.items])
        else:
            self._look(page.items)
        after = replace(place, next_start=page.next_start, done=page.next_start is None)
        self.work.patience(lambda: self.book.save_place(side, after, self.work.clock()))
        return after

    def _converge(self, keys: Sequence[Key]) -> None:
        if keys:
            done = settle_keys(self.work, NAME, keys)
            self.done.add(compared=len(keys), changed=done.written + done.deleted, parked=done.parked)
            self.work.report(replace(done, items=len(keys)))

    def _look(self, items: Sequence[Item]) -> None:
        """A page of the target: what of it the source does not have."""
        origins = self.work.patience(lambda: self._origins(items))
        known = [key for _, key in origins if key is not None]
        have = self.work.patience(lambda: self.work.source.get(known)) if known else {}
        lost: list[Key] = []
        for item, key in origins:
            here = key_of(item, self.target.key_names)
            if key is not None and key_id(key) in have:
                continue
            if key is not None and self.proves and self.work.transform.leads_to(key, here):
                lost.append(key)
            else:
                self.done.add(extra=1)
                self.unproven(here)
        self.done.add(looked=len(items), proven=len(lost))
        if lost:
            done = settle_keys(self.work, NAME, lost)
            self.done.add(changed=done.written + done.deleted, parked=done.parked)
        self.work.report(Progress(items=len(items)))

    def _origins(self, items: Sequence[Item]) -> list[tuple[Item, Key | None]]:
        """The items, each with its source key where somebody can say; what maps those is learnt too."""
        transform, names = self.work.transform, self.work.source.key_names
        transform.learn_back(items)
        keys = [transform.source_key(item) for item in items]
        transform.learn([key for key in keys if key is not None])
        return [
            (item, None if key is None else key_of(key, names)) for item, key in zip(items, keys, strict=True)
        ]
