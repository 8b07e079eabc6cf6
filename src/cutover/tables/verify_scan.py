"""Both tables read from end to end, side by side, into what is remembered of them."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from cutover.tables.digest import DIGEST_BYTES, digest
from cutover.tables.items import key_of, strip_replication
from cutover.tables.patience import Stopped
from cutover.tables.ports import Item, Key, ScannableTable, ScanPage
from cutover.tables.recheck import Probing
from cutover.tables.spill import Bounds, Record, Spill, encode_key
from cutover.tables.threads import attend
from cutover.tables.transform import Transform, TransformFault

TICK_SECONDS = 1.0
NO_DIGEST = bytes(DIGEST_BYTES)
"""Of an item whose transform fails: it is equal to nothing, so its key becomes a suspect."""


@dataclass(frozen=True)
class Scanning:
    """How both sides are read. `scanned` is told of items as they come, by several threads; `halt` makes
    `stop` true."""

    source: ScannableTable
    target: ScannableTable
    workers: int = 4
    segments: int = 16
    consistent: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    stop: Callable[[], bool] = lambda: False
    halt: Callable[[], None] = lambda: None
    scanned: Callable[[int], None] = lambda _: None
    tick: Callable[[], None] = lambda: None
    rng: random.Random = field(default_factory=random.Random)


@dataclass
class _Side:
    table: ScannableTable
    record: Callable[[Item], Record | None]
    spill: Spill
    items: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, items: tuple[Item, ...]) -> None:
        for item in items:
            record = self.record(item)
            if record is not None:
                self.spill.add(record)
        with self.lock:
            self.items += len(items)


def scan_both(scanning: Scanning, probing: Probing, left: Spill, right: Spill) -> tuple[int, int]:
    """Spills the digests of what the target should hold and of what it holds; gives the items on each side.

    Raises TableFault and Stopped.
    """
    source_keys, target_keys = scanning.source.key_names, scanning.target.key_names
    sides = (
        _Side(scanning.source, lambda item: _wanted(item, source_keys, probing.transform), left),
        _Side(scanning.target, lambda item: _held(item, target_keys), right),
    )
    tasks = [(side, segment) for side in sides for segment in range(scanning.segments)]
    scanning.rng.shuffle(tasks)
    queue = deque(tasks)
    with ThreadPoolExecutor(scanning.workers, thread_name_prefix="verify") as pool:
        futures = [pool.submit(_worker, queue, scanning, probing) for _ in range(scanning.workers)]
        attend(futures, halt=scanning.halt, tick=scanning.tick, seconds=TICK_SECONDS)
    return sides[0].items, sides[1].items


def _worker(queue: deque[tuple[_Side, int]], scanning: Scanning, probing: Probing) -> None:
    while True:
        try:
            side, segment = queue.popleft()
        except IndexError:
            return
        _scan_segment(side, segment, scanning, probing)


def _scan_segment(side: _Side, segment: int, scanning: Scanning, probing: Probing) -> None:
    start: Key | None = None
    while True:
        if scanning.stop():
            raise Stopped
        page = probing.patience(lambda: _page(side.table, segment, scanning, start))  # noqa: B023 - called at once
        side.take(page.items)
        scanning.scanned(len(page.items))
        start = page.next_start
        if start is None:
            return


def _page(table: ScannableTable, segment: int, scanning: Scanning, start: Key | None) -> ScanPage:
    pages = table.scan(segment, scanning.segments, start=start, consistent=scanning.consistent)
    return next(iter(pages), ScanPage(()))


def _wanted(item: Item, key_names: tuple[str, ...], transform: Transform) -> Record | None:
    """The record of the target item that this source item asks for; None where it asks for none."""
    key = key_of(item, key_names)
    try:
        wanted = transform.wanted(key, item)
    except TransformFault:
        return Record(digest(transform.target_key(key)), NO_DIGEST, encode_key(key))
    return None if wanted is None else Record.of(transform.target_key(key), strip_replication(wanted))


def _held(item: Item, key_names: tuple[str, ...]) -> Record:
    return Record.of(key_of(item, key_names), strip_replication(item))
