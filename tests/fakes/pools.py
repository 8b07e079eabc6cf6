"""User pools in memory: the rules of the two ports, held to the same contract as the real adapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from cutover.users.decision_table import Stop
from cutover.users.ports import (
    Accepted,
    Challenged,
    Failed,
    PoolRules,
    Profile,
    RightsUnknown,
    SchemaAttribute,
    SignInReply,
)
from cutover.users.write_rights import Rights

_WRONG = Failed("NotAuthorizedException", "Incorrect username or password.", 400)
_UNKNOWN = Failed("UserNotFoundException", "User does not exist.", 400)
_BY_STATUS = {
    "UNCONFIRMED": Failed("UserNotConfirmedException", "User is not confirmed.", 400),
    "RESET_REQUIRED": Failed("PasswordResetRequiredException", "Password reset required for the user", 400),
}
STANDARD = {
    name: SchemaAttribute(name)
    for name in ("email", "phone_number", "name", "nickname", "preferred_username")
} | {
    "sub": SchemaAttribute("sub", required=True),
    "email_verified": SchemaAttribute("email_verified", "Boolean"),
    "phone_number_verified": SchemaAttribute("phone_number_verified", "Boolean"),
}


def schema(*attributes: SchemaAttribute) -> dict[str, SchemaAttribute]:
    """The standard attributes and these; one of the same name replaces the standard one."""
    return STANDARD | {attribute.name: attribute for attribute in attributes}


@dataclass
class Person:
    """A user of a pool, with the password that only the pool knows."""

    username: str
    sub: str
    password: str = ""
    status: str = "CONFIRMED"
    enabled: bool = True
    challenge: str = ""
    created_at: float = 0.0
    second_factors: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    attributes: dict[str, str] = field(default_factory=dict)

    def profile(self) -> Profile:
        return Profile(
            username=self.username,
            attributes={"sub": self.sub, **self.attributes},
            status=self.status,
            enabled=self.enabled,
            created_at=self.created_at,
            second_factors=self.second_factors,
        )


@dataclass
class FakePool:
    """Either pool. `fault` is raised by what reads its settings; `rights` None means they may not be read."""

    people: list[Person] = field(default_factory=list)
    described: PoolRules = field(default_factory=lambda: PoolRules(schema=STANDARD))
    rights: list[Rights] | None = field(default_factory=lambda: [None])
    fault: Stop | None = None
    also: dict[str, Person] = field(default_factory=dict)
    """Names that this pool takes for a person, against its own rules."""

    def rules(self) -> PoolRules:
        if self.fault is not None:
            raise self.fault
        return self.described

    def write_rights(self, first: str = "") -> Iterator[Rights]:
        if self.rights is None:
            raise RightsUnknown
        yield from self.rights

    def _find(self, name: str) -> Person | None:
        for person in self.people:
            if self._same(name, person.username) or name == person.sub:
                return person
        by_alias = (person for person in self.people if self._by_alias(name, person))
        return next(by_alias, self.also.get(name))

    def _by_alias(self, name: str, person: Person) -> bool:
        rules = self.described
        for attribute in rules.sign_in_attributes:
            proven = attribute in rules.username_attributes or attribute == "preferred_username"
            if proven or person.profile().verified(attribute):
                value = person.attributes.get(attribute, "")
                if value and self._same(name, value):
                    return True
        return False

    def _same(self, one: str, other: str) -> bool:
        return one == other or (not self.described.case_sensitive and one.lower() == other.lower())


@dataclass
class FakeOldPool(FakePool):
    """`sign_ins` counts the attempts; `replies` are given instead of an honest one, one an attempt."""

    sign_ins: list[str] = field(default_factory=list)
    replies: list[SignInReply] = field(default_factory=list)
    profile_replies: list[Failed] = field(default_factory=list)
    profile_reads: int = 0

    def sign_in(self, name: str, password: str) -> SignInReply:
        self.sign_ins.append(name)
        if self.replies:
            return self.replies.pop(0)
        person = self._find(name)
        if person is None:
            return _UNKNOWN
        if not person.enabled:
            return Failed("NotAuthorizedException", "User is disabled.", 400)
        if person.password != password:
            return _WRONG
        if person.status in _BY_STATUS:
            return _BY_STATUS[person.status]
        name = "NEW_PASSWORD_REQUIRED" if person.status == "FORCE_CHANGE_PASSWORD" else person.challenge
        return Challenged(name, person.username) if name else Accepted(person.sub, person.groups)

    def profile(self, name: str) -> Profile | Failed:
        self.profile_reads += 1
        if self.profile_replies:
            return self.profile_replies.pop(0)
        person = self._find(name)
        return _UNKNOWN if person is None else person.profile()


@dataclass
class FakeNewPool(FakePool):
    def profile(self, name: str) -> Profile | None:
        if self.fault is not None:
            raise self.fault
        person = self._find(name)
        return None if person is None else person.profile()
