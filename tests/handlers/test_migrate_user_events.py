"""Every `events/migrate_user_*.json` through the handler, against one old pool with a person for each."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.users.events import MigrationFault
from tests.canary import PASSWORD
from tests.fakes.migration import NEW, OLD, SUB, Migration, migration
from tests.fakes.scripted_cognito import Reply, challenge, error, pool, tokens, user

BY_POLICY = {
    "came_over",
    "folded_name",
    "mfa_sms_to_reset",
    "outside_the_rollout",
    "released",
    "reset_required_to_reset",
    "temporary_password_to_reset",
    "weak_password",
}
"""Events whose answer hangs on a policy, the ledger or the two pools: see test_migrate_user_policies."""
EVENTS = [
    path
    for path in sorted((Path(__file__).parents[2] / "events").glob("migrate_user_*.json"))
    if path.stem.removeprefix("migrate_user_") not in BY_POLICY
]
WRONG = error("NotAuthorizedException", "Incorrect username or password.")
UNKNOWN = error("UserNotFoundException", "User does not exist.")
ANN = user(
    "ann",
    SUB,
    email="ann@example.com",
    email_verified="true",
    phone_number="+15550100",
    phone_number_verified="true",
)
UNA = user("una", SUB, email="una@example.com", email_verified="false")
MAX = user(
    "max", SUB, email="m@x.y", email_verified="true", extra={"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]}
)

PEOPLE: dict[str, tuple[Reply, Reply]] = {
    "ann": (tokens(SUB), ANN),
    "ann@example.com": (tokens(SUB), ANN),
    "+15550100": (tokens(SUB), ANN),
    SUB: (tokens(SUB), ANN),
    "una": (tokens(SUB), UNA),
    "gil": (tokens(SUB, **{"cognito:groups": ["staff"]}), user("gil", SUB)),
    "dan": (error("NotAuthorizedException", "User is disabled."), user("dan", SUB, enabled=False)),
    "lou": (error("NotAuthorizedException", "Password attempts exceeded"), user("lou", SUB)),
    "una-confirmed": (
        error("UserNotConfirmedException", "User is not confirmed."),
        user("una-confirmed", SUB, status="UNCONFIRMED"),
    ),
    "rita": (error("PasswordResetRequiredException", "Password reset required for the user"), UNKNOWN),
    "tom": (challenge("NEW_PASSWORD_REQUIRED", "tom"), user("tom", SUB, status="FORCE_CHANGE_PASSWORD")),
    "theo": (error("NotAuthorizedException", "Temporary password has expired and must be reset"), UNKNOWN),
    "mia": (challenge("SMS_MFA", "mia"), UNKNOWN),
    "max": (challenge("SOFTWARE_TOKEN_MFA", "max"), MAX),
    "meg": (challenge("MFA_SETUP", "meg"), UNKNOWN),
    "google_1234567890": (WRONG, user("google_1234567890", SUB, status="EXTERNAL_PROVIDER")),
    "thora": (error("TooManyRequestsException", "Rate exceeded"), UNKNOWN),
    "dora": (error("InternalErrorException", "", 500), UNKNOWN),
}

PROVEN = {
    "sign_in",
    "sign_in_by_email",
    "sign_in_by_phone",
    "unverified_email",
    "in_groups",
    "client_metadata",
    "optional_keys_absent",
}
RESET = {"forgot_password"}
FAULT = {"old_pool_throttled", "old_pool_down"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    with migration(monkeypatch) as made:
        made.setting(FORGOT_PASSWORD="on")
        made.cognito.on("AdminInitiateAuth", _sign_in)
        made.cognito.on("AdminGetUser", lambda asked: PEOPLE.get(asked["Username"], (WRONG, UNKNOWN))[1], OLD)
        made.cognito.on("DescribeUserPool", pool(AliasAttributes=["email", "phone_number"]), OLD)
        yield made


def _sign_in(asked: dict[str, Any]) -> Reply:
    reply = PEOPLE.get(asked["AuthParameters"]["USERNAME"], (UNKNOWN, UNKNOWN))[0]
    accepted = reply[0] == 200
    return WRONG if accepted and asked["AuthParameters"]["PASSWORD"] != PASSWORD else reply


def _case(path: Path) -> str:
    return path.stem.removeprefix("migrate_user_")


@pytest.mark.parametrize("path", EVENTS, ids=_case)
def test_an_event_gets_its_answer(world: Migration, path: Path) -> None:
    sent = json.loads(path.read_text())
    if _case(path) in FAULT:
        with pytest.raises(MigrationFault):
            world.trigger(copy.deepcopy(sent))
        return
    answer = world.trigger(copy.deepcopy(sent))
    if _case(path) in PROVEN:
        assert answer["response"]["finalUserStatus"] == "CONFIRMED"
    elif _case(path) in RESET:
        assert answer["response"]["userAttributes"]["email_verified"] == "true"
        assert "finalUserStatus" not in answer["response"]
    else:
        assert answer == sent


def test_every_case_has_its_event() -> None:
    assert {_case(path) for path in EVENTS} >= PROVEN | RESET | FAULT


@pytest.mark.parametrize("path", EVENTS, ids=_case)
def test_an_event_is_for_the_pool_of_the_tests(path: Path) -> None:
    sent = json.loads(path.read_text())
    assert sent["userPoolId"] == NEW or "another_pool" in path.name
