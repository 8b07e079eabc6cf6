"""What bringing groups over needs of the world: both pools' groups, and the ledger's rows about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from cutover.users.group_rows import GroupRow, Membership
from cutover.users.ledger_rows import UserRow


@dataclass(frozen=True)
class Group:
    """A group as a pool shows it; empty and None where it says nothing."""

    name: str
    description: str = ""
    precedence: int | None = None
    role_arn: str = ""
    created_at: float = field(default=0.0, compare=False)
    """Epoch seconds."""


class Creation(StrEnum):
    MADE = "made"
    EXISTS = "exists"
    ROLE_REFUSED = "role_refused"
    """The group names a role, and the function may not pass it on."""


class OldGroups(Protocol):
    def of(self, old_sub: str) -> Sequence[Group]:
        """The groups of an old user, none where the user is gone. Raises Stop."""


class NewGroups(Protocol):
    def group(self, name: str) -> Group | None:
        """Raises Stop."""

    def create(self, group: Group) -> Creation:
        """Raises Stop."""

    def join(self, new_sub: str, name: str) -> bool:
        """False where there is no such group. Raises Stop, also where there is no such user."""


class GroupLedger(Protocol):
    """Every write answers with the row as it stands afterwards, whoever wrote it. All raise Stop."""

    def membership(self, old_sub: str) -> Membership | None:
        """Read consistently."""

    def plan(self, row: UserRow, names: frozenset[str], now: int) -> tuple[Membership, bool]:
        """Write down once which groups are to be joined; and whether it was this call that did."""

    def joined(self, row: UserRow, name: str) -> None:
        """Take one name off the list."""

    def finish(self, row: UserRow, now: int) -> None:
        """The groups of this user were brought over, for good."""

    def group(self, old_name: str) -> GroupRow | None:
        """Read consistently."""

    def map_group(self, old_name: str, new_name: str) -> GroupRow:
        """The operator's word: it replaces what the row said."""

    def claim_group(self, old_name: str, now: int) -> GroupRow:
        """Write `creating`, where there is no row yet."""

    def renew_claim(self, row: GroupRow, now: int) -> GroupRow:
        """Claim anew where the row is still this one."""

    def settle_group(self, row: GroupRow, by: str) -> GroupRow:
        """Say what became of the claim, where it is still open."""
