"""A forgotten password that nobody reset for a day: the new user goes away again.

Anybody can ask for anybody's new password. It makes a user in the new pool, and from then on the old password
signs nobody in there. So a user of whom nothing came is disabled, looked at again and deleted, and the ledger
forgets the offer: the person may sign in as before.

The row says `sweeping` from before the user is disabled until the end. In that state nobody confirms the user
and nothing is offered, and one worker alone is at it: a user who completes the reset meanwhile is either
seen, enabled and confirmed, or was never confirmed and may come again. Every step can be the last one that
was done: the next message begins with looking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from cutover.users.decision_table import Decision, Stop
from cutover.users.events import Source
from cutover.users.ledger_rows import State, UserRow
from cutover.users.offered_user import is_offered
from cutover.users.ports import Clock, NewPool, Profile

SWEEPING = "sweeping"
"""The row's state while its user is being swept; to everybody else the user is not open any more."""
FORGOTTEN_AFTER = 24 * 3600
"""Seconds after the newest offer. A code to reset a password is valid for an hour.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"""
LEASE = 330
"""Seconds for which a worker has a sweep to itself: its function runs for 30, and a request that is still on
its way is refused after five minutes.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html"""
UNFINISHED = "RESET_REQUIRED"
"""The status of a user whom a forgotten password made. Any other one was somebody's later decision."""


class Swept(StrEnum):
    GONE = "gone"
    LEFT = "left"
    """The user is as before the sweep, and perhaps completed the reset."""
    OVERTAKEN = "overtaken"
    """The row changed meanwhile: it is another worker's matter, or another offer's."""


class SweepPool(Protocol):
    """By the sub, which never belongs to another user. Who is not there is passed over. All raise Stop."""

    def disable(self, sub: str) -> None: ...

    def enable(self, sub: str) -> None: ...

    def delete(self, sub: str) -> None: ...


class SweepLedger(Protocol):
    """Conditional writes; False where the row is not as it was seen. All raise Stop."""

    def begin(self, row: UserRow, sub: str, now: int) -> bool:
        """The very offer of `row` is being swept, and its user is `sub`."""

    def take_over(self, row: UserRow, now: int) -> bool:
        """From a worker that did not come to its end."""

    def give_back(self, row: UserRow) -> bool:
        """The offer is open again."""

    def forget(self, row: UserRow) -> bool:
        """The offer and its name are gone; whoever was released before is released again."""


@dataclass(frozen=True)
class SweepParts:
    new: NewPool
    users: SweepPool
    ledger: SweepLedger
    clock: Clock


def is_forgotten(row: UserRow, profile: Profile, now: float) -> bool:
    """Whether an offered user may be swept.

    Only one who provably is the offer's: an attribute that nobody else writes carries the old sub. A user who
    is disabled already was disabled by an administrator, and stays.
    """
    return (
        row.state == State.RESET_OFFERED
        and row.source == Source.FORGOT_PASSWORD
        and bool(row.carried_sub_in)
        and now > row.last_offered_at + FORGOTTEN_AFTER
        and _is_unfinished(profile, row)
        and profile.enabled
    )


def sweep(row: UserRow, profile: Profile, parts: SweepParts) -> Swept:
    """Sweep a forgotten user. Raises Stop where it has to be gone on with."""
    now = int(parts.clock())
    if not parts.ledger.begin(row, profile.sub, now):
        return Swept.OVERTAKEN
    return _go_on(_swept(row, profile.sub, now), profile, parts)


def resume(row: UserRow, parts: SweepParts) -> Swept:
    """Go on with a sweep that was cut off. Raises Stop while the worker that began it may still be at it."""
    now = int(parts.clock())
    if now <= row.swept_at + LEASE:
        raise Stop(Decision.MISCONFIGURED, "a sweep is under way")
    if not parts.ledger.take_over(row, now):
        return Swept.OVERTAKEN
    return _go_on(_swept(row, row.swept_sub, now), parts.new.profile(row.swept_sub), parts)


def _go_on(row: UserRow, profile: Profile | None, parts: SweepParts) -> Swept:
    """`profile` is what was seen last; what is deleted was seen again after it was disabled."""
    if profile is not None and profile.enabled and _is_unfinished(profile, row):
        parts.users.disable(profile.sub)
        profile = parts.new.profile(row.swept_sub)
    if profile is not None and (profile.enabled or not _is_unfinished(profile, row)):
        parts.users.enable(row.swept_sub)  # harmless where it is; what was read may be a moment old
        return Swept.LEFT if parts.ledger.give_back(row) else Swept.OVERTAKEN
    if profile is not None:
        parts.users.delete(row.swept_sub)
    return Swept.GONE if parts.ledger.forget(row) else Swept.OVERTAKEN


def _is_unfinished(profile: Profile, row: UserRow) -> bool:
    return profile.status == UNFINISHED and is_offered(profile, row)


def _swept(row: UserRow, sub: str, now: int) -> UserRow:
    """The row as it was just written."""
    return replace(row, state=SWEEPING, swept_sub=sub, swept_at=now)
