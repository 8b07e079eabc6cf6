"""What those who copy keys of one pair work with: tables, ledger, permit, gate, patience."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cutover.tables.backfill_rows import PendingPage, Place, Run, Word
from cutover.tables.parking import Park
from cutover.tables.patience import Patience
from cutover.tables.ports import AuthorityLost, Key, Permit, ScannableTable, WritableTable
from cutover.tables.transform import Transform
from cutover.tables.tuning import TUNING, Tuning


class BackfillLedger(Protocol):
    """The rows of one pair's backfills; every method raises TableFault when the ledger is at fault."""

    def runs(self) -> Sequence[Run]:
        """Every run of the pair, the oldest first."""

    def save_run(self, run: Run) -> None: ...

    def mark_unmirrored(self, run_id: str) -> None:
        """Marks the run, and leaves what its workers say of it as it is."""

    def tell(self, run_id: str, word: Word) -> None:
        """Adds a worker's word to the run's row. A word whose reply was lost may count twice: the counts of a
        run are right at its beginning and at its end, which add up its places."""

    def places(self, run_id: str) -> Mapping[int, Place]:
        """The places of the segments that have begun."""

    def places_of(self, run_id: str, segments: Sequence[int]) -> Mapping[int, Place]:
        """Those of `segments` that have begun."""

    def save_place(self, run_id: str, place: Place) -> None: ...

    def pending(self) -> Iterable[PendingPage]:
        """The pending pages of every run of the pair."""

    def save_pending(self, run_id: str, segment: int, keys: Sequence[Key]) -> Sequence[PendingPage]:
        """Keeps `keys` under names that were never used before, so that no late copy of a request to remove
        one page can remove another."""

    def remove_pending(self, pages: Sequence[PendingPage]) -> None: ...


@dataclass(frozen=True)
class Progress:
    """What was done since the last word: `items` seen, `written` and `deleted` in the target, `parked`."""

    items: int = 0
    written: int = 0
    deleted: int = 0
    equal: int = 0
    parked: int = 0


class Gate(Protocol):
    """Whether the pair may be worked on now."""

    def ready(self) -> None:
        """Returns when nothing holds the backfill; while it is paused it waits. Raises Stopped."""

    def lost(self, fault: AuthorityLost) -> None:
        """A permit was refused: returns where that was but a pause, raises `fault` where it was more."""


def _unheard(progress: Progress) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Copying:
    """Shared by the threads that work on a pair. `clock` gives epoch seconds."""

    pair_id: str
    epoch: int
    source: ScannableTable
    target: WritableTable
    transform: Transform
    permit: Permit
    ledger: BackfillLedger
    park: Park
    gate: Gate
    patience: Patience
    stop: Callable[[], bool] = lambda: False
    enough: Callable[[], bool] = lambda: False
    """No page is begun any more; one that is under way goes on until `stop`."""
    report: Callable[[Progress], None] = _unheard
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    rng: Callable[[], float] = random.random
    tuning: Tuning = TUNING
