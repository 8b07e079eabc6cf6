"""The ledger's rows of what is owed to the target tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cutover.aws.ledger_table import LedgerTable
from cutover.tables.owed import Owed, OwedSummary, mark_of, place_of
from cutover.tables.owed_rows import (
    SHARDS,
    owed_of_row,
    owed_pk,
    owed_row,
    row_key,
    unmapped_pk,
    waiting_at,
)
from cutover.tables.parking import Reason
from cutover.tables.ports import Item, TableFault

COUNTED_PAGES = 25
"""Of 1 MB each: what a summary reads of one partition at most, 6,400 read units."""


PAGE_ROWS = 500
"""Rows that are read together; of rows that wait for users, five reads of the map of subs."""


class DynamoOwedBook:
    """An `OwedBook`. The ledger's client may make several attempts: whatever is written here may be written
    twice."""

    def __init__(self, ledger: LedgerTable, *, counted_pages: int = COUNTED_PAGES) -> None:
        self._ledger = ledger
        self._counted_pages = counted_pages

    def add(self, rows: Sequence[Owed]) -> None:
        """Rows that wait for users go in batches, and their time is that of the last look at them."""
        waiting = {place_of(row.name): row for row in rows if row.reason == Reason.UNMAPPED}
        self._ledger.write([owed_row(row) for row in waiting.values()])
        for row in rows:
            if row.reason != Reason.UNMAPPED:
                self._keep(owed_row(row))

    def _keep(self, row: Item) -> None:
        """All but the time of keys, which stays as it is where the row is there already. A lost write's is
        that of the last one, which may land the latest."""
        given = {name: value for name, value in row.items() if name not in {"pk", "sk"}}
        terms = [f"#{name} = :{name}" for name in given if name != "since"]
        keeps = row["keys"]["L"] and row["reason"]["S"] != Reason.AMBIGUOUS
        since = "if_not_exists(#since, :since)" if keeps else ":since"
        self._ledger.update(
            {"pk": row["pk"], "sk": row["sk"]},
            f"SET {', '.join(terms)}, #since = {since}",
            {f"#{name}": name for name in given},
            {f":{name}": value for name, value in given.items()},
        )

    def settle(self, pair_id: str, names: Sequence[str]) -> None:
        for name in names:
            self._ledger.delete_if(row_key(pair_id, name), "mark = :mark", {":mark": {"S": mark_of(name)}})

    def rows(self, pair_id: str, reason: str | None = None) -> Iterator[Owed]:
        for page, _ in self.pages(pair_id, reason):
            yield from page

    def pages(
        self, pair_id: str, reason: str | None = None, place: str = ""
    ) -> Iterator[tuple[Sequence[Owed], str]]:
        """A place is a partition, and the sort key of its last row."""
        begin, _, last = place.partition("#")
        partitions = list(_partitions(pair_id, reason))
        first = next((n for n, one in enumerate(partitions) if one[0] == begin), 0)
        for name, pk, prefix in partitions[first:]:
            after = {"pk": {"S": pk}, "sk": {"S": last}} if last else None
            last = ""
            for page in self._ledger.pages(pk, prefix, after=after, limit=PAGE_ROWS):
                if page:
                    yield list(self._read(page)), f"{name}#{page[-1]['sk']['S']}"
        yield [], ""

    def waiting_for(self, pair_id: str, old_sub: str) -> Iterator[Owed]:
        """The rows that wait for one old sub."""
        pk, prefix = waiting_at(pair_id, old_sub)
        yield from self._read(self._ledger.rows(pk, prefix))

    def summary(self, pair_id: str) -> OwedSummary:
        keys: Counter[str] = Counter()
        oldest: float | None = None
        exact = True
        for number, page in enumerate(self._ledger.pages(owed_pk(pair_id))):
            if number == self._counted_pages:
                exact = False
                break
            for owed in self._read(page):
                keys[owed.reason] += owed.number
                oldest = owed.since if oldest is None else min(oldest, owed.since)
        waiting, all_counted = self._waiting(pair_id)
        if waiting:
            keys[Reason.UNMAPPED] = waiting
        return OwedSummary(dict(keys), oldest, exact and all_counted)

    def _waiting(self, pair_id: str) -> tuple[int, bool]:
        counted, exact = 0, True
        for shard in SHARDS:
            number, whole = self._ledger.count(unmapped_pk(pair_id, shard), self._counted_pages)
            counted, exact = counted + number, exact and whole
        return counted, exact

    def _read(self, rows: Iterator[Item] | Sequence[Item]) -> Iterator[Owed]:
        for row in rows:
            try:
                owed = owed_of_row(row)
            except ValueError as error:
                raise TableFault(self._ledger.name, str(error)) from error
            yield owed


def _partitions(pair_id: str, reason: str | None) -> Iterator[tuple[str, str, str]]:
    """Their short names, their keys, and how the sort keys of the reason's rows begin."""
    if reason != Reason.UNMAPPED:
        yield "-", owed_pk(pair_id), f"{reason}#" if reason else ""
    if reason in {None, Reason.UNMAPPED}:
        for shard in SHARDS:
            yield shard, unmapped_pk(pair_id, shard), ""
