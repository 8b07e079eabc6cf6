"""A world for the sign-up guard's handler: moto's ledger and index, and a scripted old pool with people."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cutover.aws.reservation_index import ReservationIndex
from cutover.aws.user_ledger import UserLedger
from cutover.control.taken_names import PoolUser
from cutover.handlers import guard_signup
from cutover.users.ledger_rows import Offer, State
from cutover.users.reservations import reservations_of
from tests.fakes.migration import LEGACY, NEW, OLD, SUB, Context, Migration, client, migration
from tests.fakes.scripted_cognito import Reply, error

EVENTS = Path(__file__).parents[2] / "events"
MIA_SUB = "0a1b2c3d-0000-4000-8000-00000000000e"
ANN = PoolUser("ann", SUB, "CONFIRMED", {"email": "ann@example.com", "phone_number": "+15550100"}, 1.0)
MIA = PoolUser("mia", MIA_SUB, "CONFIRMED", {"email": "mia@example.com"}, 2.0)
GIA = PoolUser("Google_7", "g-7", "EXTERNAL_PROVIDER", {"email": "gia@example.com"}, 3.0)
BEA = PoolUser("bea", "b-8", "CONFIRMED", {"email": "bea@example.com"}, 4.0)
_first_index: list[dict[str, Any]] = []
_FILTER = re.compile(r'(\w+) = "(.*)"')


def sent(case: str) -> dict[str, Any]:
    """The event of `events/guard_<case>.json`."""
    read: dict[str, Any] = json.loads((EVENTS / f"guard_{case}.json").read_text())
    return read


@dataclass
class SigningUp:
    """`people` is the old pool as it stands; the index holds those who were there when it was built."""

    migration: Migration
    people: list[PoolUser] = field(default_factory=list)

    @property
    def cognito(self) -> Any:
        return self.migration.cognito

    def setting(self, **variables: str) -> None:
        self.migration.setting(**variables)

    def sign_up(self, event: Any, context: Any = None) -> Any:
        return guard_signup.handler(event, Context() if context is None else context)

    def index(self, *users: PoolUser) -> None:
        index = ReservationIndex(client("dynamodb"), self.migration.table)
        for user in users:
            for mine in reservations_of(user):
                index.reserve(NEW, mine, spent=lambda _: None)

    def offer(self, user: PoolUser) -> None:
        """As the migration trigger does it right before Cognito creates the user."""
        UserLedger(client("dynamodb"), self.migration.table, sleep=lambda _: None).offer(
            Offer(
                old_sub=user.sub,
                target_name=user.name,
                target_by="username",
                case_sensitive=False,
                new_pool=NEW,
                state=State.OFFERED,
                source="sign_in",
                offered_at=int(time.time()),
                carried_sub_in=LEGACY,
            )
        )

    def get_user(self, asked: dict[str, Any]) -> Reply:
        for user in self.people:
            if asked["Username"] in {user.name, user.sub}:
                return 200, {**_shown(user), "UserAttributes": _rows(user)}
        return error("UserNotFoundException", "User does not exist.")

    def list_users(self, asked: dict[str, Any]) -> Reply:
        matched = _FILTER.fullmatch(asked["Filter"])
        assert matched is not None
        name, value = matched.groups()
        found = [user for user in self.people if user.attributes.get(name) == value]
        return 200, {"Users": [{**_shown(user), "Attributes": _rows(user)} for user in found]}

    def out(self, reply: Reply) -> None:
        """From now on the old pool answers this to whatever it is asked."""
        self.cognito.on("AdminGetUser", reply, OLD)
        self.cognito.on("ListUsers", reply, OLD)


@contextmanager
def signing_up(patch: pytest.MonkeyPatch) -> Iterator[SigningUp]:
    """Ann, Mia and Gia are in the index; Bea is newer; Mia's migration was offered this very second."""
    with migration(patch) as made:
        world = SigningUp(made, [ANN, MIA, GIA, BEA])
        _put_first_index(world)
        world.offer(MIA)
        made.cognito.on("AdminGetUser", world.get_user, OLD)
        made.cognito.on("ListUsers", world.list_users, OLD)
        yield world


def _put_first_index(world: SigningUp) -> None:
    """The rows that the index wrote in the first such world of this process: moto takes a tenth of a second
    to read its expressions."""
    table = world.migration.table
    if not _first_index:
        world.index(ANN, MIA, GIA)
        _first_index.extend(client("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"])
        return
    client("dynamodb").batch_write_item(
        RequestItems={table: [{"PutRequest": {"Item": row}} for row in _first_index]}
    )


def _shown(user: PoolUser) -> dict[str, Any]:
    return {
        "Username": user.name,
        "UserStatus": user.status,
        "UserCreateDate": user.created_at,
        "Enabled": True,
    }


def _rows(user: PoolUser) -> list[dict[str, str]]:
    values = {"sub": user.sub, **user.attributes}
    return [{"Name": name, "Value": value} for name, value in values.items()]
