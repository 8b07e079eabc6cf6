"""Keys that looked unequal, on disk between two looks at them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from cutover.tables.items import from_json, to_json
from cutover.tables.ports import Key
from cutover.tables.spill import OpenFile, cut
from cutover.tables.spill_join import Side


@dataclass(frozen=True)
class Suspect:
    """`seen` is the digest of the source's item at the last look (None: not looked at, or it changed), and
    `strikes` counts the looks since, at each of which the target was wrong for that very item. With
    `Side.TARGET` the key is the target's, and no source item asked for it."""

    key: Key
    seen: bytes | None = None
    strikes: int = 0
    side: Side = Side.SOURCE


class SuspectFile:
    """Appended to by one thread, then read from the beginning, in batches."""

    def __init__(self, open_file: OpenFile) -> None:
        self._file = open_file()
        self.count = 0

    def restore(self, count: int, size: int) -> SuspectFile:
        """Goes on behind the first `count` suspects, which take so many bytes. Raises Damaged."""
        cut(self._file, size)
        self.count = count
        return self

    def add(self, suspect: Suspect) -> None:
        seen = None if suspect.seen is None else suspect.seen.hex()
        row = [to_json(suspect.key), seen, suspect.strikes, suspect.side]
        self._file.write(json.dumps(row, separators=(",", ":")).encode() + b"\n")
        self.count += 1

    def flush(self) -> int:
        """Hands all to the file, and gives its size."""
        self._file.flush()
        return self._file.seek(0, 2)

    def batches(self, size: int) -> Iterator[list[Suspect]]:
        self._file.seek(0)
        while batch := [_suspect(line) for line in islice(self._file, size)]:
            yield batch

    def close(self) -> None:
        self._file.close()


def _suspect(line: bytes) -> Suspect:
    key, seen, strikes, side = json.loads(line)
    return Suspect(from_json(key), None if seen is None else bytes.fromhex(seen), strikes, Side(side))
