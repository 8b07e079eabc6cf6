"""A verify of a random part of both tables: as much of it as was drawn (`verify_draw`)."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from cutover.tables.extras import LedgerNames, nobody
from cutover.tables.items import key_id, key_of
from cutover.tables.judging import Judging
from cutover.tables.kinds import Kind
from cutover.tables.paging import page_behind
from cutover.tables.patience import Stopped
from cutover.tables.ports import Item, Key, ScannableTable, ScanPage
from cutover.tables.recheck import BATCH, Looked, Probing
from cutover.tables.sample_compare import unasked_in_source, unequal_in_target
from cutover.tables.spill_join import Side
from cutover.tables.suspects import Suspect, SuspectFile
from cutover.tables.threads import attend
from cutover.tables.verification import Verification
from cutover.tables.verify_draw import Draw, Sampled
from cutover.tables.verify_keep import Unkept
from cutover.tables.verify_scan import TICK_SECONDS

_COMPARE = {Side.SOURCE: unequal_in_target, Side.TARGET: unasked_in_source}


@dataclass(frozen=True)
class Sampling:
    """How a sample is read. `scanned` is told of items, by several threads; `halt` makes `stop` true."""

    source: ScannableTable
    target: ScannableTable
    draws: Mapping[Side, Draw]
    workers: int = 4
    consistent: bool = False
    stop: Callable[[], bool] = lambda: False
    halt: Callable[[], None] = lambda: None
    scanned: Callable[[int], None] = lambda _: None


def verify_sample(
    sampling: Sampling,
    probing: Probing,
    *,
    most_keys: int = 1000,
    accept_native: bool = False,
    repairable: SuspectFile | None = None,
    named: LedgerNames = nobody,
    looked: Looked = lambda _: None,
) -> Verification:
    """As `verify.verify`, of the segments that were drawn. Nothing is kept. Raises TableFault and Stopped."""
    repairable = repairable or SuspectFile(probing.open_file)
    result = Verification(most_keys=most_keys, accept_native=accept_native)
    judging = Judging.begun(probing, Unkept(probing.open_file), 0, result, repairable)
    lock = threading.Lock()
    source = _Part(Side.SOURCE, sampling.source, sampling, probing, judging, lock)
    target = _Part(Side.TARGET, sampling.target, sampling, probing, judging, lock)
    with ThreadPoolExecutor(sampling.workers, thread_name_prefix="verify") as pool:
        futures = [pool.submit(_worker, (source, target)) for _ in range(sampling.workers)]
        attend(futures, halt=sampling.halt, tick=lambda: None, seconds=TICK_SECONDS)
    result.sampled = (source.seen, target.seen)
    result.source_items, result.target_items = source.seen.items, target.seen.items
    result.compared, result.suspects = source.seen.items + target.seen.items, judging.suspects.count
    result.counts[Kind.UNMAPPED] = source.seen.unmapped
    return judging.judge(named, looked)


def _worker(parts: Sequence[_Part]) -> None:
    for part in parts:
        while (segment := part.next_segment()) is not None:
            part.read(segment)


@dataclass
class _Part:
    """The drawn segments of one side, shared by the threads."""

    side: Side
    table: ScannableTable
    sampling: Sampling
    how: Probing
    judging: Judging
    lock: threading.Lock
    seen: Sampled = field(default_factory=Sampled)
    left: deque[int] = field(init=False)

    def __post_init__(self) -> None:
        self.left = deque(self.sampling.draws[self.side].chosen)

    def next_segment(self) -> int | None:
        """None where enough was read."""
        enough = self.sampling.draws[self.side].enough
        with self.lock:
            if not self.left or (enough is not None and self.seen.items >= enough):
                return None
            return self.left.popleft()

    def read(self, segment: int) -> None:
        start: Key | None = None
        before: Hashable = None
        while True:
            start, before = self._read_page(segment, start, before)
            if start is None:
                break
        with self.lock:
            self.seen.segments += 1

    def _read_page(self, segment: int, start: Key | None, before: Hashable) -> tuple[Key | None, Hashable]:
        """Where the next page starts, and the last partition key, which that may begin with.

        (A function of its own for the same reason as the one of `verify_scan`.)
        """
        if self.sampling.stop():
            raise Stopped
        page = self.how.patience(lambda: self._page(segment, start))
        items = page.items
        partitions = [one for one, _ in groupby(map(self._partition_key, items))]
        for at in range(0, len(items), BATCH):
            self._compare(items[at : at + BATCH])
        with self.lock:
            self.seen.partition_keys += len(partitions) - (partitions[:1] == [before])
        self.sampling.scanned(len(items))
        return page.next_start, partitions[-1] if partitions else before

    def _page(self, segment: int, start: Key | None) -> ScanPage:
        segments = self.sampling.draws[self.side].segments
        return page_behind(self.table, segment, segments, start, consistent=self.sampling.consistent)

    def _partition_key(self, item: Item) -> Hashable:
        return key_id(key_of(item, self.table.key_names[:1]))

    def _compare(self, items: Sequence[Item]) -> None:
        unequal, unmapped = _COMPARE[self.side](items, self.how)
        with self.lock:
            self.seen.items += len(items)
            self.seen.unmapped += unmapped
            for key in unequal:
                self.judging.suspect(Suspect(key, side=self.side))
