"""One verify of made-up tables as a process that can be killed: FOLDER. Prints its counts at the end."""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from cutover.cli.verify_folder import VerifyFolder
from cutover.tables.items import key_id
from cutover.tables.patience import Patience
from cutover.tables.ports import Item, Key, KeyId, ScanPage
from cutover.tables.recheck import Probing
from cutover.tables.transform import IDENTITY
from cutover.tables.verification import Verification
from cutover.tables.verify import verify
from cutover.tables.verify_scan import Scanning

ITEMS = 4_000
PAGE = 20
SECONDS_A_PAGE = 0.005
MISSING, DIFFERENT, NATIVE = {7, 1_234}, {11, 3_999}, {ITEMS + 1}


class Numbers:
    """A table of numbers that takes its time; `changed` have another value."""

    name = "numbers"
    key_names = ("k",)

    def __init__(self, numbers: set[int], changed: frozenset[int] = frozenset()) -> None:
        self.numbers, self.changed = numbers, changed

    def scan(
        self, segment: int, segments: int, *, start: Key | None = None, consistent: bool = False
    ) -> Iterator[ScanPage]:
        time.sleep(SECONDS_A_PAGE)
        after = -1 if start is None else int(start["k"]["S"])
        mine = sorted(n for n in self.numbers if n % segments == segment and n > after)
        page = mine[:PAGE]
        last = {"k": {"S": str(page[-1])}} if len(mine) > PAGE else None
        yield ScanPage(tuple(map(self._item, page)), last)

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        return {key_id(key): self._item(n) for key in keys if (n := int(key["k"]["S"])) in self.numbers}

    def _item(self, number: int) -> Item:
        return {"k": {"S": str(number)}, "v": {"S": "new" if number in self.changed else "old"}}


def run(folder: Path) -> tuple[Verification, bool]:
    """The result, and whether it went on with an earlier one."""
    source = Numbers(set(range(ITEMS)))
    target = Numbers(set(range(ITEMS)) - MISSING | NATIVE, frozenset(DIFFERENT))

    def open_file() -> BinaryIO:
        return cast("BinaryIO", tempfile.TemporaryFile())

    probing = Probing(source, target, IDENTITY, Patience(), open_file, probes=2, spacing=0.1)  # type: ignore[arg-type]
    scanning = Scanning(
        source,  # type: ignore[arg-type]
        target,  # type: ignore[arg-type]
        workers=2,
        segments=8,
        checkpoint_seconds=0.05,
        rng=random.Random(1),
    )
    with VerifyFolder(folder, {"test": "kills"}, fresh=False).held() as keep:
        return verify(scanning, probing, keep=keep), keep.goes_on


if __name__ == "__main__":
    result, resumed = run(Path(sys.argv[1]))
    counts = {kind.value: number for kind, number in result.counts.items() if number}
    items = [result.source_items, result.target_items, result.compared]
    sys.stdout.write(json.dumps({"counts": counts, "items": items, "resumed": resumed}))
