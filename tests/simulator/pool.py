"""A pool, its app clients and its users: what is kept, and who is found by a name."""

from __future__ import annotations

import copy
import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.scripted_cognito import STANDARD, attribute

CONTACTS = ("email", "phone_number")
SCHEMA = (
    *STANDARD,
    *(attribute(name) for name in ("given_name", "family_name", "locale", "picture", "website", "zoneinfo")),
)
Client = dict[str, Any]
"""As DescribeUserPoolClient shows it."""


@dataclass
class User:
    """`password` is known to the pool and to whoever chose it."""

    username: str
    sub: str
    attributes: dict[str, str]
    status: str
    created: float
    password: str | None = field(default=None, repr=False)
    enabled: bool = True
    origin: str = ""
    """`sign_up`, `admin` or `migration`: who made the profile."""
    factors: list[str] = field(default_factory=list)
    """`SMS_MFA`, `SOFTWARE_TOKEN_MFA`."""
    groups: set[str] = field(default_factory=set)
    codes: dict[str, str] = field(default_factory=dict, repr=False)
    """Purpose -> the code that was sent for it."""
    pending: dict[str, str] = field(default_factory=dict, repr=False)
    """A contact's new value that waits for its code."""
    failures: int = 0
    failed_at: float = 0.0
    locked_until: float = 0.0
    temporary_until: float = 0.0
    born: User | None = field(default=None, repr=False)
    """The profile as it was made, before anybody did anything to it."""

    def verified(self, contact: str) -> bool:
        return bool(self.attributes.get(contact)) and self.attributes.get(f"{contact}_verified") == "true"


class Pool:
    """`description` is what DescribeUserPool shows."""

    def __init__(self, pool_id: str, **settings: Any) -> None:
        schema = {row["Name"]: dict(row) for row in (*SCHEMA, *settings.pop("Schema", ()))}
        self.id = pool_id
        self.description: dict[str, Any] = {
            "Id": pool_id,
            "Name": "pool",
            "Arn": f"arn:aws:cognito-idp:{pool_id.split('_')[0]}:123456789012:userpool/{pool_id}",
            "SchemaAttributes": list(schema.values()),
            "LambdaConfig": {},
            "MfaConfiguration": "OFF",
            "Policies": {"PasswordPolicy": {"MinimumLength": 8, "TemporaryPasswordValidityDays": 7}},
            **settings,
        }
        self.clients: dict[str, Client] = {}
        self.users: list[User] = []
        self.ever: list[User] = []
        """Everybody who was ever made, those that were deleted too."""
        self.groups: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def setting(self, name: str) -> Any:
        return self.description.get(name) or {}

    @property
    def username_attributes(self) -> tuple[str, ...]:
        return tuple(self.description.get("UsernameAttributes") or ())

    @property
    def alias_attributes(self) -> tuple[str, ...]:
        return tuple(self.description.get("AliasAttributes") or ())

    @property
    def case_sensitive(self) -> bool:
        """A pool that was made by the API and does not say tells case apart: `pages.CASE`."""
        return self.setting("UsernameConfiguration").get("CaseSensitive") is not False

    def fold(self, name: str) -> str:
        """`pages.CASE`: without case, names are lower-cased before anything looks at them."""
        return name if self.case_sensitive else name.lower()

    def same(self, one: str, other: str) -> bool:
        return self.fold(one) == self.fold(other)

    def new_sub(self) -> str:
        """A sub that no other pool has, the same one in every run."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}/{next(self._numbers)}"))

    def add(self, user: User) -> None:
        user.born = copy.deepcopy(user)
        self.users.append(user)
        self.ever.append(user)

    def find(self, name: str) -> User | None:
        """By user name, alias or sub: `pages.ADMIN_GET_USER`."""
        return next(self._found(name), None)

    def _found(self, name: str) -> Iterator[User]:
        yield from (user for user in self.users if self.same(user.username, name))
        for alias in (*self.username_attributes, *self.alias_attributes):
            holder = self.holder(alias, name)
            if holder is not None:
                yield holder
        yield from (user for user in self.users if user.sub == name)

    def holder(self, attribute_name: str, value: str) -> User | None:
        """The user whom this value names: `pages.ATTRIBUTES`.

        An e-mail or a phone number is an alias once it is verified; where it is the user name, at once.
        """
        for user in self.users:
            held = user.attributes.get(attribute_name)
            counts = (
                attribute_name in self.username_attributes
                or attribute_name not in CONTACTS
                or user.verified(attribute_name)
            )
            if held and counts and self.same(held, value):
                return user
        return None
