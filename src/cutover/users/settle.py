"""Confirming an offer: the user has been seen in the new pool.

The message in the queue is only a hint that it is time to look. What is believed is the ledger row and the
new pool's profile, so a forged, repeated or late message changes nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from cutover.errors import UsageError
from cutover.users.ledger_rows import UserRow
from cutover.users.offered_user import is_offered
from cutover.users.ports import Clock, Ledger, NewPool, Profile, Reminders
from cutover.users.sweep import SWEEPING, SweepParts, Swept, is_forgotten, resume, sweep

FIRST_DELAY = 30
LONGEST_DELAY = 900
"""Seconds. SQS delays a message by 900 s at the most.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html"""
GIVE_UP_AFTER = 14 * 24 * 3600
"""Seconds after the newest offer; the row stays listed as a straggler."""
LAST_ATTEMPT = 2000
"""More looks than two weeks hold. A message that claims more counts as this one, and its chain goes on."""


class Settlement(StrEnum):
    CONFIRMED = "confirmed"
    DONE_BEFORE = "done_before"
    WAITING = "waiting"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    MISMATCH = "mismatch"
    SWEPT = "swept"
    """A forgotten password that nobody reset for a day: the user may sign in with the old one again."""


SETTLED = frozenset({Settlement.CONFIRMED, Settlement.DONE_BEFORE})
"""What waits for a confirmation may begin, or go on after it was cut off."""


@dataclass(frozen=True)
class Reminder:
    """The body of a settle message: whom to look at, and how often that was done before."""

    old_sub: str
    attempt: int = 0


@dataclass(frozen=True)
class SettleParts:
    new_pool_id: str
    new: NewPool
    ledger: Ledger
    reminders: Reminders
    clock: Clock
    sweeping: SweepParts | None = None
    """None where no forgotten password brings anybody over."""


def read_reminder(body: str) -> Reminder:
    """Raises UsageError for a body that is none; nothing of it is quoted."""
    try:
        fields = json.loads(body)
    except ValueError:
        fields = None
    old_sub = fields.get("old_sub") if isinstance(fields, dict) else None
    if not isinstance(old_sub, str) or not old_sub:
        raise UsageError("a settle message without an old sub")
    attempt = fields.get("attempt")
    return Reminder(old_sub, min(max(attempt, 0), LAST_ATTEMPT) if isinstance(attempt, int) else 0)


def write_reminder(reminder: Reminder) -> str:
    return json.dumps({"v": 1, "old_sub": reminder.old_sub, "attempt": reminder.attempt})


def delay_of(attempt: int) -> int:
    """30 s, doubled with every attempt, up to SQS's longest."""
    return int(min(FIRST_DELAY * 2 ** min(attempt, 10), LONGEST_DELAY))


def settle(reminder: Reminder, parts: SettleParts) -> Settlement:
    """Look at one offer. Raises Stop where the ledger, the pool or the queue did not answer."""
    row = parts.ledger.row(reminder.old_sub)
    if row is None or row.new_pool != parts.new_pool_id:
        return Settlement.MISMATCH
    if parts.sweeping is not None and row.state == SWEEPING:
        return _after_sweep(resume(row, parts.sweeping), reminder, row, parts)
    if not row.open:
        return Settlement.DONE_BEFORE
    profile = parts.new.profile(row.target_name)
    if profile is None:
        return _wait(reminder, row, parts)
    if not is_offered(profile, row):
        return Settlement.MISMATCH
    if profile.status != "CONFIRMED":
        if parts.sweeping is not None and is_forgotten(row, profile, parts.clock()):
            return _after_sweep(sweep(row, profile, parts.sweeping), reminder, row, parts)
        return _wait(reminder, row, parts, seen=profile.sub)
    return _confirm(row, profile, parts)


def _confirm(row: UserRow, profile: Profile, parts: SettleParts) -> Settlement:
    if parts.ledger.confirm(row, profile.sub, int(parts.clock())):
        return Settlement.CONFIRMED
    return _overtaken(row, profile.sub, parts)


def _after_sweep(swept: Swept, reminder: Reminder, row: UserRow, parts: SettleParts) -> Settlement:
    """Whoever completed the reset meanwhile is confirmed; whoever was left alone is looked at again."""
    if swept is Swept.GONE:
        return Settlement.SWEPT
    if swept is Swept.OVERTAKEN:
        return Settlement.SUPERSEDED
    profile = parts.new.profile(row.target_name)
    if profile is not None and is_offered(profile, row) and profile.status == "CONFIRMED":
        return _confirm(row, profile, parts)
    return _wait(reminder, row, parts)


def _overtaken(row: UserRow, new_sub: str, parts: SettleParts) -> Settlement:
    """Another delivery of the message may have confirmed the very same at the same moment."""
    now = parts.ledger.row(row.old_sub)
    same = now is not None and not now.open and now.new_sub == new_sub
    return Settlement.DONE_BEFORE if same else Settlement.MISMATCH


def _wait(reminder: Reminder, row: UserRow, parts: SettleParts, *, seen: str = "") -> Settlement:
    """Look again later. A duplicate of an older reminder ends here: one chain a user is enough."""
    if row.reminder > reminder.attempt:
        return Settlement.SUPERSEDED
    if parts.clock() > row.last_offered_at + GIVE_UP_AFTER:
        return Settlement.EXPIRED
    following = min(reminder.attempt + 1, LAST_ATTEMPT)
    parts.reminders.remind(reminder.old_sub, following, delay_of(following))
    parts.ledger.remember_reminder(reminder.old_sub, following, seen)
    return Settlement.WAITING
