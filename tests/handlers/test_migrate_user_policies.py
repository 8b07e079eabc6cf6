"""What hangs on a policy, on the ledger or on both pools, through the handler: one event a case."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.aws.rollout_switch import FRESH
from tests.fakes.migration import FORGOT, NEW, OLD, SUB, Migration, client, event, migration
from tests.fakes.scripted_cognito import Reply, challenge, error, pool, tokens, user

EVENTS = Path(__file__).parents[2] / "events"
CONTACT = {"email": "a@example.com", "email_verified": "true"}
PHONE = {"phone_number": "+15550100", "phone_number_verified": "true"}
WITH_SMS = {"MfaConfiguration": "OPTIONAL", "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::1:role/sms"}}
STRICT = {"Policies": {"PasswordPolicy": {"MinimumLength": 99, "RequireSymbols": True}}}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    with migration(monkeypatch) as made:
        yield made


def sent(case: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EVENTS / f"migrate_user_{case}.json").read_text())
    return read


def known(world: Migration, case: str, reply: Reply | None = None, **profile: Any) -> dict[str, Any]:
    """The person of the event, in the old pool. Gives the event."""
    of_case = sent(case)
    world.cognito.on("AdminInitiateAuth", reply or tokens(SUB))
    world.cognito.on("AdminGetUser", user(of_case["userName"], SUB, **{**CONTACT, **profile}), OLD)
    return of_case


def new_pool(world: Migration, **settings: Any) -> None:
    legacy = {"Name": "custom:old_sub", "AttributeDataType": "String", "Mutable": False}
    world.cognito.on("DescribeUserPool", pool(legacy, **settings), NEW)


def row(world: Migration, pk: str, sk: str, **attributes: Any) -> None:
    client("dynamodb").put_item(TableName=world.table, Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})


def is_reset(answer: dict[str, Any]) -> bool:
    response = answer["response"]
    return bool(response["userAttributes"]) and "finalUserStatus" not in response


def test_whoever_came_over_is_refused_before_the_old_profile_is_read(world: Migration) -> None:
    of_case = known(world, "came_over")
    row(world, f"user#{SUB}", "state", state={"S": "confirmed"}, old_sub={"S": SUB})
    assert world.trigger(copy.deepcopy(of_case)) == of_case
    assert world.cognito.made("AdminGetUser") == []


def test_a_released_user_is_offered_a_reset_whatever_is_proven(world: Migration) -> None:
    of_case = known(world, "released")
    row(
        world,
        f"user#{SUB}",
        "state",
        state={"S": "released"},
        old_sub={"S": SUB},
        released_at={"N": "1"},
    )
    for _ in range(2):
        assert is_reset(world.trigger(copy.deepcopy(of_case)))
    assert world.user_row()["state"] == "reset_offered"


def test_a_folded_name_is_asked_for_as_its_first_owner_is_called(world: Migration) -> None:
    of_case = known(world, "folded_name")
    world.cognito.on("AdminGetUser", user("Ada", SUB, **CONTACT), OLD)
    new_pool(world, UsernameConfiguration={"CaseSensitive": False})
    row(
        world,
        f"reserved#{NEW}#name#ada",
        "reservation",
        first_sub={"S": SUB},
        first_name={"S": "Ada"},
    )
    assert world.trigger(of_case)["response"]["finalUserStatus"] == "CONFIRMED"
    (asked,) = world.cognito.made("AdminInitiateAuth")
    assert asked["AuthParameters"]["USERNAME"] == "Ada"


def test_a_weak_password_has_to_be_reset(world: Migration) -> None:
    world.setting(WEAK_PASSWORD="reset")
    new_pool(world, **STRICT)
    assert is_reset(world.trigger(known(world, "weak_password")))


def test_a_temporary_password_has_to_be_reset(world: Migration) -> None:
    world.setting(TEMPORARY_PASSWORD="reset")
    reply = challenge("NEW_PASSWORD_REQUIRED", "tess")
    of_case = known(world, "temporary_password_to_reset", reply, status="FORCE_CHANGE_PASSWORD")
    assert is_reset(world.trigger(of_case))


def test_a_user_who_has_to_reset_has_to_do_so_in_the_new_pool(world: Migration) -> None:
    world.setting(RESET_REQUIRED="reset")
    reply = error("PasswordResetRequiredException", "Password reset required for the user")
    assert is_reset(world.trigger(known(world, "reset_required_to_reset", reply, status="RESET_REQUIRED")))


@pytest.mark.parametrize(("settings", "carried"), [(WITH_SMS, True), ({}, False)], ids=["sms", "no sms"])
def test_a_second_factor_by_sms_goes_over_where_the_new_pool_has_one(
    world: Migration, settings: dict[str, Any], carried: bool
) -> None:
    world.setting(MFA_POLICY="accept")
    new_pool(world, **settings)
    extra = {"UserMFASettingList": ["SMS_MFA"], "PreferredMfaSetting": "SMS_MFA"}
    of_case = known(world, "mfa_sms_to_reset", challenge("SMS_MFA", "sam"), extra=extra, **PHONE)
    answer = world.trigger(of_case)
    assert is_reset(answer)
    assert answer["response"].get("enableSMSMFA", False) is carried


def test_whoever_is_outside_the_share_gets_the_event_back(world: Migration) -> None:
    of_case = known(world, "outside_the_rollout")
    world.setting(ROLLOUT_PERCENT="1")
    assert world.trigger(copy.deepcopy(of_case)) == of_case
    assert world.cognito.made("AdminGetUser") == []
    assert world.rows() == {}


def test_a_pause_is_in_force_within_seconds_and_so_is_its_end(world: Migration) -> None:
    assert world.trigger()["response"]["finalUserStatus"] == "CONFIRMED"
    row(world, f"control#{NEW}", "rollout", paused={"S": "why"})
    time.sleep(FRESH)
    refused = event()
    assert world.trigger(copy.deepcopy(refused)) == refused
    asked = len(world.cognito.made("AdminInitiateAuth"))
    assert world.trigger(copy.deepcopy(refused)) == refused
    assert len(world.cognito.made("AdminInitiateAuth")) == asked
    row(world, f"control#{NEW}", "rollout", percent={"N": "100"})
    time.sleep(FRESH)
    assert world.trigger()["response"]["finalUserStatus"] == "CONFIRMED"


def test_forgotten_passwords_are_capped_by_the_hour(world: Migration) -> None:
    world.setting(FORGOT_PASSWORD="on", FORGOT_PASSWORD_PER_HOUR="1")
    assert is_reset(world.trigger(event(source=FORGOT)))
    another = user("bob", "another-sub", email="bob@example.com", email_verified="true")
    world.cognito.on("AdminGetUser", another, OLD)
    refused = event("bob", source=FORGOT)
    assert world.trigger(copy.deepcopy(refused)) == refused
    counted = [found for pk, found in world.rows().items() if pk.startswith(f"cap#{NEW}#")]
    assert [found["count"] for found in counted] == ["1"]
    assert time.time() < int(counted[0]["expires"]) < time.time() + 26 * 3600
