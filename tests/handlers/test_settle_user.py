"""Confirming through the handler: what comes in a batch, what goes back, and what stands in the ledger."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.handlers import settle_user, settlement_log
from cutover.users.settle import GIVE_UP_AFTER, Settlement
from tests.fakes.migration import LEGACY, NEW, NEW_SUB, SUB, Context, Migration, migration
from tests.fakes.scripted_cognito import error, user

EVENTS = Path(__file__).parents[2] / "events"
HINT = {"v": 1, "old_sub": SUB, "attempt": 0}
DONE = {"batchItemFailures": []}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """Ann was offered; her reminder was taken out of the queue."""
    with migration(monkeypatch) as made:
        made.trigger()
        made.messages()
        yield made


def create(world: Migration, username: str = "ann", **changes: Any) -> None:
    """Cognito has created the user in the new pool."""
    profile: dict[str, Any] = {"created": time.time(), LEGACY.replace(":", "__"): SUB, **changes}
    world.cognito.on("AdminGetUser", user(username, NEW_SUB, **profile), NEW)


def replay(name: str) -> Any:
    return settle_user.handler(json.loads((EVENTS / f"settle_user_{name}.json").read_text()), Context())


def test_the_offered_user_is_confirmed(world: Migration) -> None:
    create(world)
    assert world.settle(HINT) == DONE
    row = world.user_row()
    assert (row["state"], row["new_sub"], row["listed"]) == ("confirmed", NEW_SUB, "user#confirmed")
    assert world.rows()[f"newsub#{NEW_SUB}"]["old_sub"] == SUB


def test_the_new_pool_is_asked_for_the_name_in_the_ledger(world: Migration) -> None:
    create(world)
    world.settle({**HINT, "target_name": "mallory"})
    assert world.cognito.made("AdminGetUser")[-1] == {"UserPoolId": NEW, "Username": "ann"}


def test_whoever_is_confirmed_is_not_answered_again(world: Migration) -> None:
    create(world)
    world.settle(HINT)
    assert world.trigger()["response"]["userAttributes"] is None


def test_a_user_who_is_not_there_yet_is_looked_at_again_later(world: Migration) -> None:
    assert world.settle(HINT) == DONE
    (message,) = world.messages()
    assert (message["old_sub"], message["attempt"]) == (SUB, 1)


def test_after_two_weeks_it_is_given_up(world: Migration, capsys: pytest.CaptureFixture[str]) -> None:
    long_ago = {"N": str(int(time.time()) - GIVE_UP_AFTER - 1)}
    world.set_row(SUB, offered_at=long_ago, last_offered_at=long_ago)
    assert world.settle(HINT) == DONE
    assert world.messages() == []
    assert world.user_row()["listed"] == "user#offered"
    assert '"SettleExpired":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    "changes",
    [{LEGACY.replace(":", "__"): "another"}, {"created": 1.0}, {"username": "mallory"}],
    ids=["another old sub", "created before", "another name"],
)
def test_somebody_else_is_reported_and_nothing_is_written(
    world: Migration, changes: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    create(world, **changes)
    before = world.rows()
    assert world.settle(HINT) == DONE
    assert world.rows() == before
    assert '"SettleMismatch":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    "reply",
    [
        error("TooManyRequestsException"),
        error("AccessDeniedException"),
        error("InternalErrorException", "", 500),
    ],
)
def test_a_fault_brings_back_its_message_alone(world: Migration, reply: Any) -> None:
    world.cognito.on("AdminGetUser", reply, NEW)
    result = world.settle(HINT, {"v": 1, "old_sub": "nobody", "attempt": 0})
    assert result == {"batchItemFailures": [{"itemIdentifier": "m0"}]}


def test_a_message_that_is_none_is_set_aside(world: Migration) -> None:
    assert world.settle("x", HINT)["batchItemFailures"] == [{"itemIdentifier": "m0"}]


def test_every_message_of_a_batch_may_fail(world: Migration) -> None:
    world.setting(LEDGER_TABLE="gone")
    assert len(world.settle(HINT, HINT)["batchItemFailures"]) == 2


def test_what_nobody_foresaw_is_told_by_its_kind_and_place_alone(caplog: pytest.LogCaptureFixture) -> None:
    def look() -> Settlement:
        raise ValueError("ann@example.com")

    with pytest.raises(ValueError, match="ann"):
        settlement_log.report("m0", look)
    (told,) = (str(vars(record)) for record in caplog.records)
    assert "'cause': 'ValueError test_settle_user.py:" in told
    assert "ann@example.com" not in told


def test_a_confirmation_is_counted_once(world: Migration, capsys: pytest.CaptureFixture[str]) -> None:
    create(world)
    world.settle(HINT, HINT)
    assert capsys.readouterr().out.count('"UserConfirmed":[1.0]') == 1


class TestEvents:
    def test_offered(self, world: Migration) -> None:
        create(world)
        assert replay("offered") == DONE
        assert world.user_row()["state"] == "confirmed"

    def test_repeated(self, world: Migration) -> None:
        create(world)
        assert replay("repeated") == DONE
        assert world.user_row()["new_sub"] == NEW_SUB

    def test_unknown_user(self, world: Migration) -> None:
        before = world.rows()
        assert replay("unknown_user") == DONE
        assert world.rows() == before

    def test_forged(self, world: Migration) -> None:
        assert replay("forged") == DONE
        assert world.user_row()["state"] == "offered"
        assert f"newsub#{NEW_SUB}" not in world.rows()
        (following,) = world.messages()
        create(world)
        assert world.settle(following) == DONE
        assert world.user_row()["state"] == "confirmed"

    def test_not_json(self, world: Migration) -> None:
        assert len(replay("not_json")["batchItemFailures"]) == 1

    def test_partly_bad(self, world: Migration) -> None:
        create(world)
        failed = replay("partly_bad")["batchItemFailures"]
        assert [row["itemIdentifier"][-1] for row in failed] == ["2"]
        assert world.user_row()["state"] == "confirmed"

    def test_every_event_has_its_test(self) -> None:
        names = {path.stem.removeprefix("settle_user_") for path in EVENTS.glob("settle_user_*.json")}
        tests = {name.removeprefix("test_") for name in dir(self) if name.startswith("test_")}
        assert names <= tests
