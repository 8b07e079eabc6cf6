"""What the users' half needs of the world: two pools, the ledger, a queue, a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cutover.users.ledger_rows import FirstOwner, Offer, UserRow
from cutover.users.password_policy import PasswordPolicy
from cutover.users.rollout import Rollout


@dataclass(frozen=True)
class Accepted:
    """The old pool issued tokens: the password is right and nothing else was asked.

    `sub` is what the tokens say; None where they say nothing or contradict each other. `groups` are those
    that the ID token names.
    """

    sub: str | None
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Challenged:
    """The old pool wants more. `user_id` is its `USER_ID_FOR_SRP`: the user name, never an alias."""

    name: str
    user_id: str | None = None


@dataclass(frozen=True)
class Failed:
    """An error reply, or none at all (`code` is then the kind of failure and `http_status` 0)."""

    code: str
    message: str = field(default="", repr=False)
    http_status: int = 0


SignInReply = Accepted | Challenged | Failed


@dataclass(frozen=True)
class Profile:
    """A user as AdminGetUser shows them."""

    username: str = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)
    status: str
    enabled: bool
    created_at: float = 0.0
    """Epoch seconds."""
    second_factors: tuple[str, ...] = ()

    @property
    def by_sms(self) -> bool:
        """Whether a code by SMS is one of the second factors; `phone_number` is how old settings say it."""
        return bool({"SMS_MFA", "phone_number"} & set(self.second_factors))

    @property
    def sub(self) -> str:
        return self.attributes.get("sub", "")

    def verified(self, attribute: str) -> bool:
        """Whether the pool itself calls the e-mail or the phone number verified."""
        return self.attributes.get(f"{attribute}_verified") == "true" and bool(self.attributes.get(attribute))


@dataclass(frozen=True)
class SchemaAttribute:
    """One attribute of a pool's schema. Whether it may change later is no matter: a user is being created."""

    name: str
    type: str = "String"
    required: bool = False
    min_length: int | None = None
    max_length: int | None = None
    min_value: float | None = None
    max_value: float | None = None


@dataclass(frozen=True)
class PoolRules:
    """What every name, attribute and answer has to obey."""

    schema: Mapping[str, SchemaAttribute] = field(default_factory=dict)
    username_attributes: frozenset[str] = frozenset()
    alias_attributes: frozenset[str] = frozenset()
    case_sensitive: bool = True
    password: PasswordPolicy = field(default_factory=PasswordPolicy)
    sms_factor: bool = False
    """Whether users may have a second factor by SMS."""

    @property
    def sign_in_attributes(self) -> frozenset[str]:
        return self.username_attributes | self.alias_attributes


class OldPool(Protocol):
    def sign_in(self, name: str, password: str) -> SignInReply:
        """One attempt with the name exactly as it was typed. Raises Stop when our own secret is missing."""

    def profile(self, name: str) -> Profile | Failed:
        """The user of a name, an alias or a sub."""

    def rules(self) -> PoolRules:
        """Raises Stop when the pool cannot be described."""

    def write_rights(self) -> Iterator[frozenset[str] | None]:
        """Per app client what it may write; None means the default. Raises Stop, RightsUnknown."""


class NewPool(Protocol):
    def profile(self, name: str) -> Profile | None:
        """The user of a name, or None. Raises Stop when the pool does not say."""

    def rules(self) -> PoolRules:
        """Raises Stop when the pool cannot be described."""

    def write_rights(self, first: str = "") -> Iterator[frozenset[str] | None]:
        """As the old pool's, beginning with the client `first`."""


class RightsUnknown(Exception):
    """The app clients of a pool may not be read, so nobody can say what they may write."""


class Ledger(Protocol):
    def offer(self, offer: Offer) -> None:
        """Bind the old sub and the target name, in one conditional step; the same offer again is fine.

        Raises Stop: `already_migrated`, `name_collision`, or a fault.
        """

    def row(self, old_sub: str) -> UserRow | None:
        """The row as it stands, read consistently. Raises Stop on a fault."""

    def confirm(self, row: UserRow, new_sub: str, now: int) -> bool:
        """Confirm what `row` offered and map its old sub to `new_sub`, one to one, in one step.

        False where the row changed meanwhile or a sub already belongs to another. Raises Stop on a fault.
        """

    def remember_reminder(self, old_sub: str, attempt: int, seen: str = "") -> None:
        """Note the newest reminder of a user, so that a duplicate of an older one ends its own chain.

        `seen`: the sub of the offered user who is in the new pool, and cannot be confirmed yet.
        """

    def count_unproven(self, new_pool: str, now: int, most: int) -> bool:
        """Count one offer that nothing proves; False, and nothing counted, where this hour had `most`."""

    def first_owner(self, new_pool: str, kind: str, key: str) -> FirstOwner | None:
        """Who of the old users goes by this folded name first; None where nobody does. Raises Stop."""


class RolloutSwitch(Protocol):
    """The operator's rollout, which may change at any time."""

    def last(self) -> Rollout | None:
        """What was read last, without waiting; where that is some seconds old, a new read is begun."""

    def now(self) -> Rollout:
        """As it stands; waits for a read that is on its way. Raises Stop where nothing recent is known."""


class Reminders(Protocol):
    def remind(self, old_sub: str, attempt: int, delay: int) -> None:
        """Have the user looked at again in `delay` seconds (0 to 900). Raises Stop on a fault."""


Clock = Callable[[], float]
"""Epoch seconds."""
