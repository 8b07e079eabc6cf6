"""Tokens through the claims handler: what the ledger knows goes in, and no sign-in fails because of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.handlers import add_claims
from cutover.users.chained import ChainedFailure
from tests.fakes.migration import LEGACY, NEW, NEW_SUB, SUB, Context, Migration, client, migration
from tests.fakes.scripted_cognito import tokens, user
from tests.fakes.scripted_lambda import ScriptedLambda, scripted_lambda

EVENTS = Path(__file__).parents[2] / "events"
THEIRS = "arn:aws:lambda:eu-west-1:123456789012:function:claims:live"
OLD_SUB = {"claimsToAddOrOverride": {"old_sub": SUB}}
EDITOR = {"groupsToOverride": ["editors"], "iamRolesToOverride": []}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """Ann, an editor in the old pool, was offered and has been created; `editors` is a group that we made."""
    with migration(monkeypatch) as made:
        made.setting(OLD_SUB_CLAIM="old_sub")
        made.cognito.on("AdminInitiateAuth", tokens(SUB, **{"cognito:groups": ["editors"]}))
        made.trigger()
        put(made, pk=f"group#{NEW}#editors", sk="definition", old_name="editors", by="created")
        made.cognito.on(
            "AdminGetUser", user("ann", NEW_SUB, created=time.time(), **{LEGACY.replace(":", "__"): SUB}), NEW
        )
        yield made


@pytest.fixture
def theirs(world: Migration) -> Iterator[ScriptedLambda]:
    """The application has a function of its own."""
    with scripted_lambda() as script:
        world.setting(CHAINED_PRE_TOKEN_ARN=THEIRS, AWS_ENDPOINT_URL_LAMBDA=script.url)
        yield script


def put(world: Migration, **values: str) -> None:
    row = {"new_name": values.get("old_name", ""), **values}
    client("dynamodb").put_item(
        TableName=world.table, Item={name: {"S": value} for name, value in row.items()}
    )


def event(name: str) -> Any:
    return json.loads((EVENTS / f"add_claims_{name}.json").read_text())


def replay(name: str) -> Any:
    """The response to an event of events/; all else goes back as it came."""
    sent = event(name)
    answered = add_claims.handler(sent, Context())
    assert {**answered, "response": None} == {**sent, "response": None}
    return answered["response"]


def confirm(world: Migration) -> None:
    world.setting(GROUPS="off")
    world.settle({"v": 1, "old_sub": SUB, "attempt": 0})
    world.setting(GROUPS="on")
    assert world.user_row()["state"] == "confirmed"


class TestEvents:
    @pytest.mark.parametrize("confirmed", [False, True])
    def test_sign_in_v1(self, world: Migration, *, confirmed: bool) -> None:
        if confirmed:
            confirm(world)
        assert replay("sign_in_v1") == {"claimsOverrideDetails": {**OLD_SUB, "groupOverrideDetails": EDITOR}}

    def test_sign_in_v2(self, world: Migration) -> None:
        confirm(world)
        assert replay("sign_in_v2") == {
            "claimsAndScopeOverrideDetails": {
                "idTokenGeneration": OLD_SUB,
                "accessTokenGeneration": OLD_SUB,
                "groupOverrideDetails": EDITOR,
            }
        }

    @pytest.mark.usefixtures("world")
    def test_sign_in_v3(self) -> None:
        assert replay("sign_in_v3") == replay("sign_in_v2")

    @pytest.mark.usefixtures("world")
    def test_hosted_ui(self) -> None:
        assert replay("hosted_ui") == replay("sign_in_v1")

    def test_refresh(self, world: Migration) -> None:
        confirm(world)
        world.set_row(SUB, groups_planned={"N": "1"}, groups_done={"N": "1"})
        assert replay("refresh") == {"claimsOverrideDetails": OLD_SUB}

    @pytest.mark.usefixtures("world")
    def test_new_here(self) -> None:
        assert replay("new_here") == event("new_here")["response"]

    def test_claimed_by_another(self, world: Migration) -> None:
        nothing = event("claimed_by_another")["response"]
        assert replay("claimed_by_another") == nothing
        confirm(world)
        assert replay("claimed_by_another") == nothing

    @pytest.mark.usefixtures("world")
    def test_another_pool(self) -> None:
        assert replay("another_pool") == event("another_pool")["response"]

    @pytest.mark.usefixtures("world")
    def test_client_credentials(self) -> None:
        assert replay("client_credentials") == event("client_credentials")["response"]

    def test_every_event_has_its_test(self) -> None:
        names = {path.stem.removeprefix("add_claims_") for path in EVENTS.glob("add_claims_*.json")}
        tests = {name.removeprefix("test_") for name in dir(self) if name.startswith("test_")}
        assert names <= tests


@pytest.mark.parametrize(
    "setting", [{"LEDGER_TABLE": "gone"}, {"LEDGER_TABLE": ""}, {"OLD_SUB_CLAIM": "email"}, {"GROUPS": "x"}]
)
def test_whatever_is_wrong_with_us_nobody_is_kept_out(
    world: Migration, setting: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    world.setting(**setting)
    assert replay("sign_in_v1") == event("sign_in_v1")["response"]
    assert '"ClaimsUnavailable":[1.0]' in capsys.readouterr().out


def test_an_event_that_is_none_goes_back(world: Migration, capsys: pytest.CaptureFixture[str]) -> None:
    assert add_claims.handler({}, Context()) == {}
    assert "ClaimsUnavailable" not in capsys.readouterr().out
    assert world.cognito.made("AdminGetUser")[-1]["UserPoolId"] != NEW


def test_the_profiles_values_reach_no_log(world: Migration, caplog: pytest.LogCaptureFixture) -> None:
    world.setting(LEDGER_TABLE="gone")
    replay("sign_in_v1")
    told = [str(vars(record)) for record in caplog.records]
    assert any("ledger ResourceNotFoundException" in line for line in told)
    assert not [line for line in told if "ann" in line]


class TestTheApplicationsOwnFunction:
    def test_it_gets_the_event_as_it_came(self, theirs: ScriptedLambda) -> None:
        replay("sign_in_v1")
        assert theirs.calls == [(THEIRS, event("sign_in_v1"))]

    def test_its_answer_and_ours_are_one(self, theirs: ScriptedLambda) -> None:
        own = {"claimsToAddOrOverride": {"plan": "gold"}, "groupOverrideDetails": {"groupsToOverride": []}}
        theirs.answers[THEIRS] = {**event("sign_in_v1"), "response": {"claimsOverrideDetails": own}}
        assert replay("sign_in_v1")["claimsOverrideDetails"] == {
            "claimsToAddOrOverride": {"plan": "gold", "old_sub": SUB},
            "groupOverrideDetails": {"groupsToOverride": []},
        }

    def test_what_it_raises_is_raised(self, theirs: ScriptedLambda) -> None:
        theirs.errors[THEIRS] = "Not from this network."
        with pytest.raises(ChainedFailure, match=r"^Not from this network\.$"):
            replay("sign_in_v1")

    @pytest.mark.parametrize("setting", [{"LEDGER_TABLE": "gone"}, {"OLD_SUB_CLAIM": "email"}])
    def test_it_is_called_whatever_is_wrong_with_us(
        self, world: Migration, theirs: ScriptedLambda, setting: dict[str, str]
    ) -> None:
        world.setting(**setting)
        own = {"claimsOverrideDetails": {"claimsToSuppress": ["email"]}}
        theirs.answers[THEIRS] = {**event("sign_in_v1"), "response": own}
        assert replay("sign_in_v1") == own

    def test_it_is_not_called_when_no_time_is_left(self, theirs: ScriptedLambda) -> None:
        with pytest.raises(ChainedFailure):
            add_claims.handler(event("sign_in_v1"), Context(seconds=0.3))
        assert theirs.calls == []
