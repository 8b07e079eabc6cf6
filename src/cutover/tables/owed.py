"""What is owed to the target: source keys that could not converge, kept in the ledger until they have.

The queue and the bucket only carry hints, and both forget after a while. A row here does not expire: it goes
when its keys have converged, or when a later full verify has found the pair equal.

A row has a place, which its reason, its keys and their epoch make, and a mark, which every `add` makes anew.
The same keys that fail a thousand times are one row, and whoever removes it removes only the failure that was
seen to be over: a row that was added again meanwhile has another mark, and stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from cutover.tables.digest import DIGEST_BYTES, digest
from cutover.tables.ports import Key

_BETWEEN = "!"


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

    @property
    def number(self) -> int:
        """Keys, as far as anybody knows: a row without any stands for at least one."""
        return max(len(self.keys), 1)


@dataclass(frozen=True)
class OwedSummary:
    """Keys that are owed by reason, and since when the oldest of them is (None: nothing is owed). Keys that
    wait for a user are no lag, and `oldest` is not about them."""

    keys: Mapping[str, int] = field(default_factory=dict)
    oldest: float | None = None
    exact: bool = True
    """Whether all rows were counted; otherwise there are at least so many."""

    @property
    def total(self) -> int:
        return sum(self.keys.values())


class OwedBook(Protocol):
    """The rows of what is owed; every method raises TableFault when the ledger is at fault."""

    def add(self, rows: Sequence[Owed]) -> None:
        """Done when it returns. A row whose place is taken takes over with its own name, and keeps the time
        that stands there: the keys have been owed since. Two bring their own time: one without keys, which
        tells a verify what it cannot have seen, and a lost write's, which may land for a while after it."""

    def settle(self, pair_id: str, names: Sequence[str]) -> None:
        """Removes rows whose keys have converged; a name that is not there any more is no error."""

    def rows(self, pair_id: str, reason: str | None = None) -> Iterator[Owed]:
        """What is owed, of one reason or of all, in no order that means anything. A row that is added while
        they are read may be missed."""

    def pages(
        self, pair_id: str, reason: str | None = None, place: str = ""
    ) -> Iterator[tuple[Sequence[Owed], str]]:
        """The same in pages, from behind `place` ("" is the beginning), each with the place behind it; ""
        behind the last one."""

    def summary(self, pair_id: str) -> OwedSummary: ...


def owed_name(reason: str, keys: Sequence[Key], epoch: int, mark: str, waits_for: str = "") -> str:
    """The name of a row: its place and its mark, a text that no other `add` of any process uses."""
    who = [_short(waits_for.encode("utf-8", "surrogatepass"))] if waits_for else []
    what = _short(b"".join(sorted(map(digest, keys))))
    return "#".join([reason, *who, what, str(epoch)]) + _BETWEEN + mark


def place_of(name: str) -> str:
    return name.rpartition(_BETWEEN)[0]


def mark_of(name: str) -> str:
    return name.rpartition(_BETWEEN)[2]


def waits_prefix(reason: str, old_sub: str) -> str:
    """How the places of all rows begin that wait for this old sub. It is hashed there: an attribute of an
    item may be longer than a key of the ledger may."""
    return f"{reason}#{_short(old_sub.encode('utf-8', 'surrogatepass'))}#"


def _short(content: bytes) -> str:
    return blake2b(content, digest_size=DIGEST_BYTES).hexdigest()
