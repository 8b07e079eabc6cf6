"""A forgotten password through the handlers: offered by the trigger, swept by settling, seamless again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cutover.users.sweep import FORGOTTEN_AFTER, LEASE
from tests.fakes.migration import FORGOT, LEGACY, NEW, NEW_SUB, SUB, Migration, event, migration
from tests.fakes.scripted_cognito import Reply, error, user

HINT = {"v": 1, "old_sub": SUB, "attempt": 7}
DONE = {"batchItemFailures": []}
COMES_BACK = {"batchItemFailures": [{"itemIdentifier": "m0"}]}


@dataclass
class Ann:
    """Ann in the new pool, as the scripted Cognito shows her."""

    world: Migration
    there: bool = True
    enabled: bool = True
    status: str = "RESET_REQUIRED"

    def __post_init__(self) -> None:
        self.created = time.time()
        for operation, reply in (
            ("AdminGetUser", self.get),
            ("AdminDisableUser", self.disable),
            ("AdminEnableUser", self.enable),
            ("AdminDeleteUser", self.delete),
        ):
            self.world.cognito.on(operation, reply, NEW)

    def get(self, asked: dict[str, Any]) -> Reply:
        if not self.there:
            return error("UserNotFoundException")
        assert asked["Username"] in {"ann", NEW_SUB}
        attributes = {LEGACY.replace(":", "__"): SUB}
        return user(
            "ann", NEW_SUB, status=self.status, enabled=self.enabled, created=self.created, **attributes
        )

    def disable(self, asked: dict[str, Any]) -> Reply:
        self.enabled = False
        return self._done(asked)

    def enable(self, asked: dict[str, Any]) -> Reply:
        self.enabled = True
        return self._done(asked)

    def delete(self, asked: dict[str, Any]) -> Reply:
        self.there = False
        return self._done(asked)

    def _done(self, asked: dict[str, Any]) -> Reply:
        assert asked["Username"] == NEW_SUB
        return 200, {}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """A stranger asked for Ann's new password a day ago."""
    with migration(monkeypatch) as made:
        made.setting(FORGOT_PASSWORD="on")
        assert made.trigger(event(source=FORGOT))["response"]["userAttributes"]
        made.messages()
        a_day_ago = {"N": str(int(time.time()) - FORGOTTEN_AFTER - 1)}
        made.set_row(SUB, offered_at=a_day_ago, last_offered_at=a_day_ago)
        yield made


@pytest.fixture
def ann(world: Migration) -> Ann:
    return Ann(world)


def of_people(world: Migration) -> set[str]:
    """The ledger's rows about users and names."""
    return {key for key in world.rows() if key.startswith(("user#", "name#"))}


def made(world: Migration) -> list[str]:
    return [name for name, _ in world.cognito.calls if name.startswith("Admin") and name.endswith("User")]


def test_a_forgotten_password_is_swept_and_the_old_one_signs_in(
    world: Migration, ann: Ann, capsys: pytest.CaptureFixture[str]
) -> None:
    world.cognito.calls.clear()
    assert world.settle(HINT) == DONE
    assert made(world) == [
        "AdminGetUser",
        "AdminDisableUser",
        "AdminGetUser",
        "AdminDeleteUser",
    ]
    assert (ann.there, of_people(world), world.messages()) == (False, set(), [])
    assert '"ForgottenSwept":[1.0]' in capsys.readouterr().out
    assert world.trigger()["response"]["finalUserStatus"] == "CONFIRMED"


def test_who_resets_it_in_the_last_moment_is_confirmed(world: Migration, ann: Ann) -> None:
    def completed(asked: dict[str, Any]) -> Reply:
        ann.status = "CONFIRMED"
        return ann.disable(asked)

    world.cognito.on("AdminDisableUser", completed, NEW)
    assert world.settle(HINT) == DONE
    assert (ann.there, ann.enabled, world.user_row()["state"]) == (True, True, "confirmed")
    assert "swept_sub" not in world.user_row()


@pytest.mark.parametrize("operation", ["AdminDisableUser", "AdminDeleteUser"])
def test_a_call_that_fails_is_gone_on_with(world: Migration, ann: Ann, operation: str) -> None:
    world.cognito.on(operation, error("TooManyRequestsException"), NEW)
    assert world.settle(HINT) == COMES_BACK
    assert world.user_row()["state"] == "sweeping"
    ann.__post_init__()
    assert world.settle(HINT) == COMES_BACK
    world.set_row(SUB, swept_at={"N": str(int(time.time()) - LEASE - 1)})
    ann.created = float(world.user_row()["offered_at"])
    assert world.settle(HINT) == DONE
    assert of_people(world) == set()


def test_a_user_of_less_than_a_day_is_looked_at_again(world: Migration, ann: Ann) -> None:
    world.set_row(SUB, last_offered_at={"N": str(int(time.time()) - FORGOTTEN_AFTER + 60)})
    assert world.settle(HINT) == DONE
    assert (ann.there, ann.enabled, world.messages()[0]["attempt"]) == (True, True, 8)


def test_where_nobody_comes_over_by_a_forgotten_password_nobody_is_swept(world: Migration, ann: Ann) -> None:
    world.setting(FORGOT_PASSWORD="off")
    assert world.settle(HINT) == DONE
    assert (ann.there, ann.enabled) == (True, True)


def test_a_forged_message_sweeps_nobody_early(world: Migration, ann: Ann) -> None:
    world.set_row(SUB, last_offered_at={"N": str(int(time.time()))})
    assert world.settle({**HINT, "swept_sub": NEW_SUB, "last_offered_at": 1}) == DONE
    assert (ann.there, ann.enabled) == (True, True)
