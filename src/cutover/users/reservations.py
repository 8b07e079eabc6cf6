"""What an old user goes by, and so nobody else may take in the new pool.

| pk | sk | holds |
|---|---|---|
| `reserved#<new pool>#<kind>#<key>` | `reservation` | the old users who go by it, and the first of them |
| `index#<new pool>` | `state` | when the index was begun, when it was complete, over how many users |

A key is the value in small letters, whatever the pools say about case: a mailbox is one in any case. AWS does
not document whether Cognito also takes two spellings of one letter for the same (an accent of its own, a
full-width A). Nobody should take a name by finding out, so such values are reserved a second time, under
their NFKC form (https://www.unicode.org/reports/tr15/) and a kind of their own.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from cutover.users import ledger_rows
from cutover.users.ledger_rows import name_key

MOST_OWNERS = 100
"""Who else goes by the same value is not written down; it counts as reserved for ever. An item holds 400 KB,
and each owner makes every later write dearer."""
LONGEST_KEY = 1024
"""Bytes. A longer value is reserved by its SHA-256: a partition key has 2048 bytes at the most.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
UNCONFIRMED, FEDERATED = "UNCONFIRMED", "EXTERNAL_PROVIDER"


class Kind(StrEnum):
    """What a value is of the old user. The first two and the last stay reserved for ever."""

    NAME = "name"
    SUB = "sub"
    EMAIL = "email"
    PHONE_NUMBER = "phone_number"
    PREFERRED_USERNAME = "preferred_username"
    LOOK_ALIKE = "look_alike"

    @property
    def until_confirmed(self) -> bool:
        """Whether it is free once every owner came over: the new pool itself then says who holds it."""
        return self in UNTIL_CONFIRMED


UNTIL_CONFIRMED = frozenset({Kind.EMAIL, Kind.PHONE_NUMBER, Kind.PREFERRED_USERNAME})
CLAIMS = (Kind.EMAIL, Kind.PHONE_NUMBER, Kind.PREFERRED_USERNAME)

Wanted = tuple[Kind, str]
"""A kind, and a value as it was written."""


class OldUser(Protocol):
    """A user of the old pool as a listing shows them; `created_at` in epoch seconds."""

    @property
    def name(self) -> str: ...
    @property
    def sub(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def attributes(self) -> Mapping[str, str]: ...
    @property
    def created_at(self) -> float: ...


@dataclass(frozen=True)
class Reservation:
    """A value and the old users who go by it. `first_*` is the one of them who was created first."""

    kind: Kind
    key: str = field(repr=False)
    owners: frozenset[str]
    first_sub: str
    first_name: str = field(repr=False)
    """The exact old user name."""
    first_created: float
    """Epoch seconds."""
    federated: frozenset[str] = frozenset()
    """The owners whom an identity provider brings; they have no password to come over with."""

    @property
    def crowded(self) -> bool:
        """There may be owners of whom nothing was written down."""
        return len(self.owners) >= MOST_OWNERS


def folded(kind: str, value: str) -> str:
    """The key of a value."""
    plain = unicodedata.normalize("NFKC", value) if kind == Kind.LOOK_ALIKE else value
    key = name_key(plain, case_sensitive=False)
    encoded = key.encode(errors="replace")
    return key if len(encoded) <= LONGEST_KEY else f"sha256:{hashlib.sha256(encoded).hexdigest()}"


def reservation_key(new_pool: str, kind: str, value: str) -> dict[str, dict[str, str]]:
    """The typed primary key of a value's row."""
    return ledger_rows.reservation_key(new_pool, kind, folded(kind, value))


def index_key(new_pool: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": f"index#{new_pool}"}, "sk": {"S": "state"}}


def spellings(value: str) -> tuple[str, ...]:
    """The value, and its other forms that might be taken for the same: small letters, NFKC."""
    plain = name_key(unicodedata.normalize("NFKC", value), case_sensitive=False)
    return tuple(dict.fromkeys((value, name_key(value, case_sensitive=False), plain)))


def looks_otherwise(value: str) -> bool:
    """Whether its NFKC form is another value."""
    return folded(Kind.LOOK_ALIKE, value) != folded(Kind.NAME, value)


def reservations_of(old_user: OldUser) -> list[Reservation]:
    """All that this one user reserves. An account that nobody confirmed reserves only its name."""
    mine = [(Kind.NAME, old_user.name), (Kind.SUB, old_user.sub)]
    if old_user.status != UNCONFIRMED:
        mine += [(kind, old_user.attributes.get(kind, "")) for kind in CLAIMS]
    alike = {folded(Kind.LOOK_ALIKE, value): value for _, value in mine if looks_otherwise(value)}
    mine += [(Kind.LOOK_ALIKE, value) for value in alike.values()]
    return [_reserved(kind, value, old_user) for kind, value in mine if value]


def every_kind_of(value: str) -> Iterator[Wanted]:
    """All that a value might be of an old user: a name may be another's e-mail, and the reverse."""
    plain = unicodedata.normalize("NFKC", value)
    for written in (value, plain) if looks_otherwise(value) else (value,):
        yield from ((kind, written) for kind in Kind if kind is not Kind.LOOK_ALIKE)
    yield Kind.LOOK_ALIKE, value


def merged(reservations: Iterable[Reservation]) -> list[Reservation]:
    """One for each kind and key, with the owners of all; the first one of it says who was first."""
    found: dict[tuple[Kind, str], Reservation] = {}
    for one in reservations:
        there = found.setdefault((one.kind, one.key), one)
        found[one.kind, one.key] = replace(
            there, owners=there.owners | one.owners, federated=there.federated | one.federated
        )
    return list(found.values())


def read_reservation(item: Mapping[str, Mapping[str, Any]]) -> Reservation:
    """The reservation of a row's typed attribute map."""
    _, _, kind, key = item["pk"]["S"].split("#", 3)
    return Reservation(
        kind=Kind(kind),
        key=key,
        owners=frozenset(item.get("owners", {}).get("SS", ())),
        first_sub=item.get("first_sub", {}).get("S", ""),
        first_name=item.get("first_name", {}).get("S", ""),
        first_created=float(item.get("first_created", {}).get("N", 0)),
        federated=frozenset(item.get("federated", {}).get("SS", ())),
    )


def _reserved(kind: Kind, value: str, old_user: OldUser) -> Reservation:
    return Reservation(
        kind=kind,
        key=folded(kind, value),
        owners=frozenset({old_user.sub}),
        first_sub=old_user.sub,
        first_name=old_user.name,
        first_created=old_user.created_at,
        federated=frozenset({old_user.sub} if old_user.status == FEDERATED else ()),
    )
