"""Made-up people, one by one from a seed. Pure: nobody is in a pool yet."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

GIVEN = tuple(
    """Ada Alan Amara Anna Ben Bo Carla Chen Dana Dilek Edda Elif Emeka Farid Grace Hana Ines Ivan Jana Joao
    Kemi Lars Leila Lin Maja Marco Nadia Noor Olu Paula Pavel Quinn Rosa Samir Sofia Tariq Uma Vera Yuki
    Zoe""".split()  # noqa: SIM905 - forty names in quotes are hard to read
)
FAMILY = tuple(
    """Abbas Baker Costa Dietrich Eriksen Fischer Garcia Haddad Ito Jansen Kaya Lopez Mensah Novak Okafor
    Petrov Quist Rossi Sato Tanaka Ueda Varga Weber Xu Yilmaz Zimmer""".split()  # noqa: SIM905
)
LOCALES = ("de", "en", "es", "fr", "ja", "pt-BR", "tr")
PLANS = ("free", "team", "enterprise")
TEAMS = ("editors", "billing", "support")


class Kind(StrEnum):
    """What is special about a person's account in the old pool, or about how they sign in."""

    PLAIN = "an account like any other"
    BY_EMAIL = "signs in by e-mail address"
    MIXED_CASE = "types the name in capitals"
    IN_GROUPS = "in groups"
    UNVERIFIED = "e-mail address never verified"
    WRONG_PASSWORD = "types a wrong password"  # noqa: S105 - a description
    DISABLED = "account disabled"
    TEMPORARY = "temporary password, never changed"
    RESET = "password reset required"
    TOTP = "has an authenticator app"
    UNCONFIRMED = "sign-up never confirmed"
    UNKNOWN = "nobody of that name"


MOVES = frozenset({Kind.PLAIN, Kind.BY_EMAIL, Kind.MIXED_CASE, Kind.IN_GROUPS, Kind.UNVERIFIED})
"""Who comes over at the first sign-in; the others are refused, and learn nothing from it."""

_SHARES = {
    Kind.BY_EMAIL: 0.14,
    Kind.MIXED_CASE: 0.05,
    Kind.IN_GROUPS: 0.09,
    Kind.UNVERIFIED: 0.06,
    Kind.WRONG_PASSWORD: 0.06,
    Kind.DISABLED: 0.05,
    Kind.TEMPORARY: 0.05,
    Kind.RESET: 0.05,
    Kind.TOTP: 0.04,
    Kind.UNCONFIRMED: 0.05,
    Kind.UNKNOWN: 0.04,
}


@dataclass(frozen=True)
class Person:
    """`name` is the old pool's user name; `password` the one that the old pool knows."""

    name: str
    kind: Kind
    password: str = field(repr=False)
    given_name: str = ""
    family_name: str = ""
    locale: str = "en"
    plan: str = "free"
    tenant: str = ""
    teams: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.name}@example.com"

    @property
    def typed_name(self) -> str:
        """What this person types at the new pool's door."""
        if self.kind is Kind.BY_EMAIL:
            return self.email
        return self.name.upper() if self.kind is Kind.MIXED_CASE else self.name

    @property
    def typed_password(self) -> str:
        return self.password + "?" if self.kind is Kind.WRONG_PASSWORD else self.password

    @property
    def moves(self) -> bool:
        return self.kind in MOVES

    @property
    def attributes(self) -> dict[str, str]:
        """The profile in the old pool."""
        return {
            "email": self.email,
            "email_verified": "false" if self.kind is Kind.UNVERIFIED else "true",
            "given_name": self.given_name,
            "family_name": self.family_name,
            "locale": self.locale,
            "custom:plan": self.plan,
            "custom:tenant": self.tenant,
        }


def make_people(number: int, canary: str, rng: random.Random) -> tuple[Person, ...]:
    """`number` people of every kind, in an order of chance; every password holds `canary`."""
    kinds = [kind for kind, share in _SHARES.items() for _ in range(max(1, round(share * number)))]
    kinds += [Kind.PLAIN] * (number - len(kinds))
    rng.shuffle(kinds)
    taken: set[str] = set()
    return tuple(_person(kind, canary, rng, taken) for kind in kinds)


def _person(kind: Kind, canary: str, rng: random.Random, taken: set[str]) -> Person:
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    name = plain = f"{given}.{family}".lower()
    while name in taken:
        name = f"{plain}{rng.randrange(10, 999)}"
    taken.add(name)
    return Person(
        name=name,
        kind=kind,
        password=f"{canary}-{rng.getrandbits(40):010x}-Aa1!",
        given_name=given,
        family_name=family,
        locale=rng.choice(LOCALES),
        plan=rng.choice(PLANS),
        tenant=f"tenant-{rng.randrange(40):02d}",
        teams=tuple(rng.sample(TEAMS, rng.randrange(1, 3))) if kind is Kind.IN_GROUPS else (),
    )


def of_kind(people: Sequence[Person], *kinds: Kind) -> list[Person]:
    return [person for person in people if person.kind in kinds]
