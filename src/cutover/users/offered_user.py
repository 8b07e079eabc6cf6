"""Who of the new pool is the user that an offer made."""

from __future__ import annotations

from cutover.users.ledger_rows import UserRow, name_key
from cutover.users.names import USERNAME
from cutover.users.ports import Profile

CLOCK_SKEW = 5
"""Seconds by which the clocks of the function and of Cognito may differ."""
CREATION_WINDOW = 60
"""Seconds after the newest offer in which its user is created; only asked where no attribute tells."""


def is_offered(profile: Profile, row: UserRow) -> bool:
    """Whether this is the user whom the offer made, and nobody who took the name."""
    shown = profile.username if row.target_by == USERNAME else profile.attributes.get(row.target_by, "")
    if not profile.sub or not shown or _key(shown, row) != _key(row.target_name, row):
        return False
    if profile.created_at < row.offered_at - CLOCK_SKEW:
        return False
    if row.carried_sub_in:
        return profile.attributes.get(row.carried_sub_in) == row.old_sub
    return profile.created_at <= row.last_offered_at + CREATION_WINDOW


def _key(name: str, row: UserRow) -> str:
    return name_key(name, case_sensitive=row.case_sensitive)
