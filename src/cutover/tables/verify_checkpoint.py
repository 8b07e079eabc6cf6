"""When and how far the place of a verify's scan is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from cutover.tables.spill_join import Side
from cutover.tables.verify_keep import Keep
from cutover.tables.verify_reading import Reading, file_names
from cutover.tables.verify_scan import Scanning


@contextmanager
def keeping_scan(
    keep: Keep,
    left: Reading,
    right: Reading,
    scanning: Scanning,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Scanning]:
    """The scanning to be done inside: its place is kept now and then, and at its end, however that comes."""
    last = clock()

    def save() -> None:
        sides = {left.side.value: left.state(), right.side.value: right.state()}
        keep.save({"phase": "scan", "segments": scanning.segments, **sides})

    def tick() -> None:
        nonlocal last
        scanning.tick()
        if clock() - last >= scanning.checkpoint_seconds:
            save()
            last = clock()

    try:
        yield replace(scanning, tick=tick)
    finally:
        save()


def drop_scan(keep: Keep) -> None:
    """What was read is joined, and needed no longer."""
    keep.drop(*file_names(Side.SOURCE), *file_names(Side.TARGET))
