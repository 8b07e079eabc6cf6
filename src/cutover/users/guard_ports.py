"""What the sign-up guard needs of the world: the index, the ledger, the old pool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from cutover.users.guard_settings import GuardSettings
from cutover.users.ledger_rows import UserRow
from cutover.users.ports import Clock
from cutover.users.reservations import OldUser, Reservation


class ReservationIndex(Protocol):
    def read(self, new_pool: str, wanted: Iterable[tuple[str, str]]) -> list[Reservation]:
        """Those of the (kind, value) that are reserved, by one read. Raises Stop on a fault."""


class GuardLedger(Protocol):
    def settled(self, old_subs: Iterable[str]) -> frozenset[str]:
        """Those of the old users who came over for good. Raises Stop on a fault."""

    def row(self, old_sub: str) -> UserRow | None:
        """The user's row, read consistently. Raises Stop on a fault."""

    def use_offer(self, row: UserRow) -> bool:
        """Let a sign-up through for this very offer; False where it is another one by now, or was used.

        Raises Stop on a fault.
        """


class OldDirectory(Protocol):
    """The old pool as it stands now."""

    def named(self, name: str) -> OldUser | None:
        """The user of a name, an alias or a sub. Raises Stop where the pool does not say."""

    def having(self, attribute: str, value: str) -> Iterator[Sequence[OldUser]]:
        """Page by page, whoever has this very value. Raises Stop where the pool does not say."""


@dataclass(frozen=True)
class GuardParts:
    settings: GuardSettings
    index: ReservationIndex
    ledger: GuardLedger
    old: OldDirectory
    clock: Clock
