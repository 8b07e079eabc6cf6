"""Releasing one user who came over once, so that they may come once more, to a reset.

`confirmed` and `imported` refuse for ever: a user who was deleted in the new pool must not come back by an
old password. Sometimes an operator wants just that to be undone, for one user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.control.refusals import Refusal
from cutover.users.ledger_rows import State, UserRow


@dataclass(frozen=True)
class NewUser:
    """A user of the new pool who is in the way; `found_by` is `sub`, `name` or the kind of a contact."""

    sub: str
    status: str
    found_by: str

    def as_json(self) -> dict[str, str]:
        return {"sub": self.sub, "status": self.status, "found_by": self.found_by}


@dataclass(frozen=True)
class ReleaseFacts:
    """What the ledger and the new pool know of one old user; `verified` None: the old pool was not asked."""

    pool_id: str
    old_sub: str
    row: UserRow | None
    in_new_pool: tuple[NewUser, ...] = ()
    verified: bool | None = None
    """Whether the old pool shows a verified contact, to which a code can be sent."""


@dataclass(frozen=True)
class ReleasePlan:
    facts: ReleaseFacts
    steps: tuple[tuple[str, str], ...]
    """Name and words."""
    refusals: tuple[Refusal, ...] = ()

    @property
    def row(self) -> UserRow | None:
        """The row as it was seen, where it is to be released."""
        return self.facts.row if self.steps else None

    def as_json(self) -> dict[str, Any]:
        row = self.facts.row
        return {
            "pool": self.facts.pool_id,
            "old_sub": self.facts.old_sub,
            "state": row.state if row else None,
            "new_sub": (row.new_sub or None) if row else None,
            "released_at": (row.released_at or None) if row else None,
            "in_new_pool": [user.as_json() for user in self.facts.in_new_pool],
            "verified_contact": self.facts.verified,
            "steps": [{"name": name, "what": what} for name, what in self.steps],
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }


def plan_release(facts: ReleaseFacts) -> ReleasePlan:
    """Nothing is to be done for somebody who is released already."""
    row = facts.row
    if row is not None and row.state == State.RELEASED:
        return ReleasePlan(facts, ())
    refusals = tuple(_refusals(facts))
    if row is None or refusals:
        return ReleasePlan(facts, (), refusals)
    steps = [("release", f"{row.state} -> released: may come over once more, to a reset only")]
    if row.new_sub:
        steps.append(("unmap", f"the map of the new sub {row.new_sub}, whose user is gone, is taken out"))
    if row.target_name:
        steps.append(
            ("unbind", "the name in the new pool is no longer bound; the next offer binds one again")
        )
    return ReleasePlan(facts, tuple(steps))


def _refusals(facts: ReleaseFacts) -> list[Refusal]:
    row = facts.row
    if row is None:
        return [
            Refusal(
                "never_came_over",
                "the ledger knows nothing of this user",
                cause=f"there is no row of the old sub {facts.old_sub}",
                fix="they may come over by signing in; nothing has to be released",
            )
        ]
    if row.new_pool and row.new_pool != facts.pool_id:
        return [
            Refusal(
                "another_pool",
                "this user came over into another pool",
                cause=row.new_pool,
                fix="name the stack of that pool with --stack",
            )
        ]
    if row.open:
        return [
            Refusal(
                "still_open",
                f"this user is {row.state}, and may come over without being released",
                cause="nobody has seen them in the new pool yet",
                fix="have them sign in again; cutover status says how many are open",
            )
        ]
    if not row.new_sub and not row.target_name and facts.verified is None:
        return [
            Refusal(
                "cannot_tell",
                "nothing says by which name this user would be in the new pool",
                cause="the row holds no name, and the old pool was not asked",
                fix="give the user's name in the old pool instead of --old-sub",
            )
        ]
    if facts.in_new_pool:
        found = facts.in_new_pool[0]
        return [
            Refusal(
                "new_user_exists",
                "a user of this person's is in the new pool",
                cause=f"found by {found.found_by}: {found.sub} ({found.status})",
                fix="they can reset their password there; delete that user first if they are to start over",
            )
        ]
    return []
