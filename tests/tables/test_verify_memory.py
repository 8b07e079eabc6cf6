"""The memory of a verify does not grow with the tables."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator, Sequence

from cutover.tables.digest import digest
from cutover.tables.patience import Patience
from cutover.tables.ports import Item, Key, KeyId, ScanPage
from cutover.tables.recheck import Probing
from cutover.tables.spill import Bounds, Record, Spill, encode_key
from cutover.tables.spill_join import join
from cutover.tables.transform import IDENTITY
from cutover.tables.verify import verify
from cutover.tables.verify_scan import Scanning
from tests.fakes.tables import key
from tests.fakes.verifying import open_file

SMALL = Bounds(buffer_bytes=2_000, partition_bytes=20_000)
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
        return {}


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


def test_eight_times_the_items_take_no_more_memory() -> None:
    small, compared_of_small = peak_of_a_verify(1_000)
    large, compared_of_large = peak_of_a_verify(8_000)
    assert (compared_of_small, compared_of_large) == (1_000, 8_000)
    assert large < small * 1.5


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
