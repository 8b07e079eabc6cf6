"""One event for each confirmed user, so that other systems can follow: both subs, and nothing personal.

It is sent after the confirmation and marked after it was sent: nobody is forgotten, and one event may come
twice. A user who was released and comes over again is another new user, and told anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from cutover.users.ledger_rows import State, UserRow, read_user_row

SOURCE = "cutover"
DETAIL_TYPE = "User confirmed"


class Announcing(StrEnum):
    SENT = "sent"
    NOTHING = "nothing"
    """The user is not confirmed, or was told before."""


@dataclass(frozen=True)
class Announced:
    """A user's row, and of which new sub others were told."""

    row: UserRow
    new_sub: str = ""


class EventBus(Protocol):
    def put(self, detail: Mapping[str, str]) -> None:
        """Raises Stop where the bus did not take the event."""


class AnnouncementLedger(Protocol):
    """Raises Stop."""

    def announced(self, old_sub: str) -> Announced | None:
        """Read consistently."""

    def mark(self, row: UserRow) -> None:
        """Others were told of this new sub."""


@dataclass(frozen=True)
class AnnouncingParts:
    old_pool_id: str
    new_pool_id: str
    bus: EventBus
    ledger: AnnouncementLedger


def announce(old_sub: str, parts: AnnouncingParts) -> Announcing:
    """Tell of one user. Raises Stop where it has to be tried again."""
    found = parts.ledger.announced(old_sub)
    if found is None or found.row.state != State.CONFIRMED or found.row.new_pool != parts.new_pool_id:
        return Announcing.NOTHING
    if not found.row.new_sub or found.new_sub == found.row.new_sub:
        return Announcing.NOTHING
    parts.bus.put(
        {
            "old_sub": found.row.old_sub,
            "new_sub": found.row.new_sub,
            "old_pool": parts.old_pool_id,
            "new_pool": parts.new_pool_id,
        }
    )
    parts.ledger.mark(found.row)
    return Announcing.SENT


def read_announced(item: Mapping[str, Mapping[str, Any]]) -> Announced:
    return Announced(read_user_row(item), str(item.get("event_sent", {}).get("S", "")))
