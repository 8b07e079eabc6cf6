"""The ledger's rows about groups: a group's own, and how far one user's memberships have come.

| pk | sk | holds |
|---|---|---|
| `group#<new pool>#<old name>` | `definition` | the group of the new pool that stands for it, by what right |
| `user#<old sub>` | `state` | `groups_planned`, `groups_todo` (new names, absent when none), `groups_done` |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cutover.users.ledger_rows import UserRow, read_user_row


class By(StrEnum):
    """By what right a group of the new pool stands for an old one. Only the first two let anybody join."""

    CREATED = "created"
    MAPPED = "mapped"
    CREATING = "creating"
    """It did not exist when this was written, and is about to be created."""
    LEFT = "left"
    """Somebody else created it in between: it is left alone."""


@dataclass(frozen=True)
class GroupRow:
    old_name: str
    new_name: str
    by: str
    claimed_at: int = 0
    """Epoch seconds of the newest attempt to create it; 0 for a mapping."""


@dataclass(frozen=True)
class Membership:
    """A user's row with what it says about groups; `todo` holds names of the new pool."""

    row: UserRow
    planned: bool = False
    todo: frozenset[str] = frozenset()
    done: bool = False

    def without(self, name: str) -> Membership:
        return replace(self, todo=self.todo - {name})


def group_key(new_pool: str, old_name: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"group#{new_pool}#{old_name}"}, "sk": {"S": "definition"}}


def group_item(new_pool: str, row: GroupRow) -> dict[str, dict[str, str]]:
    return {
        **group_key(new_pool, row.old_name),
        "old_name": {"S": row.old_name},
        "new_name": {"S": row.new_name},
        "by": {"S": row.by},
        "claimed_at": {"N": str(row.claimed_at)},
    }


def read_group_row(item: Mapping[str, Mapping[str, Any]]) -> GroupRow:
    def text(name: str) -> str:
        return str(item.get(name, {}).get("S", ""))

    return GroupRow(
        text("old_name"), text("new_name"), text("by"), int(item.get("claimed_at", {}).get("N", 0))
    )


def read_membership(item: Mapping[str, Mapping[str, Any]]) -> Membership:
    return Membership(
        read_user_row(item),
        planned="groups_planned" in item,
        todo=frozenset(item.get("groups_todo", {}).get("SS", ())),
        done="groups_done" in item,
    )


def joinable(row: GroupRow | None, mapped: Mapping[str, str]) -> str | None:
    """The group of the new pool that members of the old one belong in; None where there is none.

    A mapping counts for as long as the operator names it.
    """
    if row is None:
        return None
    right = row.by == By.CREATED or (row.by == By.MAPPED and mapped.get(row.old_name) == row.new_name)
    return row.new_name if right else None
