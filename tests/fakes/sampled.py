"""A table in memory that is read a few items at a time."""

from __future__ import annotations

from collections.abc import Sequence

from cutover.tables.ports import Item, Key, ScanPage


class FakeSampledTable:
    """Its items are numbered, and spread over the segments by their number; `holes` is the share of segments
    that hold nothing. `calls` are (segment, limit)."""

    name = "table"
    key_names = ("k",)

    def __init__(self, items: int, *, holes: float = 0.0) -> None:
        self.items, self.holes = items, holes
        self.calls: list[tuple[int, int]] = []

    def page(self, segment: int, segments: int, limit: int, start: Key | None) -> ScanPage:
        self.calls.append((segment, limit))
        mine = self._of(segment, segments)
        begin = mine.index(int(start["k"]["S"][1:])) + 1 if start else 0
        items: Sequence[Item] = [{"k": {"S": f"k{number}"}} for number in mine[begin : begin + limit]]
        last = items[-1]["k"] if items and begin + limit < len(mine) else None
        return ScanPage(tuple(items), {"k": last} if last else None, 0.5)

    def _of(self, segment: int, segments: int) -> range:
        usable = max(int(segments * (1 - self.holes)), 1)
        return range(segment, self.items, usable) if segment < usable else range(0)
