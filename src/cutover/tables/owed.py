"""What is owed to the target: source keys that could not converge, kept in the ledger until they have.

The queue and the bucket only carry hints, and both forget after a while. A row here does not expire: it goes
when its keys have converged, or when a later full verify has found the pair equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cutover.tables.ports import Key


@dataclass(frozen=True)
class Owed:
    """Source keys of one pair. `name` is never used twice; `since` is in epoch seconds; `reason` is one of
    `parking.Reason`; `detail` never holds a value of an item; `waits_for` is an old sub without a new one."""

    name: str
    pair: str
    direction: str
    epoch: int
    keys: tuple[Key, ...]
    reason: str
    since: float
    detail: str = ""
    waits_for: str = ""


@dataclass(frozen=True)
class OwedSummary:
    """Keys that are owed by reason, and since when the oldest of them is (None: nothing is owed)."""

    keys: Mapping[str, int] = field(default_factory=dict)
    oldest: float | None = None


class OwedBook(Protocol):
    """The rows of what is owed; every method raises TableFault when the ledger is at fault."""

    def add(self, rows: Sequence[Owed]) -> None: ...

    def settle(self, pair_id: str, names: Sequence[str]) -> None:
        """Removes rows whose keys have converged."""

    def rows(self, pair_id: str, reason: str | None = None) -> Iterator[Owed]:
        """What is owed, the oldest first as far as names say so."""

    def summary(self, pair_id: str) -> OwedSummary: ...
