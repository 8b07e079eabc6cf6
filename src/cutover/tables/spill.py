"""What a verify must remember of two tables, on disk and in a bounded share of memory.

A record is 34 bytes and its key: digest of the key, digest of the item, the key as JSON. The records of a
side lie in files by the first bits of the key's digest, so that each file has its counterpart on the other
side. The files have no name and belong to this process alone: however it ends, they are gone with it.
"""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cutover.tables.digest import DIGEST_BYTES, digest
from cutover.tables.items import from_json, to_json
from cutover.tables.ports import Item, Key

PARTITIONS = 32
"""Files of a side: two sides and one more split are 128, and macOS opens 256 for a process by default."""
_BITS = 5

OpenFile = Callable[[], BinaryIO]
_HEAD = struct.Struct(f">{DIGEST_BYTES}s{DIGEST_BYTES}sH")


@dataclass(frozen=True)
class Bounds:
    """The share of memory: `buffer_bytes` for each of 64 files, and one partition of at most
    `partition_bytes` on disk, which takes about four times that as Python objects."""

    buffer_bytes: int = 65_536
    partition_bytes: int = 16_000_000


@dataclass(frozen=True)
class Record:
    """A key and the digests; `key` is decoded on demand."""

    key_digest: bytes
    item_digest: bytes
    key_json: bytes

    @property
    def key(self) -> Key:
        return decode_key(self.key_json)

    @classmethod
    def of(cls, key: Key, item: Item) -> Record:
        return cls(digest(key), digest(item), encode_key(key))


def encode_key(key: Key) -> bytes:
    return json.dumps(to_json(key), separators=(",", ":")).encode()


def decode_key(text: bytes) -> Key:
    return from_json(json.loads(text))


class Spill:
    """The records of one side; `add` may be called by several threads."""

    def __init__(self, open_file: OpenFile, bounds: Bounds, depth: int = 0) -> None:
        self._open_file, self._bounds, self._depth = open_file, bounds, depth
        self._files = [open_file() for _ in range(PARTITIONS)]
        self._buffers = [bytearray() for _ in range(PARTITIONS)]
        self._sizes = [0] * PARTITIONS
        self._lock = threading.Lock()

    def add(self, record: Record) -> None:
        number = record.key_digest[self._depth] >> (8 - _BITS)
        head = _HEAD.pack(record.key_digest, record.item_digest, len(record.key_json))
        with self._lock:
            buffer = self._buffers[number]
            buffer += head
            buffer += record.key_json
            if len(buffer) >= self._bounds.buffer_bytes:
                self._flush(number)

    def size(self, number: int) -> int:
        """Bytes of a partition."""
        return self._sizes[number] + len(self._buffers[number])

    def read(self, number: int) -> Iterator[Record]:
        """The records of a partition, in the order of their coming."""
        self._flush(number)
        file = self._files[number]
        file.seek(0)
        while head := file.read(_HEAD.size):
            key_digest, item_digest, length = _HEAD.unpack(head)
            yield Record(key_digest, item_digest, file.read(length))

    def split(self, number: int) -> Spill:
        """The records of a partition by the next bits."""
        parts = Spill(self._open_file, self._bounds, self._depth + 1)
        for record in self.read(number):
            parts.add(record)
        return parts

    @property
    def can_split(self) -> bool:
        return self._depth + 1 < DIGEST_BYTES

    def drop(self, number: int) -> None:
        """Gives the partition's disk back."""
        self._buffers[number] = bytearray()
        self._files[number].close()

    def _flush(self, number: int) -> None:
        buffer = self._buffers[number]
        if buffer:
            self._files[number].seek(0, 2)
            self._files[number].write(buffer)
            self._sizes[number] += len(buffer)
            self._buffers[number] = bytearray()

    def close(self) -> None:
        for number in range(PARTITIONS):
            self.drop(number)


@dataclass
class Joined:
    """How many keys there were on either side or both, and how many of them differ."""

    compared: int = 0
    suspects: int = 0


def join(left: Spill, right: Spill, bounds: Bounds, suspect: Callable[[Key], None]) -> Joined:
    """Calls `suspect` with each key that is not on both sides with the same digest; drops both spills."""
    joined = Joined()
    for number in range(PARTITIONS):
        if left.size(number) > bounds.partition_bytes and left.can_split:
            finer = (left.split(number), right.split(number))
            _drop(left, right, number)
            inner = join(*finer, bounds, suspect)
            joined.compared += inner.compared
            joined.suspects += inner.suspects
        else:
            _join_one(left, right, number, joined, suspect)
            _drop(left, right, number)
    return joined


def _join_one(left: Spill, right: Spill, number: int, joined: Joined, suspect: Callable[[Key], None]) -> None:
    wanted = {record.key_digest: (record.item_digest, record.key_json) for record in left.read(number)}
    joined.compared += len(wanted)
    for record in right.read(number):
        match = wanted.pop(record.key_digest, None)
        joined.compared += match is None
        if match is None or match[0] != record.item_digest:
            joined.suspects += 1
            suspect(record.key)
    for _, key_json in wanted.values():
        joined.suspects += 1
        suspect(decode_key(key_json))


def _drop(left: Spill, right: Spill, number: int) -> None:
    left.drop(number)
    right.drop(number)
