"""A sample of a source table: some items of many random segments, so that one corner does not speak for all.

A segment of a parallel scan is a stretch of the hashes of partition keys, so items of a random segment are
random partition keys, and those of one large partition stand together:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from cutover.tables.ports import Item, Key, ScanPage

PAGE_ITEMS = 25
FEWEST_SEGMENTS = 16
"""A table whose item count is six hours old may hold more than it says."""
MOST_SEGMENTS = 1_000_000
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html"""
UNIT_BYTES = 4096
EVENTUAL = 0.5
"""Read units of 4 KB, eventually consistent."""


class SampledTable(Protocol):
    """A table that is read a few items at a time, eventually consistently."""

    @property
    def name(self) -> str: ...

    @property
    def key_names(self) -> tuple[str, ...]: ...

    def page(self, segment: int, segments: int, limit: int, start: Key | None) -> ScanPage:
        """At most `limit` items of a segment from behind `start`. Raises TableFault."""


@dataclass(frozen=True)
class SamplePlan:
    """`items` to be drawn at most, of a table of so many `segments`; `units` are the reads that it will take
    about, by the table's own six hours old count and size."""

    items: int
    segments: int
    units: float

    def seconds(self, units_a_second: float) -> int:
        """How long that takes about, at that pace."""
        return ceil(self.units / units_a_second)

    @property
    def most_calls(self) -> int:
        """Segments without items are visited in vain, so a sample may end before it is complete."""
        return FEWEST_SEGMENTS + 10 * ceil(self.items / PAGE_ITEMS)


def plan_sample(wanted: int, table_items: int, table_bytes: int) -> SamplePlan:
    """How to draw `wanted` items of a table with that count and size."""
    segments = min(max(table_items // PAGE_ITEMS, FEWEST_SEGMENTS), MOST_SEGMENTS)
    if not table_items:
        return SamplePlan(wanted, segments, EVENTUAL * segments)
    page_items = max(min(table_items / segments, PAGE_ITEMS), 1.0)
    page_units = EVENTUAL * max(ceil(page_items * table_bytes / table_items / UNIT_BYTES), 1)
    return SamplePlan(wanted, segments, ceil(min(wanted, table_items) / page_items) * page_units)


def draw(table: SampledTable, plan: SamplePlan, rng: random.Random) -> Iterator[tuple[Item, ...]]:
    """Pages of the sample, `plan.items` items in all at most and none twice. Raises TableFault.

    Every segment is visited once before one is visited again, so a small table is read to its end.
    """
    visits = min(plan.segments, plan.most_calls)
    waiting: deque[tuple[int, Key | None]] = deque(
        (segment, None) for segment in rng.sample(range(plan.segments), visits)
    )
    left = plan.items
    for _ in range(plan.most_calls):
        if not waiting or left <= 0:
            return
        segment, start = waiting.popleft()
        page = table.page(segment, plan.segments, min(PAGE_ITEMS, left), start)
        if page.next_start:
            waiting.append((segment, page.next_start))
        if page.items:
            left -= len(page.items)
            yield page.items
