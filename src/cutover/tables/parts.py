"""What the mirror and the retry work with, put together by an edge."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from cutover.tables.authority import PairState
from cutover.tables.owed import OwedBook
from cutover.tables.pair_pace import PairPace, unpaced
from cutover.tables.pairs import TablePair
from cutover.tables.parking import Park
from cutover.tables.ports import Permit, ReadableTable, WritableTable
from cutover.tables.transform import Transform
from cutover.tables.tuning import TUNING, Tuning


@dataclass(frozen=True)
class OpenPair:
    """A pair's tables and its transform, and how fast they may be worked on."""

    source: ReadableTable
    target: WritableTable
    transform: Transform
    pace: PairPace = field(default_factory=unpaced)


class Ledger(Protocol):
    """The rows of a pair in the ledger."""

    def state(self, pair_id: str) -> PairState:
        """Authority and pace, read consistently. Raises TableFault."""

    def permit(self, pair_id: str, direction: str, epoch: int) -> Permit: ...

    def count(self, pair_id: str, **counters: int) -> bool:
        """Adds to the counters; False where that failed."""


@dataclass(frozen=True)
class TableParts:
    """`open` gives the tables of a pair, whose `pace` governs each piece of work; it raises TableFault or
    UsageError. `hide` keeps a received message (by its receipt) unseen for so many seconds. `clock` gives
    epoch seconds."""

    pairs: tuple[TablePair, ...]
    ledger: Ledger
    open: Callable[[TablePair, PairState], OpenPair]
    park: Park
    hide: Callable[[str, int], bool]
    clock: Callable[[], float]
    tuning: Tuning = TUNING
    sleep: Callable[[float], None] = time.sleep
    rng: Callable[[], float] = random.random
    owed: OwedBook = field(kw_only=True)
