"""The ledger's rows of the users' half: their keys, their states, and a row as it is read.

| pk | sk | holds |
|---|---|---|
| `user#<old sub>` | `state` | where this user stands |
| `name#<new pool>#<name key>` | `offer` | the old sub that the name is bound to, or who gave it up |
| `newsub#<new sub>` | `map` | the old sub that became this new one |
| `reserved#<new pool>#<kind>#<key>` | `reservation` | the old users who go by it, and the first of them |
| `cap#<new pool>#<hour>` | `forgot_password` | how many were offered a reset in this hour without any proof |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """Where an old user stands. `confirmed` and `imported` are for ever, unless an operator releases them.

    `released` may come over once more, to a reset only.
    """

    OFFERED = "offered"
    RESET_OFFERED = "reset_offered"
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    RELEASED = "released"


OPEN_STATES = (State.OFFERED, State.RESET_OFFERED)


@dataclass(frozen=True)
class Offer:
    """What is about to be answered: this old user, under this name in the new pool."""

    old_sub: str
    target_name: str = field(repr=False)
    target_by: str
    """`username`, or the attribute that names a user of the new pool: `email`, `phone_number`."""
    case_sensitive: bool
    new_pool: str
    state: State
    source: str
    """`sign_in` or `forgot_password`."""
    offered_at: int
    """Epoch seconds."""
    carried_sub_in: str = ""
    """The attribute of the answer that carries the old sub; empty where none does."""
    old_groups: frozenset[str] = frozenset()
    """The old groups that the proven token named, without those that identity providers make."""
    previous: UserRow | None = None
    """The open offer, under another name, whose place this one takes."""


@dataclass(frozen=True)
class UserRow:
    """A user's row. Times are epoch seconds: `offered_at` is the first offer, `last_offered_at` the last."""

    old_sub: str
    state: str
    target_name: str = field(repr=False)
    target_by: str
    case_sensitive: bool
    new_pool: str
    offered_at: int
    last_offered_at: int
    carried_sub_in: str = ""
    reminder: int = 0
    new_sub: str = ""
    old_groups: frozenset[str] = frozenset()
    seen_sub: str = ""
    """The user of the new pool whom settling saw and could not confirm yet."""
    released_at: int = 0
    """When an operator released the user last; 0 for never. Whoever takes an open offer back keeps it, for
    without it the old password would count again."""
    source: str = ""
    """Of the newest offer: `sign_in` or `forgot_password`."""
    swept_sub: str = ""
    swept_at: int = 0
    """Whom a sweep is about to delete, and since when one worker is at it."""

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def done(self) -> bool:
        """Came over, and never comes again; a state that we do not know is taken for that."""
        return not self.open and self.state != State.RELEASED

    @property
    def reset_only(self) -> bool:
        """Released: the old password, however well proven, does not count any more."""
        return self.state == State.RELEASED or self.released_at > 0


@dataclass(frozen=True)
class FirstOwner:
    """Of the old users who go by a name, the one who was created first: sub, and exact old user name."""

    sub: str
    name: str = field(repr=False)


def name_key(name: str, *, case_sensitive: bool) -> str:
    """The form in which two names of a pool are the same name.

    A letter is folded only within its own alphabet: U+212A (the Kelvin sign) lowers to an ASCII `k`, and a
    name written with it is another name.
    """
    if case_sensitive:
        return name
    return "".join(char.lower() if char.isascii() == char.lower().isascii() else char for char in name)


def user_key(old_sub: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"user#{old_sub}"}, "sk": {"S": "state"}}


def name_row_key(new_pool: str, name: str, *, case_sensitive: bool) -> dict[str, dict[str, str]]:
    key = name_key(name, case_sensitive=case_sensitive)
    return {"pk": {"S": f"name#{new_pool}#{key}"}, "sk": {"S": "offer"}}


def new_sub_key(new_sub: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"newsub#{new_sub}"}, "sk": {"S": "map"}}


def reservation_key(new_pool: str, kind: str, key: str) -> dict[str, dict[str, str]]:
    """`kind` is `name` or an attribute; `key` the value as `name_key` folds it."""
    return {"pk": {"S": f"reserved#{new_pool}#{kind}#{key}"}, "sk": {"S": "reservation"}}


def cap_key(new_pool: str, hour: int) -> dict[str, dict[str, str]]:
    """`hour` counts from the epoch."""
    return {"pk": {"S": f"cap#{new_pool}#{hour}"}, "sk": {"S": "forgot_password"}}


def hour_of(at: float) -> int:
    return int(at // 3600)


def listed(state: str) -> str:
    """The value of the sparse index's hash key for a user in `state`."""
    return f"user#{state}"


def read_user_row(item: Mapping[str, Mapping[str, Any]]) -> UserRow:
    """The row of a typed attribute map; what an imported row does not hold is empty."""

    def text(name: str) -> str:
        return str(item.get(name, {}).get("S", ""))

    def number(name: str) -> int:
        return int(item.get(name, {}).get("N", 0))

    return UserRow(
        old_sub=text("old_sub"),
        state=text("state"),
        target_name=text("target_name"),
        target_by=text("target_by"),
        case_sensitive=bool(item.get("case_sensitive", {}).get("BOOL", True)),
        new_pool=text("new_pool"),
        offered_at=number("offered_at"),
        last_offered_at=number("last_offered_at") or number("offered_at"),
        carried_sub_in=text("carried_sub_in"),
        reminder=number("reminder"),
        new_sub=text("new_sub"),
        old_groups=frozenset(item.get("old_groups", {}).get("SS", ())),
        seen_sub=text("seen_sub"),
        released_at=number("released_at"),
        source=text("source"),
        swept_sub=text("swept_sub"),
        swept_at=number("swept_at"),
    )


def read_first_owner(item: Mapping[str, Mapping[str, Any]]) -> FirstOwner | None:
    """Of a reservation's typed attribute map; None where it does not say.

    Nor is one told whom an identity provider brings: without a password they never come over this way, and
    would only keep out who shares the address with them.
    """
    sub, name = (item.get(part, {}).get("S", "") for part in ("first_sub", "first_name"))
    federated = item.get("federated", {}).get("SS", ())
    return FirstOwner(sub, name) if sub and name and sub not in federated else None
