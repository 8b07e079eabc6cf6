"""What the table algorithms need of the world: a source to read, a target to write, a word on authority.

Items travel as DynamoDB's typed attribute maps (`{"name": {"S": "Ann"}}`; binary as `bytes`), never as Python
natives: what the map holds is what is compared and written.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

AttributeValue = Mapping[str, Any]
Item = Mapping[str, AttributeValue]
Key = Mapping[str, AttributeValue]
KeyId = Hashable
"""The canonical, hashable form of a key (`items.key_id`)."""


class TableFault(Exception):
    """The table as a whole cannot be worked on now (throttled past the budget, denied, missing, expired).

    Never the fault of one item: the caller keeps its place and tries the same keys again later.
    """

    def __init__(self, table: str, reason: str, *, ambiguous: tuple[Key, ...] = ()) -> None:
        super().__init__(f"{table}: {reason}")
        self.table = table
        self.reason = reason
        self.ambiguous = ambiguous
        """Keys of the failing call whose write may still land."""
        self.so_far: Convergence | None = None
        """What `converge` had reached; its ambiguous keys are owed a later converge all the same."""


class FaultReason(StrEnum):
    """Why one item, and only that item, could not be written."""

    VALIDATION = "validation"
    TOO_LARGE = "too_large"
    TRANSFORM = "transform"
    COLLISION = "collision"
    """Another source key's item stands under the target key; it is never overwritten."""
    UNMAPPED = "unmapped"
    """The item belongs to an old sub that has no new one yet: its user has not come over."""
    NEW_SUB = "new_sub"
    """Where an old sub belongs stands a new one, which no user will ever come over from."""


PLACELESS = frozenset({FaultReason.UNMAPPED, FaultReason.NEW_SUB})
"""Of a key: it has no place in the target, and since mappings never change it never had one."""


@dataclass(frozen=True)
class ItemFault:
    """One source key that cannot converge, and why; `detail` never holds a value of the item."""

    key: Key
    reason: FaultReason
    detail: str = ""
    waits_for: str = ""
    """With UNMAPPED: the old sub whose mapping is awaited."""


@dataclass(frozen=True)
class WriteOutcome:
    """What one call did. Keys are target keys; what is in no list was written."""

    ambiguous: tuple[Key, ...] = ()
    """The reply was lost or the connection broke: the write may still land later."""
    unprocessed: tuple[Key, ...] = ()
    """Throttled past the round's budget: known not to have been written."""
    rejected: tuple[tuple[Key, FaultReason, str], ...] = ()
    """Refused by the table for what the item is; trying again cannot help."""
    overtaken: tuple[Key, ...] = ()
    """Not written, because the place held something else by then: perhaps this very item, from a request of
    ours."""


@dataclass(frozen=True)
class Change:
    """One place in a table: what was seen there, and what shall be there instead; None is nothing."""

    place: Key
    seen: Item | None
    wanted: Item | None


class ReadableTable(Protocol):
    """A table that is read by key, always strongly consistently."""

    @property
    def name(self) -> str: ...

    @property
    def key_names(self) -> tuple[str, ...]:
        """The partition key's attribute name and, where there is one, the sort key's."""

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        """The items of `keys` (distinct, any number) by key id; a key without an item is absent.

        Raises `TableFault` when any key could not be read.
        """


class WritableTable(ReadableTable, Protocol):
    """A table that can be written too: whole items only, by put and by delete."""

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        """Put and delete distinct keys (any number). Raises `TableFault` when the table is at fault."""

    def write_seen(self, changes: Sequence[Change]) -> WriteOutcome:
        """Make changes of distinct places, each only while its place holds what was seen there.

        Raises `TableFault` when the table is at fault.
        """


@dataclass(frozen=True)
class ScanPage:
    """One page of a scan segment: its items, and where the next page starts (None after the last)."""

    items: tuple[Item, ...]
    next_start: Key | None = None
    consumed_units: float = 0.0
    starts: tuple[Key, ...] = ()
    """Where a page starts that follows each item; none where that is behind the item's key, as in a scan."""


class ScannableTable(ReadableTable, Protocol):
    def scan(
        self, segment: int, segments: int, *, start: Key | None = None, consistent: bool = False
    ) -> Iterator[ScanPage]:
        """The pages of one of `segments` parallel segments, from behind `start`.

        Raises `TableFault` when the table is at fault; the caller resumes from its last page.
        """


class Permit(Protocol):
    """A word on authority, asked before every slice of writes."""

    def check(self) -> None:
        """Reads the authority row consistently. Raises `AuthorityLost` when this writer may not write."""


class AuthorityLost(Exception):
    """The pair is ruled by somebody else by now (another direction or a newer epoch) or is paused."""

    def __init__(self, pair: str, expected: str, found: str) -> None:
        super().__init__(f"{pair}: expected {expected}, found {found}")
        self.pair = pair
        self.expected = expected
        self.found = found
        self.so_far: Convergence | None = None
        """As in `TableFault`."""


@dataclass(frozen=True)
class Convergence:
    """The end of one `converge`: every key given stands in exactly one of the first three."""

    converged: tuple[Key, ...] = ()
    unsettled: tuple[Key, ...] = ()
    """Still changing after the last round, or out of time: nothing is wrong, call again."""
    faults: tuple[ItemFault, ...] = ()
    ambiguous: tuple[Key, ...] = ()
    """Also to be converged once more, later: one of their writes had an unknown outcome."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """`written`, `deleted`, `equal` (skipped because equal), `rounds`."""
