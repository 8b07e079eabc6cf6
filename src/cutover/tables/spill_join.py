"""The two sides of a verify, joined key by key, one partition after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from cutover.tables.ports import Key
from cutover.tables.spill import PARTITIONS, Bounds, Record, Spill, decode_key


class Side(StrEnum):
    SOURCE = "source"
    TARGET = "target"


SuspectKey = Callable[[Key, Side], None]
"""Told of a key of that side that is not on both sides with the same digest."""


@dataclass
class Sums:
    """A side's digests added up modulo 2**256: the same for the same items, in whatever order they come."""

    count: int = 0
    total: int = 0

    def add(self, item_digest: bytes) -> None:
        self.count += 1
        self.total = (self.total + int.from_bytes(item_digest)) % (1 << 256)

    @property
    def text(self) -> str:
        return f"{self.total:064x}"


@dataclass
class Joined:
    """How many keys there were on either side or both, how many of them are suspects, and the sums of what
    the source asks for, of what the target holds under the same keys, and of what else it holds."""

    compared: int = 0
    suspects: int = 0
    wanted: Sums = field(default_factory=Sums)
    held: Sums = field(default_factory=Sums)
    else_held: Sums = field(default_factory=Sums)


def join(
    left: Spill, right: Spill, bounds: Bounds, suspect: SuspectKey, joined: Joined | None = None
) -> Joined:
    """Calls `suspect` with each key that is not on both sides with the same digest; drops both spills.

    Two source keys that want one target key are both suspects.
    """
    joined = joined or Joined()
    for number in range(PARTITIONS):
        if left.size(number) > bounds.partition_bytes and left.can_split:
            finer = (left.split(number), right.split(number))
            _drop(left, right, number)
            join(*finer, bounds, suspect, joined)
        else:
            _join_one(left, right, number, joined, suspect)
            _drop(left, right, number)
    return joined


def _join_one(left: Spill, right: Spill, number: int, joined: Joined, suspect: SuspectKey) -> None:
    def suspected(record_key: bytes, side: Side) -> None:
        joined.suspects += 1
        suspect(decode_key(record_key), side)

    wanted = _wanted(left, number, joined, suspected)
    for record in right.read(number):
        match = wanted.pop(record.key_digest, None)
        (joined.else_held if match is None else joined.held).add(record.item_digest)
        if match is None:
            joined.compared += 1
            suspected(record.key_json, Side.TARGET)
        elif match[0] != record.item_digest:
            suspected(match[1], Side.SOURCE)
    for _, key_json in wanted.values():
        suspected(key_json, Side.SOURCE)


def _wanted(
    left: Spill, number: int, joined: Joined, suspected: Callable[[bytes, Side], None]
) -> dict[bytes, tuple[bytes, bytes]]:
    wanted: dict[bytes, tuple[bytes, bytes]] = {}
    for record in left.read(number):
        joined.wanted.add(record.item_digest)
        joined.compared += 1
        before = wanted.get(record.key_digest)
        if before is not None:
            suspected(record.key_json, Side.SOURCE)
            record = Record(record.key_digest, bytes(len(record.item_digest)), before[1])
        wanted[record.key_digest] = (record.item_digest, record.key_json)
    return wanted


def _drop(left: Spill, right: Spill, number: int) -> None:
    left.drop(number)
    right.drop(number)
