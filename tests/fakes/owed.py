"""What is owed, in memory."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from cutover.tables.owed import Owed, OwedSummary, mark_of, place_of
from cutover.tables.parking import Reason
from cutover.tables.ports import FaultReason, Item, Key, TableFault
from cutover.tables.transform import Transform, TransformFault


class FakeOwedBook:
    """`fault` makes every call fail; `kept` holds the rows by pair and place."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Owed] = {}
        self.fault: str | None = None

    def add(self, rows: Sequence[Owed]) -> None:
        self._check()
        for row in rows:
            there = self.kept.get((row.pair, place_of(row.name)))
            keeps = there is not None and row.keys and row.reason not in {Reason.UNMAPPED, Reason.AMBIGUOUS}
            since = there.since if there and keeps else row.since
            self.kept[row.pair, place_of(row.name)] = replace(row, since=since)

    def settle(self, pair_id: str, names: Sequence[str]) -> None:
        self._check()
        for name in names:
            there = self.kept.get((pair_id, place_of(name)))
            if there and mark_of(there.name) == mark_of(name):
                del self.kept[pair_id, place_of(name)]

    def rows(self, pair_id: str, reason: str | None = None) -> Iterator[Owed]:
        self._check()
        for (pair, _), row in sorted(self.kept.items()):
            if pair == pair_id and reason in {None, row.reason}:
                yield row

    def waiting_for(self, pair_id: str, old_sub: str) -> Iterator[Owed]:
        return (row for row in self.rows(pair_id, Reason.UNMAPPED) if row.waits_for == old_sub)

    def pages(
        self, pair_id: str, reason: str | None = None, place: str = ""
    ) -> Iterator[tuple[Sequence[Owed], str]]:
        """Pages of two rows."""
        rows = [row for row in self.rows(pair_id, reason) if place_of(row.name) > place]
        for start in range(0, len(rows), 2):
            yield rows[start : start + 2], place_of(rows[start : start + 2][-1].name)
        yield [], ""

    def summary(self, pair_id: str) -> OwedSummary:
        keys: Counter[str] = Counter()
        for row in self.rows(pair_id):
            keys[row.reason] += row.number
        times = [row.since for row in self.rows(pair_id) if row.reason != Reason.UNMAPPED]
        return OwedSummary(dict(keys), min(times, default=None))

    def _check(self) -> None:
        if self.fault:
            raise TableFault("ledger", self.fault)


def marks() -> Callable[[], str]:
    """Texts that are never given twice."""
    numbers = itertools.count()
    return lambda: f"mark-{next(numbers)}"


class Waiting(Transform):
    """Every item that exists waits for one old sub, until `come`."""

    def __init__(self, old_sub: str) -> None:
        super().__init__()
        self.__dict__["old_sub"] = old_sub
        self.__dict__["come"] = False

    def wanted(self, source_key: Key, item: Item | None) -> Item | None:
        if item is not None and not self.__dict__["come"]:
            raise TransformFault(FaultReason.UNMAPPED, "no mapping", self.__dict__["old_sub"])
        return item
