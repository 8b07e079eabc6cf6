"""Both tables read from end to end, side by side, into what is remembered of them."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from cutover.tables.digest import digest, long_digest
from cutover.tables.items import key_of, strip_replication
from cutover.tables.paging import page_behind
from cutover.tables.patience import Stopped
from cutover.tables.ports import FaultReason, Item, Key, ScannableTable, ScanPage
from cutover.tables.recheck import Probing
from cutover.tables.spill import Bounds, Record, encode_key
from cutover.tables.spill_join import Side
from cutover.tables.threads import attend
from cutover.tables.transform import Transform, TransformFault, is_identity
from cutover.tables.verify_reading import Reading

TICK_SECONDS = 1.0


@dataclass(frozen=True)
class Scanning:
    """How both sides are read. `scanned` is told of items as they come, by several threads; `halt` makes
    `stop` true. With `sealed` the items' digests are those of a certificate (`digest.long_digest`)."""

    source: ScannableTable
    target: ScannableTable
    workers: int = 4
    segments: int = 16
    consistent: bool = False
    sealed: bool = False
    checkpoint_seconds: float = 5.0
    """A verify that is killed has to read again what it read since the last checkpoint."""
    bounds: Bounds = field(default_factory=Bounds)
    stop: Callable[[], bool] = lambda: False
    halt: Callable[[], None] = lambda: None
    scanned: Callable[[int], None] = lambda _: None
    tick: Callable[[], None] = lambda: None
    rng: random.Random = field(default_factory=random.Random)

    @property
    def digest(self) -> Callable[[Item], bytes]:
        return long_digest if self.sealed else digest


def scan_both(scanning: Scanning, probing: Probing, left: Reading, right: Reading) -> None:
    """Reads what is left to read of both sides.

    Raises TableFault and Stopped; what was read until then stands in `left` and `right`.
    """
    tasks = [
        (side, segment)
        for side in (left, right)
        for segment in range(scanning.segments)
        if not side.place(segment).done
    ]
    scanning.rng.shuffle(tasks)
    queue = deque(tasks)
    seconds = min(TICK_SECONDS, scanning.checkpoint_seconds)
    with ThreadPoolExecutor(scanning.workers, thread_name_prefix="verify") as pool:
        futures = [pool.submit(_worker, queue, scanning, probing) for _ in range(scanning.workers)]
        attend(futures, halt=scanning.halt, tick=scanning.tick, seconds=seconds)


def _worker(queue: deque[tuple[Reading, int]], scanning: Scanning, probing: Probing) -> None:
    while True:
        try:
            side, segment = queue.popleft()
        except IndexError:
            return
        _read_segment(side, segment, scanning, probing)


def _read_segment(side: Reading, segment: int, scanning: Scanning, probing: Probing) -> None:
    while not side.place(segment).done:
        if scanning.stop():
            raise Stopped
        _read_page(side, segment, scanning, probing)


def _read_page(side: Reading, segment: int, scanning: Scanning, probing: Probing) -> None:
    """(A function of its own, so that a page is gone before the next one comes: of small items it is the most
    that a thread ever holds.)"""
    start = side.place(segment).next_start
    page = probing.patience(
        lambda: page_behind(side.table, segment, scanning.segments, start, consistent=scanning.consistent)
    )
    _take(side, segment, page, scanning, probing)
    scanning.scanned(len(page.items))


def _take(side: Reading, segment: int, page: ScanPage, scanning: Scanning, probing: Probing) -> None:
    unmapped: list[Key] = []
    if side.side is Side.TARGET:
        records = held_records(page.items, side.table.key_names, scanning.digest)
    else:
        probing.patience(lambda: probing.transform.learn(page.items))
        records = wanted_records(
            page.items, side.table.key_names, probing.transform, scanning.digest, unmapped.append
        )
    packed = side.spill.packed(records)
    side.take(segment, packed, len(page.items), len(unmapped), page.next_start)


def held_records(
    items: Sequence[Item], key_names: Sequence[str], item_digest: Callable[[Item], bytes]
) -> Iterator[Record]:
    for item in items:
        key = key_of(item, key_names)
        yield Record(digest(key), item_digest(strip_replication(item)), encode_key(key))


def wanted_records(
    items: Sequence[Item],
    key_names: Sequence[str],
    transform: Transform,
    item_digest: Callable[[Item], bytes],
    unmapped: Callable[[Key], None],
) -> Iterator[Record]:
    """The records of the target items that these source items ask for; none for an item that asks for none.

    An item on which the transform fails has a digest that equals none, so that its key becomes a suspect; one
    that waits for a new sub is handed to `unmapped`.
    """
    if is_identity(transform):
        yield from held_records(items, key_names, item_digest)
        return
    for item in items:
        key = key_of(item, key_names)
        where = None
        try:
            where = digest(transform.target_key(key))
            wanted = transform.wanted(key, item)
        except TransformFault as fault:
            if fault.reason is FaultReason.UNMAPPED:
                unmapped(key)
            else:
                yield Record(where or _nowhere(key), bytes(len(item_digest({}))), encode_key(key))
            continue
        if wanted is not None:
            yield Record(where, item_digest(strip_replication(wanted)), encode_key(key))


def _nowhere(key: Key) -> bytes:
    """The digest of no target key: an attribute's name is not empty."""
    return digest({"": {"M": key}})
