"""The tables, the items and the files that the processes of one run share."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.cli.peak_memory import peak_memory_bytes
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import Item, Key
from tests.bench import data

PAIR = TablePair(TableRef("million-source"), TableRef("million-target"))
LEDGER = "million-ledger"
SOURCE, TARGET = PAIR.source.name, PAIR.target.name
HOT = 500
"""Keys that half of the writes go to, so that many of them meet each other."""


BEGAN = time.monotonic()
FIRST_STORM, STORM_SECONDS = 2.0, 0.5


def key(number: int) -> Key:
    return {"id": {"S": f"item-{number:07d}"}}


def item(number: int, version: int) -> Item:
    """About 150 bytes of several types, binary at depth among them."""
    return {
        **key(number),
        "n": {"N": f"{version}.50"},
        "b": {"B": bytes([number % 256, version % 256])},
        "set": {"SS": ["b", "a", str(version)]},
        "deep": {"M": {"list": {"L": [{"B": b"\x00"}, {"NULL": True}, {"BS": [b"\xff", b"\x00"]}]}}},
    }


def storm(fault: str, every: float) -> bool:
    """Tables throttle in storms: half a second long, two seconds after a process began and every so often.

    Throttled evenly a writer would stay at the slow end of its pace, which halves with each storm.
    """
    since = time.monotonic() - BEGAN - FIRST_STORM
    return fault not in {"throttled", "halved"} or (since > 0 and since % every < STORM_SECONDS)


def make_tables(client: Any) -> None:
    for table in (SOURCE, TARGET):
        data.new_table(client, table)
    data.new_ledger(client, LEDGER)


def start_stream(client: Any) -> str:
    """Its ARN. It begins after the table was filled: what was there before, no stream tells of."""
    view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    return str(
        client.update_table(TableName=SOURCE, StreamSpecification=view)["TableDescription"]["LatestStreamArn"]
    )


@dataclass(frozen=True)
class Folder:
    """Where processes that may be killed at any moment leave their word."""

    path: Path

    @property
    def queue(self) -> Path:
        """The retry queue: a line a message."""
        return self.path / "queue.jsonl"

    @property
    def writers_stop(self) -> Path:
        return self.path / "writers-stop"

    @property
    def writers_done(self) -> Path:
        return self.path / "writers-done"

    def result(self, part: str) -> Path:
        return self.path / f"{part}.json"


def peak_memory() -> float:
    """MB that this process has held at most."""
    return peak_memory_bytes() / 1_000_000


def any_number(rng: random.Random, items: int) -> int:
    """Half of the time a hot one; some are beyond the items that the table began with."""
    return rng.randrange(min(HOT, items)) if rng.random() < 0.5 else rng.randrange(items + items // 10 + 1)
