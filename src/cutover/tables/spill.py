"""What a verify must remember of two tables, on disk and in a bounded share of memory.

A record is digest of the target's key, digest of the item, and a key as JSON: 34 bytes and the key (50 and
the key where a certificate is wanted, whose digests are longer). The records of a side lie in files by the
first bits of the key's digest, so that each file has its counterpart on the other side.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from cutover.tables.digest import DIGEST_BYTES, digest
from cutover.tables.items import from_json, to_json
from cutover.tables.ports import Item, Key

PARTITIONS = 32
"""Files of a side: two sides and one more split are 128, and macOS opens 256 for a process by default."""
_BITS = 5

OpenFile = Callable[[], BinaryIO]
_JSON = json.JSONEncoder(separators=(",", ":"))


@dataclass(frozen=True)
class Bounds:
    """The share of memory: `buffer_bytes` for each of 64 files, and one partition of at most
    `partition_bytes` on disk, which takes about four times that as Python objects."""

    buffer_bytes: int = 65_536
    partition_bytes: int = 16_000_000


class Record(NamedTuple):
    """`key_digest` is that of the target's key on both sides; `key` is decoded on demand, and is the source's
    key on the source's side."""

    key_digest: bytes
    item_digest: bytes
    key_json: bytes

    @property
    def key(self) -> Key:
        return decode_key(self.key_json)

    @classmethod
    def of(cls, key: Key, item: Item) -> Record:
        return cls(digest(key), digest(item), encode_key(key))


class Damaged(Exception):
    """A file that was kept is shorter than it was when it was kept."""


def cut(file: BinaryIO, size: int) -> None:
    """Leaves the first `size` bytes of `file`, and stands behind them. Raises Damaged."""
    if file.seek(0, 2) < size:
        raise Damaged(f"{size} bytes were kept and {file.tell()} are there")
    file.truncate(size)
    file.seek(size)


def encode_key(key: Key) -> bytes:
    for value in key.values():
        if "B" in value:
            return _JSON.encode(to_json(key)).encode()
    return _JSON.encode(key).encode()


def decode_key(text: bytes) -> Key:
    return from_json(json.loads(text))


class Spill:
    """The records of one side; whoever shares it between threads sees to it that one at a time uses it.

    `files` are PARTITIONS files to go on with, of which the first `sizes` bytes are kept.
    """

    def __init__(
        self,
        open_file: OpenFile,
        bounds: Bounds,
        depth: int = 0,
        *,
        item_bytes: int = DIGEST_BYTES,
        files: Iterable[BinaryIO] | None = None,
        sizes: Iterable[int] = (0,) * PARTITIONS,
    ) -> None:
        self._open_file, self._bounds, self._depth, self._item_bytes = open_file, bounds, depth, item_bytes
        self._head = struct.Struct(f">{DIGEST_BYTES}s{item_bytes}sH")
        self._files = list(files) if files is not None else [open_file() for _ in range(PARTITIONS)]
        self._buffers = [bytearray() for _ in range(PARTITIONS)]
        self._sizes = list(sizes)
        for file, size in zip(self._files, self._sizes, strict=True):
            cut(file, size)

    def add(self, record: Record) -> None:
        self.extend(self.packed((record,)))

    def packed(self, records: Iterable[Record]) -> Mapping[int, bytes]:
        """The bytes of records by partition. (The costly part, which needs no lock.)"""
        depth, pack, shift = self._depth, self._head.pack, 8 - _BITS
        parts: dict[int, list[bytes]] = {}
        for key_digest, item_digest, key_json in records:
            part = parts.setdefault(key_digest[depth] >> shift, [])
            part.append(pack(key_digest, item_digest, len(key_json)))
            part.append(key_json)
        return {number: b"".join(part) for number, part in parts.items()}

    def extend(self, packed: Mapping[int, bytes]) -> None:
        self.hold(packed)
        self.relieve()

    def hold(self, packed: Mapping[int, bytes]) -> None:
        """Buffers them: no disk is met, so that all are taken."""
        for number, content in packed.items():
            self._buffers[number] += content

    def relieve(self) -> None:
        """Hands the buffers that are full to the files. Raises OSError; then nothing is lost, and it may be
        tried again."""
        for number, buffer in enumerate(self._buffers):
            if len(buffer) >= self._bounds.buffer_bytes:
                self._flush(number)

    def flush(self) -> list[int]:
        """Hands all that is buffered to the files, and gives their sizes."""
        for number in range(PARTITIONS):
            self._flush(number)
        return list(self._sizes)

    def size(self, number: int) -> int:
        """Bytes of a partition."""
        return self._sizes[number] + len(self._buffers[number])

    @property
    def bytes(self) -> int:
        return sum(map(self.size, range(PARTITIONS)))

    def read(self, number: int) -> Iterator[Record]:
        """The records of a partition, in the order of their coming."""
        self._flush(number)
        file, head_size, unpack = self._files[number], self._head.size, self._head.unpack
        file.seek(0)
        while head := file.read(head_size):
            key_digest, item_digest, length = unpack(head)
            yield Record(key_digest, item_digest, file.read(length))

    def split(self, number: int) -> Spill:
        """The records of a partition by the next bits."""
        parts = Spill(self._open_file, self._bounds, self._depth + 1, item_bytes=self._item_bytes)
        for record in self.read(number):
            parts.add(record)
        return parts

    @property
    def can_split(self) -> bool:
        return self._depth + 1 < DIGEST_BYTES

    def drop(self, number: int) -> None:
        """Closes the partition's file; without a name it gives its disk back."""
        self._buffers[number] = bytearray()
        self._files[number].close()

    def _flush(self, number: int) -> None:
        buffer = self._buffers[number]
        if buffer:
            file = self._files[number]
            file.seek(self._sizes[number])  # behind it lies what a full disk took of an earlier attempt
            file.write(buffer)
            file.flush()
            self._sizes[number] += len(buffer)
            self._buffers[number] = bytearray()

    def close(self) -> None:
        for number in range(PARTITIONS):
            self.drop(number)
