"""Keys that waited for a user, once the user has come over: they are owed a converge, as any other key is.

The rows that wait are gone through again and again, so many in one run, and each run goes on where the last
one stopped. Nobody has to tell when a mapping appears, so none can be missed: not one that appeared while its
row was being written, nor one in the ledger of another stack.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Protocol

from cutover.tables.authority import Direction, PairState, Verdict, judge
from cutover.tables.owed import Owed, OwedBook
from cutover.tables.parking import Park, Reason, RetryMessage, grouped


class NewSubs(Protocol):
    """The map of subs: what of it a sweep needs."""

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        """By old sub; who has not come over is absent. Raises TableFault."""

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        """By new sub; what is none is absent. Raises TableFault."""


@dataclass(frozen=True)
class Sweep:
    """Where the passes over one pair's waiting rows stand. `place` "" is the beginning of a pass; `looked`
    counts the rows of this pass so far, `left` those that waited on at the end of the last whole pass."""

    place: str = ""
    looked: int = 0
    waiting: int = 0
    """Of those that were looked at, how many wait on."""
    left: int | None = None
    mapped: int = 0
    """Keys that the last run made owed."""
    dropped: int = 0
    """Keys of older epochs that the last run let go."""


@dataclass(frozen=True)
class Sweeper:
    """What a sweep works with. `clock` gives epoch seconds."""

    book: OwedBook
    subs: NewSubs
    park: Park
    clock: Callable[[], float]

    def run(self, pair_id: str, state: PairState, sweep: Sweep, stop: Callable[[], bool], rows: int) -> Sweep:
        """Goes on for about `rows` rows, to the end of the pass at most. Raises TableFault, NotParked; then
        what was not reached waits on."""
        sweep, looked = replace(sweep, mapped=0, dropped=0), 0
        for page, place in self.book.pages(pair_id, Reason.UNMAPPED, sweep.place):
            sweep = self._page(pair_id, state, sweep, page)
            looked += len(page)
            sweep = replace(sweep, place=place)
            if not place:
                return replace(sweep, looked=0, waiting=0, left=sweep.waiting)
            if looked >= rows or stop():
                break
        return sweep

    def _page(self, pair_id: str, state: PairState, sweep: Sweep, page: Sequence[Owed]) -> Sweep:
        verdicts = {row.epoch: judge(state, Direction.FORWARD, row.epoch) for row in page}
        old = [row for row in page if verdicts[row.epoch] is Verdict.DROP]
        now = [row for row in page if verdicts[row.epoch] is Verdict.WRITE]
        over = self._over({row.waits_for for row in now})
        come = [row for row in now if row.waits_for in over]
        self._owe(come)
        self.book.settle(pair_id, [row.name for row in (*old, *come)])
        return replace(
            sweep,
            looked=sweep.looked + len(page),
            waiting=sweep.waiting + len(page) - len(come) - len(old),
            mapped=sweep.mapped + len(come),
            dropped=sweep.dropped + len(old),
        )

    def _over(self, waited_for: Set[str]) -> Set[str]:
        """Who has come over, and what has turned out to be a new sub: for that nobody would ever come, and
        only another look says so."""
        over = self.subs.new_subs(waited_for).keys() if waited_for else set()
        left = waited_for - over
        return over | (self.subs.old_subs(left).keys() if left else set())

    def _owe(self, rows: Sequence[Owed]) -> None:
        """The new rows stand before the old ones go; they count from now, for nobody was late before."""
        by_epoch: dict[int, list[Owed]] = defaultdict(list)
        for row in rows:
            by_epoch[row.epoch].append(row)
        for epoch, same in by_epoch.items():
            keys = [key for row in same for key in row.keys]
            blank = RetryMessage(same[0].pair, Direction.FORWARD, epoch, (), self.clock(), Reason.REDRIVE)
            for parcel in grouped(blank, keys, Reason.REDRIVE, 0):
                self.park(parcel.message, parcel.delay)
