"""The front on the local stack: Cognito's migration rules, with a trigger that answers as told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.rehearsal.local import Local
from tests.rehearsal import probes

pytestmark = pytest.mark.local_stack
PASSWORD = "Correct-horse-1"

AS_TOLD = """
import json, os
TOLD = json.loads(os.environ["TOLD"])
def handler(event, context):
    print(json.dumps(event))
    if TOLD.get("raise"): raise ValueError("no")
    if TOLD.get("sleep"):
        import time
        time.sleep(TOLD["sleep"])
    if event["request"].get("password", "Correct-horse-1") == "Correct-horse-1":
        event["response"].update(TOLD.get("response", {}))
    return event
"""
PROFILE = {"email": "ann@example.com", "email_verified": "true"}
MIGRATED = {
    "response": {"userAttributes": PROFILE, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"}
}


@dataclass
class Pool:
    stack: Local
    id: str
    arn: str
    client: str
    function: str

    def sign_in(self, name: str = "ann", password: str = PASSWORD, **more: Any) -> Any:
        return self.stack.client("cognito-idp").initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
            **more,
        )

    def user(self, name: str = "ann") -> dict[str, Any] | None:
        cognito = self.stack.client("cognito-idp")
        try:
            return cognito.admin_get_user(UserPoolId=self.id, Username=name)
        except cognito.exceptions.UserNotFoundException:
            return None

    def events(self) -> list[dict[str, Any]]:
        """What the trigger was sent."""
        group = f"/aws/lambda/{self.function.rsplit(':', 1)[-1]}"
        rows = self.stack.client("logs").filter_log_events(logGroupName=group)["events"]
        return [json.loads(row["message"]) for row in rows if row["message"].startswith("{")]


@pytest.fixture
def pool(running_stack: Local) -> Callable[..., Pool]:
    def make(told: dict[str, Any], *, hides: bool = True, permitted: bool = True, **settings: Any) -> Pool:
        cognito = running_stack.client("cognito-idp")
        function = probes.function(running_stack, AS_TOLD, environment={"TOLD": json.dumps(told)})
        made = cognito.create_user_pool(
            PoolName="probe", LambdaConfig={"UserMigration": function}, **settings
        )["UserPool"]
        client = cognito.create_user_pool_client(
            UserPoolId=made["Id"],
            ClientName="web",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
            PreventUserExistenceErrors="ENABLED" if hides else "LEGACY",
        )["UserPoolClient"]["ClientId"]
        if permitted:
            probes.admit_cognito(running_stack, function, made["Arn"])
        return Pool(running_stack, made["Id"], made["Arn"], client, function)

    return make


def _refusal(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call()
    return raised.value.response["Error"]["Code"], raised.value.response["Error"]["Message"]


def test_a_confirmed_answer_signs_in_at_once(pool) -> None:
    assert "AccessToken" in pool(MIGRATED).sign_in()["AuthenticationResult"]


def test_a_second_sign_in_does_not_ask_the_trigger(pool) -> None:
    pool = pool(MIGRATED)
    pool.sign_in()
    pool.sign_in()
    assert len(pool.events()) == 1


def test_the_event_is_what_a_real_pool_sends(pool) -> None:
    pool = pool(MIGRATED)
    pool.sign_in(ClientMetadata={"a": "b"})
    event = pool.events()[0]
    assert event["request"] == {"password": PASSWORD, "validationData": {"a": "b"}, "userAttributes": None}
    assert (
        event["triggerSource"],
        event["userPoolId"],
        event["userName"],
        event["callerContext"]["clientId"],
    ) == (
        "UserMigration_Authentication",
        pool.id,
        "ann",
        pool.client,
    )


def test_an_empty_answer_looks_like_a_wrong_password(pool) -> None:
    assert _refusal(pool({}).sign_in) == ("NotAuthorizedException", "Incorrect username or password.")


def test_an_empty_answer_under_legacy_says_that_nobody_is_there(pool) -> None:
    assert _refusal(pool({}, hides=False).sign_in)[0] == "UserNotFoundException"


def test_a_trigger_that_raises(pool) -> None:
    pool = pool({"raise": True})
    assert _refusal(pool.sign_in) == (
        "UserNotFoundException",
        f"Exception migrating user in app client {pool.client}",
    )


def test_a_trigger_that_cognito_may_not_invoke(pool) -> None:
    pool = pool(MIGRATED, permitted=False)
    assert _refusal(pool.sign_in)[1] == f"Exception migrating user in app client {pool.client}"


@pytest.mark.slow
def test_a_trigger_that_is_too_slow_is_tried_three_times(pool) -> None:
    pool = pool({"sleep": 6, **MIGRATED})
    assert _refusal(pool.sign_in)[1].startswith("Exception migrating user")
    assert len(probes.until(lambda: [1, 2, 3] if len(pool.events()) == 3 else [])) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"userAttributes": {"custom:x": "1"}}, "custom:x: Attribute does not exist in the schema."),
        ({"userAttributes": {"sub": "1"}}, "sub: Cannot modify an already provided sub"),
        ({"userAttributes": {"email_verified": True}}, "email_verified: Attribute must be a string"),
        ({"finalUserStatus": "RESET_REQUIRED"}, "Error during migration: invalid finalUserStatus"),
        ({"messageAction": "RESEND"}, "Error during migration: invalid messageAction"),
        ({"desiredDeliveryMediums": ["POST"]}, "Error during migration: invalid desiredDeliveryMedium"),
    ],
)
def test_a_wrong_answer_is_refused_and_makes_nobody(pool, change: dict[str, Any], message: str) -> None:
    pool = pool({"response": {**MIGRATED["response"], **change}})
    code, text = _refusal(pool.sign_in)
    assert (code, message in text, pool.user()) == ("UserNotFoundException", True, None)


def test_a_missing_required_attribute_is_refused(pool) -> None:
    pool = pool(MIGRATED, Schema=[{"Name": "name", "Required": True, "AttributeDataType": "String"}])
    assert "name: The attribute is required" in _refusal(pool.sign_in)[1]


def test_without_a_final_status_a_reset_is_required(pool) -> None:
    pool = pool({"response": {"userAttributes": PROFILE}}, hides=False)
    assert _refusal(pool.sign_in)[0] == "PasswordResetRequiredException"
    assert pool.user()["UserStatus"] == "RESET_REQUIRED"


def test_a_client_that_hides_existence_hides_a_required_reset(pool) -> None:
    assert _refusal(pool({"response": {"userAttributes": PROFILE}}).sign_in)[0] == "NotAuthorizedException"


def test_an_alias_pool_wants_the_real_name_back(pool) -> None:
    pool = pool(MIGRATED, AliasAttributes=["email"])
    assert "Username cannot be of email format" in _refusal(lambda: pool.sign_in("ann@example.com"))[1]


def test_a_returned_name_becomes_the_user_name_where_an_alias_was_typed(pool) -> None:
    response = {**MIGRATED["response"], "userAttributes": {**PROFILE, "username": "ann-1"}}
    pool = pool({"response": response}, AliasAttributes=["email"])
    pool.sign_in("ann@example.com")
    assert pool.user("ann-1")["Username"] == "ann-1"


def test_an_alias_that_somebody_holds_fails_the_migration(pool) -> None:
    pool = pool(MIGRATED, AliasAttributes=["email"])
    pool.stack.client("cognito-idp").admin_create_user(
        UserPoolId=pool.id,
        Username="stranger",
        UserAttributes=[{"Name": name, "Value": value} for name, value in PROFILE.items()],
    )
    assert "already exists" in _refusal(pool.sign_in)[1]
    assert pool.user() is None


def test_a_name_in_capitals_is_folded_where_the_pool_knows_no_case(pool) -> None:
    pool = pool(MIGRATED, UsernameConfiguration={"CaseSensitive": False})
    pool.sign_in("ANN")
    assert (pool.events()[0]["userName"], pool.user("Ann")["Username"]) == ("ann", "ann")


def test_a_forgotten_password_brings_a_user_over_to_be_reset(pool) -> None:
    pool = pool({"response": {"userAttributes": PROFILE}})
    sent = pool.stack.client("cognito-idp").forgot_password(ClientId=pool.client, Username="ann")
    assert sent["CodeDeliveryDetails"]["AttributeName"] == "email"
    event = pool.events()[0]
    assert (event["triggerSource"], "password" in event["request"], pool.user()["UserStatus"]) == (
        "UserMigration_ForgotPassword",
        False,
        "RESET_REQUIRED",
    )


def test_a_forgotten_password_of_a_stranger_looks_like_one_of_a_user(pool) -> None:
    pool = pool({})
    sent = pool.stack.client("cognito-idp").forgot_password(ClientId=pool.client, Username="ann")
    assert ("CodeDeliveryDetails" in sent, pool.user()) == (True, None)


def test_a_client_without_the_flow_refuses(pool) -> None:
    pool = pool(MIGRATED)
    cognito = pool.stack.client("cognito-idp")
    cognito.update_user_pool_client(
        UserPoolId=pool.id, ClientId=pool.client, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )
    assert _refusal(pool.sign_in) == (
        "InvalidParameterException",
        "USER_PASSWORD_AUTH flow not enabled for this client",
    )


def test_a_client_with_a_secret_wants_its_hash(pool) -> None:
    pool = pool(MIGRATED)
    pool.client = pool.stack.client("cognito-idp").create_user_pool_client(
        UserPoolId=pool.id,
        ClientName="secret",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    assert _refusal(pool.sign_in)[0] == "NotAuthorizedException"


def test_updating_one_setting_of_a_pool_resets_the_others(pool) -> None:
    pool = pool(MIGRATED, AutoVerifiedAttributes=["email"], UserPoolTags={"a": "b"})
    cognito = pool.stack.client("cognito-idp")
    cognito.update_user_pool(UserPoolId=pool.id, DeletionProtection="ACTIVE")
    after = cognito.describe_user_pool(UserPoolId=pool.id)["UserPool"]
    kept = {name for name in ("AutoVerifiedAttributes", "UserPoolTags", "LambdaConfig") if name in after}
    assert (kept, after["DeletionProtection"]) == (set(), "ACTIVE")


def test_updating_one_setting_of_a_client_resets_the_others(pool) -> None:
    pool = pool(MIGRATED)
    cognito = pool.stack.client("cognito-idp")
    cognito.update_user_pool_client(UserPoolId=pool.id, ClientId=pool.client, ClientName="other")
    after = cognito.describe_user_pool_client(UserPoolId=pool.id, ClientId=pool.client)["UserPoolClient"]
    assert after["PreventUserExistenceErrors"] == "LEGACY"


def test_users_are_listed_by_their_status(pool) -> None:
    pool = pool({})
    cognito = pool.stack.client("cognito-idp")
    for name in ("a", "b"):
        cognito.admin_create_user(UserPoolId=pool.id, Username=name)
    cognito.admin_set_user_password(UserPoolId=pool.id, Username="b", Password=PASSWORD, Permanent=True)
    found = cognito.list_users(UserPoolId=pool.id, Filter='cognito:user_status = "CONFIRMED"')["Users"]
    assert [user["Username"] for user in found] == ["b"]
