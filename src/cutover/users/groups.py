"""Groups come over once a user is confirmed: what they are first, then who is in them, and only once.

Whether a group may be joined is decided by the ledger, never by its name: a group of the same name that the
new pool has anyway may mean something else there. What is to be joined is written down before the first
membership is made, so that work which was cut off goes on with that list and with nothing newer; a
membership that was taken away again does not come back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from cutover.users.decision_table import Decision, Stop
from cutover.users.group_ports import Creation, Group, GroupLedger, NewGroups, OldGroups
from cutover.users.group_rows import By, GroupRow, Membership, joinable
from cutover.users.group_settings import GroupSettings
from cutover.users.ledger_rows import State, UserRow
from cutover.users.ports import Clock, NewPool

RENEW_AFTER = 10
"""Seconds after which an attempt to create a group is written down anew before it is made."""
CREATE_WINDOW = 60
"""Seconds after a claim in which the group of a lost reply was created; the function runs for 30."""
CLOCK_SKEW = 5
"""Seconds by which the clocks of the function and of Cognito may differ."""


class Left(StrEnum):
    """Why something stays behind."""

    PROVIDER = "identity_provider"
    EXISTS = "exists_already"
    UNMAPPED = "no_longer_mapped"
    MISSING = "no_such_group"
    USER_GONE = "user_gone"
    ROLE = "role"
    """The group comes over, its role does not."""


class Bringing(StrEnum):
    BROUGHT = "brought"
    NOTHING = "nothing"
    """The user is not confirmed, or was seen to before."""
    USER_GONE = "user_gone"


Tell = Callable[[Left], None]


@dataclass(frozen=True)
class Account:
    """Where the function runs: the only account whose roles come over with their groups."""

    partition: str = ""
    number: str = ""

    @classmethod
    def of_function(cls, arn: str) -> Account:
        """`arn:<partition>:lambda:<region>:<account>:function:...`; an unknown one owns no role."""
        words = arn.split(":")
        return cls(words[1], words[4]) if len(words) > 6 else cls()

    def owns(self, role_arn: str) -> bool:
        """`arn:<partition>:iam::<account>:role/...`"""
        words = role_arn.split(":", 5)
        return bool(self.number) and words[:5] == ["arn", self.partition, "iam", "", self.number]


@dataclass(frozen=True)
class GroupParts:
    settings: GroupSettings
    old_pool_id: str
    new_pool_id: str
    old: OldGroups
    new: NewGroups
    pool: NewPool
    ledger: GroupLedger
    clock: Clock


def bring_groups(old_sub: str, parts: GroupParts, account: Account, tell: Tell) -> Bringing:
    """Bring one user's groups over, or go on with it. Raises Stop where it has to be tried again."""
    found = parts.ledger.membership(old_sub) if parts.settings.on else None
    if found is None or found.done or not _confirmed(found.row, parts):
        return Bringing.NOTHING
    if not found.planned:
        found = _plan(found.row, parts, account, tell)
    return _join(found, parts, tell)


def _confirmed(row: UserRow, parts: GroupParts) -> bool:
    return row.state == State.CONFIRMED and row.new_pool == parts.new_pool_id and bool(row.new_sub)


def _plan(row: UserRow, parts: GroupParts, account: Account, tell: Tell) -> Membership:
    placed = [_place(group, parts, account, tell) for group in parts.old.of(row.old_sub)]
    names = frozenset(name for name in placed if not isinstance(name, Left))
    found, ours = parts.ledger.plan(row, names, int(parts.clock()))
    for reason in placed:
        if ours and isinstance(reason, Left):
            tell(reason)
    return found


def _join(found: Membership, parts: GroupParts, tell: Tell) -> Bringing:
    row, ended = found.row, Bringing.BROUGHT
    if found.todo and not _still_there(row, parts):
        tell(Left.USER_GONE)
        ended = Bringing.USER_GONE
    else:
        for name in sorted(found.todo):
            if not parts.new.join(row.new_sub, name):
                tell(Left.MISSING)
            parts.ledger.joined(row, name)
    parts.ledger.finish(row, int(parts.clock()))
    return ended


def _still_there(row: UserRow, parts: GroupParts) -> bool:
    """Whether the name still belongs to the user who was confirmed, and to nobody who took it since."""
    profile = parts.pool.profile(row.target_name)
    return profile is not None and profile.sub == row.new_sub


def _place(group: Group, parts: GroupParts, account: Account, tell: Tell) -> str | Left:
    """The group of the new pool that its members belong in, made where it has to be; or why there is none."""
    if by_provider(group.name, parts.old_pool_id):
        return Left.PROVIDER
    mapped = parts.settings.mapped
    row = parts.ledger.group(group.name)
    if group.name in mapped:
        return _map(group.name, mapped[group.name], row, parts)
    if row is None:
        if parts.new.group(group.name) is not None:
            return Left.EXISTS
        row = parts.ledger.claim_group(group.name, int(parts.clock()))
    if row.by == By.CREATING:
        row = _create(group, row, parts, account, tell)
    return joinable(row, mapped) or (Left.UNMAPPED if row.by == By.MAPPED else Left.EXISTS)


def _map(old_name: str, new_name: str, row: GroupRow | None, parts: GroupParts) -> str | Left:
    if by_provider(new_name, parts.new_pool_id):
        return Left.PROVIDER
    if row is None or (row.by, row.new_name) != (By.MAPPED, new_name):
        if parts.new.group(new_name) is None:
            return Left.MISSING
        parts.ledger.map_group(old_name, new_name)
    return new_name


def _create(group: Group, row: GroupRow, parts: GroupParts, account: Account, tell: Tell) -> GroupRow:
    """Create a claimed group, or find out whose it is where it is there by now.

    Ours, from an attempt whose reply was lost, is a group that was made right after the claim and says what
    we would have said; whoever made any other one did not ask us.
    """
    wanted = group if account.owns(group.role_arn) else replace(group, role_arn="")
    if group.role_arn and not wanted.role_arn:
        tell(Left.ROLE)
    there = parts.new.group(group.name)
    if there is None:
        row = _claimed_just_now(row, parts)
        made = _creation(wanted, parts, tell)
        if made is Creation.MADE:
            return parts.ledger.settle_group(row, By.CREATED)
        there = parts.new.group(group.name)
    if there is None:
        raise Stop(Decision.MISCONFIGURED, "a group comes and goes")
    return parts.ledger.settle_group(row, By.CREATED if _is_ours(there, wanted, row) else By.LEFT)


def _claimed_just_now(row: GroupRow, parts: GroupParts) -> GroupRow:
    now = int(parts.clock())
    return row if now - row.claimed_at <= RENEW_AFTER else parts.ledger.renew_claim(row, now)


def _creation(group: Group, parts: GroupParts, tell: Tell) -> Creation:
    made = parts.new.create(group)
    if made is not Creation.ROLE_REFUSED:
        return made
    tell(Left.ROLE)
    return parts.new.create(replace(group, role_arn=""))


def _is_ours(there: Group, wanted: Group, row: GroupRow) -> bool:
    in_time = row.claimed_at - CLOCK_SKEW <= there.created_at <= row.claimed_at + CREATE_WINDOW
    return in_time and there in (wanted, replace(wanted, role_arn=""))


def by_provider(name: str, pool_id: str) -> bool:
    """Whether Cognito made the group for the users of an identity provider: `<pool id>_<provider>`.

    Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    """
    return name.startswith(f"{pool_id}_")
