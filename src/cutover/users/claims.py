"""What the ledger knows of a user who gets tokens. The profile's own word is a hint where to look, no more.

Once a user is confirmed, the map from the new sub says who they were. Before that, in the seconds between
the first sign-in and the look that confirms it, an offer counts where everything fits: fresh, of this pool,
of this name, and of the very old sub that the profile carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cutover.users.claims_settings import ClaimsSettings
from cutover.users.group_rows import GroupRow, Membership, joinable
from cutover.users.ledger_rows import State, UserRow, name_key
from cutover.users.names import USERNAME
from cutover.users.token_events import NO_CLAIMS, Claims, TokenRequest

FRESH = 900
"""Seconds after an offer in which it counts, and in which its groups are named. By then it is confirmed and
the groups are brought over, or its message was set aside: then the pool alone says who is in a group."""
CLOCK_SKEW = 5
"""Seconds by which the clocks of two functions may differ."""


@dataclass(frozen=True)
class Known:
    """What one read found: whom the new sub is mapped to, and the row of the old sub that was hinted at."""

    old_sub: str = ""
    hinted: Membership | None = None


class ClaimsLedger(Protocol):
    """Read consistently. All raise Stop."""

    def known(self, new_sub: str, hint: str) -> Known:
        """In one read. `hint` may be empty."""

    def membership(self, old_sub: str) -> Membership | None: ...

    def groups(self, old_names: Iterable[str]) -> Mapping[str, GroupRow]:
        """The rows of these old groups, by their names."""


def claims_of(request: TokenRequest, settings: ClaimsSettings, ledger: ClaimsLedger, now: float) -> Claims:
    """Raises Stop where the ledger does not answer."""
    if not request.new_sub or request.pool_id != settings.new_pool_id:
        return NO_CLAIMS
    hint = request.attributes.get(settings.legacy_sub, "") if settings.legacy_sub else ""
    known = ledger.known(request.new_sub, hint)
    if known.old_sub:
        found = _confirmed(known, request, settings, ledger, now)
        return Claims(known.old_sub, _groups(found, settings, ledger))
    if known.hinted is not None and _offered(known.hinted.row, request, now):
        return Claims(known.hinted.row.old_sub, _groups(known.hinted, settings, ledger))
    return NO_CLAIMS


def _confirmed(
    known: Known, request: TokenRequest, settings: ClaimsSettings, ledger: ClaimsLedger, now: float
) -> Membership | None:
    """The row of the mapped old sub, where it still is this new user's and the offer is fresh."""
    if not settings.groups.on:
        return None
    found = known.hinted
    if found is None or found.row.old_sub != known.old_sub:
        found = ledger.membership(known.old_sub)
    if found is None or found.row.new_sub != request.new_sub or now > found.row.last_offered_at + FRESH:
        return None
    return found


def _offered(row: UserRow, request: TokenRequest, now: float) -> bool:
    shown = request.username if row.target_by == USERNAME else request.attributes.get(row.target_by, "")
    return (
        row.state == State.OFFERED
        and row.new_pool == request.pool_id
        and row.last_offered_at - CLOCK_SKEW <= now <= row.last_offered_at + FRESH
        and bool(shown)
        and name_key(shown, case_sensitive=row.case_sensitive)
        == name_key(row.target_name, case_sensitive=row.case_sensitive)
        and request.attributes.get(row.carried_sub_in) == row.old_sub
    )


def _groups(found: Membership | None, settings: ClaimsSettings, ledger: ClaimsLedger) -> frozenset[str]:
    """The groups that the user is about to be put into; none any more once that is done."""
    if found is None or found.done or not settings.groups.on:
        return frozenset()
    if found.planned:
        return found.todo
    if not found.row.old_groups:
        return frozenset()
    rows, mapped = ledger.groups(found.row.old_groups), settings.groups.mapped
    names = (joinable(rows.get(name), mapped) for name in found.row.old_groups)
    return frozenset(name for name in names if name)
