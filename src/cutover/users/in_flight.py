"""A migration that Cognito is just carrying out.

AWS does not say under which source PreSignUp runs while a migrated user is created. Should it not be an
administrator's, the offer in the ledger tells such a creation from a stranger who brings somebody's old sub.
"""

from __future__ import annotations

from cutover.users.ledger_rows import UserRow, name_key
from cutover.users.names import USERNAME
from cutover.users.settings import Settings
from cutover.users.sign_ups import SignUp

IN_FLIGHT = 15
"""Seconds after an offer: Cognito waits five for a trigger, and may ask three times."""
CLOCK_SKEW = 5
"""Seconds by which two of our processes may differ."""


def is_in_flight(sign_up: SignUp, row: UserRow, settings: Settings, now: float) -> bool:
    """Whether this is the very creation that `row` offered, a moment ago."""
    shown = sign_up.name if row.target_by == USERNAME else sign_up.attributes.get(row.target_by, "")
    return (
        row.open
        and row.new_pool == settings.new_pool_id
        and row.carried_sub_in == settings.legacy_sub
        and -CLOCK_SKEW <= now - row.last_offered_at <= IN_FLIGHT
        and _key(shown, row) == _key(row.target_name, row)
    )


def _key(name: str, row: UserRow) -> str:
    return name_key(name, case_sensitive=row.case_sensitive)
