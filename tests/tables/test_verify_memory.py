"""The memory of a verify does not grow with the tables."""

from __future__ import annotations

import random
import tracemalloc
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

from cutover.tables.digest import digest
from cutover.tables.items import key_id
from cutover.tables.patience import Patience
from cutover.tables.ports import Item, Key, KeyId, ScanPage
from cutover.tables.recheck import Probing
from cutover.tables.spill import Bounds, Record, Spill, encode_key
from cutover.tables.spill_join import Side, join
from cutover.tables.transform import IDENTITY
from cutover.tables.verify import verify
from cutover.tables.verify_draw import Draw
from cutover.tables.verify_sample import Sampling, verify_sample
from cutover.tables.verify_scan import Scanning
from tests.fakes.tables import key
from tests.fakes.verifying import open_file

SMALL = Bounds(buffer_bytes=500, partition_bytes=4_000)
PAGE = 100


class Endless:
    """A table whose items are made when they are read, so that it takes no memory itself."""

    name = "endless"
    key_names = ("k",)

    def __init__(self, items: int) -> None:
        self.items = items

    def scan(
        self, segment: int, segments: int, *, start: Key | None = None, consistent: bool = False
    ) -> Iterator[ScanPage]:
        first = segment if start is None else int(start["k"]["S"]) + segments
        numbers = range(first, self.items, segments)[:PAGE]
        items = tuple({"k": {"S": str(number)}, "v": {"S": "x" * 50}} for number in numbers)
        more = len(numbers) == PAGE
        yield ScanPage(items, {"k": items[-1]["k"]} if more else None)

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        return {key_id(one): {**one, "v": {"S": "x" * 50}} for one in keys}


def peak_of_a_verify(items: int) -> tuple[int, int]:
    """Peak bytes, and keys compared."""
    source, target = Endless(items), Endless(items)
    probing = Probing(source, target, IDENTITY, Patience(budget=0), open_file)  # type: ignore[arg-type]
    scanning = Scanning(source, target, workers=2, segments=4, bounds=SMALL, rng=random.Random(1))
    tracemalloc.start()
    try:
        result = verify(scanning, probing)
        return tracemalloc.get_traced_memory()[1], result.compared
    finally:
        tracemalloc.stop()


def test_four_times_the_items_take_no_more_memory() -> None:
    """Both sizes fill every buffer and split every partition. What the larger one takes more is less, by the
    item, than the least that could be kept of one: a pointer."""
    small, compared_of_small = peak_of_a_verify(4_000)
    large, compared_of_large = peak_of_a_verify(16_000)
    assert (compared_of_small, compared_of_large) == (4_000, 16_000)
    assert large - small < 4 * (16_000 - 4_000)


class Weak(dict[str, Any]):
    """An item whose end can be seen."""


class Watched(Endless):
    """Notes how many earlier pages live on when one is asked for, by an item of each."""

    def __init__(self, items: int) -> None:
        super().__init__(items)
        self.living = 0
        self.most = 0

    def scan(
        self, segment: int, segments: int, *, start: Key | None = None, consistent: bool = False
    ) -> Iterator[ScanPage]:
        self.most = max(self.most, self.living)
        for page in super().scan(segment, segments, start=start, consistent=consistent):
            items = tuple(Weak(item) for item in page.items)
            if items:
                self.living += 1
                weakref.finalize(items[0], self._gone)
            yield ScanPage(items, page.next_start)
            del items

    def _gone(self) -> None:
        self.living -= 1


def test_a_page_is_gone_before_the_next_one_is_asked_for() -> None:
    """A page of small items takes tens of megabytes; two for each thread took a verify to 289 MB."""
    source, target = Watched(1_000), Watched(1_000)
    probing = Probing(source, target, IDENTITY, Patience(budget=0), open_file)  # type: ignore[arg-type]
    assert verify(Scanning(source, target, workers=1, segments=2, bounds=SMALL), probing).compared == 1_000
    assert (source.most, target.most) == (0, 0)


def test_nor_does_a_sample_hold_a_page_while_it_asks_for_the_next() -> None:
    source, target = Watched(1_000), Watched(1_000)
    probing = Probing(source, target, IDENTITY, Patience(budget=0), open_file)  # type: ignore[arg-type]
    draws = {side: Draw(2, (0, 1), None) for side in Side}
    assert verify_sample(Sampling(source, target, draws, workers=1), probing).compared == 2_000
    assert (source.most, target.most) == (0, 0)


def peak_of_a_join(records: int, bounds: Bounds) -> int:
    """Peak bytes of joining so many records of both sides that all fall into one partition."""
    left, right = Spill(open_file, bounds), Spill(open_file, bounds)
    for number in range(records):
        one = key(f"key-of-an-item-{number}")
        for side in (left, right):
            side.add(Record(b"\0" + digest(one)[1:], digest(one), encode_key(one)))
    tracemalloc.start()
    try:
        assert join(left, right, bounds, lambda _key, _side: None).compared == records
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_partition_takes_at_most_five_times_its_bytes_on_disk() -> None:
    """The factor behind the memory bound that `verify` states: 6,000 records of 67 bytes."""
    assert peak_of_a_join(6_000, Bounds(partition_bytes=402_000)) < 5 * 402_000


def test_a_partition_that_outgrows_its_bound_takes_no_more_memory_than_one_that_does_not() -> None:
    bounds = Bounds(buffer_bytes=500, partition_bytes=67_000)
    assert peak_of_a_join(8_000, bounds) < 2 * peak_of_a_join(1_000, bounds)


def test_a_partition_that_is_too_large_is_split_and_nothing_is_lost() -> None:
    tiny = Bounds(buffer_bytes=64, partition_bytes=200)
    left, right = Spill(open_file, tiny), Spill(open_file, tiny)
    for number in range(2_000):
        one = key(str(number))
        left.add(Record(digest(one), digest(one), encode_key(one)))
        if number != 1_234:
            right.add(Record(digest(one), digest(one), encode_key(one)))
    suspects: list[Key] = []
    joined = join(left, right, tiny, lambda key, _: suspects.append(key))
    assert (joined.compared, suspects) == (2_000, [key("1234")])


def test_the_files_have_no_name() -> None:
    """What is spilled cannot be left behind."""
    file = open_file()
    assert not isinstance(file.name, str)
