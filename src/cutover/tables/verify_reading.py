"""One side of a verify while its table is read: the digests so far, and where each segment stands."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cutover.tables.items import from_json, to_json
from cutover.tables.ports import Key, ScannableTable
from cutover.tables.spill import PARTITIONS, Bounds, OpenFile, Spill
from cutover.tables.spill_join import Side
from cutover.tables.verify_keep import Keep


@dataclass(frozen=True)
class ScanPlace:
    """Where one segment stands: its next page starts behind `next_start`. `unmapped` items wait for the new
    sub of their user, and were not compared."""

    next_start: Key | None = None
    done: bool = False
    items: int = 0
    unmapped: int = 0


class Reading:
    """Places and records change together, under one lock, so that a page counts once or not at all."""

    def __init__(self, side: Side, table: ScannableTable, spill: Spill, places: dict[int, ScanPlace]) -> None:
        self.side, self.table, self.spill = side, table, spill
        self._places, self._lock = places, threading.Lock()

    @classmethod
    def begin(
        cls,
        side: Side,
        table: ScannableTable,
        keep: Keep,
        open_file: OpenFile,
        bounds: Bounds,
        item_bytes: int,
        kept: Mapping[str, Any] | None,
    ) -> Reading:
        """Goes on with what was kept of this side. Raises Damaged."""
        files = [keep.file(name) for name in file_names(side)]
        sizes = kept["sizes"] if kept else [0] * PARTITIONS
        spill = Spill(open_file, bounds, item_bytes=item_bytes, files=files, sizes=sizes)
        places = {int(number): _place(row) for number, row in kept["places"].items()} if kept else {}
        return cls(side, table, spill, places)

    def place(self, segment: int) -> ScanPlace:
        return self._places.get(segment, ScanPlace())

    def take(
        self, segment: int, packed: Mapping[int, bytes], items: int, unmapped: int, next_start: Key | None
    ) -> None:
        """A page of the segment, and where the next one starts. Raises OSError, and has taken it then too."""
        with self._lock:
            place = self.place(segment)
            self.spill.hold(packed)
            self._places[segment] = replace(
                place,
                next_start=next_start,
                done=next_start is None,
                items=place.items + items,
                unmapped=place.unmapped + unmapped,
            )
            self.spill.relieve()

    def state(self) -> dict[str, Any]:
        """For `Keep.save`, with everything handed to the files."""
        with self._lock:
            places = {str(number): _row(place) for number, place in self._places.items()}
            return {"sizes": self.spill.flush(), "places": places}

    @property
    def items(self) -> int:
        return sum(place.items for place in self._places.values())

    @property
    def unmapped(self) -> int:
        return sum(place.unmapped for place in self._places.values())


def file_names(side: Side) -> list[str]:
    return [f"{side}.{number:02}" for number in range(PARTITIONS)]


def _row(place: ScanPlace) -> list[Any]:
    start = None if place.next_start is None else to_json(place.next_start)
    return [start, place.done, place.items, place.unmapped]


def _place(row: list[Any]) -> ScanPlace:
    start, done, items, unmapped = row
    return ScanPlace(None if start is None else from_json(start), done, items, unmapped)
