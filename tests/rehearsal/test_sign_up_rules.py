"""The front on the local stack: the functions that a pool asks before a sign-up and before tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
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
    if TOLD.get("raise"): raise ValueError(TOLD["raise"])
    event["response"].update(TOLD.get("response", {}))
    return event
"""
ANN = {"email": "ann@example.com", "email_verified": "true"}
MIGRATED = {"response": {"userAttributes": ANN, "finalUserStatus": "CONFIRMED"}}


@dataclass
class Pool:
    """A pool with its client; `functions` by the key of LambdaConfig."""

    stack: Local
    id: str
    client: str
    functions: dict[str, str] = field(default_factory=dict)

    @property
    def cognito(self) -> Any:
        return self.stack.client("cognito-idp")

    def sign_up(self, name: str = "ann", **more: Any) -> dict[str, Any]:
        rows = [{"Name": "email", "Value": "ann@example.com"}]
        made: dict[str, Any] = self.cognito.sign_up(
            ClientId=self.client, Username=name, Password=PASSWORD, UserAttributes=rows, **more
        )
        return made

    def sign_in(self, name: str = "ann", **more: Any) -> dict[str, Any]:
        reply: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
            **more,
        )
        return reply

    def user(self, name: str = "ann") -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.cognito.admin_get_user(UserPoolId=self.id, Username=name)
        except ClientError:
            return None
        return found

    def events(self, trigger: str = "PreSignUp") -> list[dict[str, Any]]:
        """What that function was sent."""
        group = f"/aws/lambda/{self.functions[trigger].rsplit(':', 1)[-1]}"
        logs = self.stack.client("logs")
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        rows = logs.filter_log_events(logGroupName=group)["events"]
        return [json.loads(row["message"]) for row in rows if row["message"].startswith("{")]


Make = Callable[..., Pool]


@pytest.fixture
def pool(running_stack: Local) -> Make:
    def make(permitted: bool = True, **told: dict[str, Any]) -> Pool:
        """`told` is what each trigger answers."""
        cognito = running_stack.client("cognito-idp")
        functions = {
            trigger: probes.function(running_stack, AS_TOLD, environment={"TOLD": json.dumps(answer)})
            for trigger, answer in told.items()
        }
        config: dict[str, Any] = dict(functions)
        if "PreTokenGeneration" in config:
            arn = config["PreTokenGeneration"]
            config["PreTokenGenerationConfig"] = {"LambdaVersion": "V2_0", "LambdaArn": arn}
        made = cognito.create_user_pool(PoolName="probe", LambdaConfig=config)["UserPool"]
        client = cognito.create_user_pool_client(
            UserPoolId=made["Id"],
            ClientName="web",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )["UserPoolClient"]["ClientId"]
        for arn in functions.values() if permitted else ():
            probes.admit_cognito(running_stack, arn, made["Arn"])
        return Pool(running_stack, made["Id"], client, functions)

    return make


def refused(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        call()
    error = raised.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_sign_up_asks_the_function_once_and_with_everything_that_was_sent(pool: Make) -> None:
    pool_ = pool(PreSignUp={})
    pool_.sign_up(ClientMetadata={"a": "b"}, ValidationData=[{"Name": "c", "Value": "d"}])
    [event] = pool_.events()
    assert (event["triggerSource"], event["userName"]) == ("PreSignUp_SignUp", "ann")
    assert event["callerContext"]["clientId"] == pool_.client
    assert event["request"] == {
        "userAttributes": {"email": "ann@example.com"},
        "validationData": {"c": "d"},
        "clientMetadata": {"a": "b"},
    }


def test_a_function_that_raises_refuses_with_its_text_and_makes_nobody(pool: Make) -> None:
    pool_ = pool(PreSignUp={"raise": "no"})
    assert refused(pool_.sign_up) == ("UserLambdaValidationException", "PreSignUp failed with error no.")
    assert pool_.user() is None


def test_a_function_that_cognito_may_not_invoke_makes_nobody(pool: Make) -> None:
    pool_ = pool(permitted=False, PreSignUp={})
    assert refused(pool_.sign_up)[0] == "UnexpectedLambdaException"
    assert pool_.user() is None


def test_what_the_function_confirms_and_verifies_is_so(pool: Make) -> None:
    pool_ = pool(PreSignUp={"response": {"autoConfirmUser": True, "autoVerifyEmail": True}})
    assert pool_.sign_up()["UserConfirmed"] is True
    found = pool_.user()
    assert found is not None
    assert found["UserStatus"] == "CONFIRMED"
    assert {"Name": "email_verified", "Value": "true"} in found["UserAttributes"]


def test_an_administrators_creation_asks_under_its_own_source(pool: Make) -> None:
    pool_ = pool(PreSignUp={})
    pool_.cognito.admin_create_user(UserPoolId=pool_.id, Username="ann", ClientMetadata={"a": "b"})
    [event] = pool_.events()
    assert (event["triggerSource"], event["request"]["clientMetadata"]) == (
        "PreSignUp_AdminCreateUser",
        {"a": "b"},
    )


def test_an_invitation_that_is_sent_again_asks_nobody(pool: Make) -> None:
    pool_ = pool(PreSignUp={})
    pool_.cognito.admin_create_user(UserPoolId=pool_.id, Username="ann")
    pool_.cognito.admin_create_user(UserPoolId=pool_.id, Username="ann", MessageAction="RESEND")
    assert len(pool_.events()) == 1


def test_a_migration_asks_the_function_with_what_the_trigger_answered(pool: Make) -> None:
    pool_ = pool(UserMigration=MIGRATED, PreSignUp={"response": {"autoConfirmUser": False}})
    assert "AccessToken" in pool_.sign_in(ClientMetadata={"a": "b"})["AuthenticationResult"]
    [event] = pool_.events()
    assert (event["triggerSource"], event["callerContext"]["clientId"]) == (
        "PreSignUp_AdminCreateUser",
        pool_.client,
    )
    assert event["request"] == {
        "userAttributes": ANN,
        "validationData": None,
        "clientMetadata": {"a": "b"},
    }


def test_a_function_that_refuses_a_migration_keeps_the_person_out(pool: Make) -> None:
    pool_ = pool(UserMigration=MIGRATED, PreSignUp={"raise": "no"})
    assert refused(pool_.sign_in)[1] == "PreSignUp failed with error no."
    assert pool_.user() is None


def test_a_trigger_that_knows_nobody_asks_no_function(pool: Make) -> None:
    pool_ = pool(UserMigration={}, PreSignUp={})
    refused(pool_.sign_in)
    assert pool_.events() == []


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    said: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return said


def test_claims_and_groups_of_the_token_function_are_in_both_tokens(pool: Make) -> None:
    more = {"claimsToAddOrOverride": {"old_sub": "s"}}
    details = {
        "idTokenGeneration": more,
        "accessTokenGeneration": more,
        "groupOverrideDetails": {"groupsToOverride": ["admins"]},
    }
    pool_ = pool(
        UserMigration=MIGRATED, PreTokenGeneration={"response": {"claimsAndScopeOverrideDetails": details}}
    )
    tokens = pool_.sign_in()["AuthenticationResult"]
    for token in (tokens["IdToken"], tokens["AccessToken"]):
        said = claims(token)
        assert (said["old_sub"], said["cognito:groups"]) == ("s", ["admins"])


def test_a_token_function_that_fails_lets_nobody_in(pool: Make) -> None:
    pool_ = pool(UserMigration=MIGRATED, PreTokenGeneration={"raise": "no"})
    assert refused(pool_.sign_in)[0] == "UserLambdaValidationException"


def test_a_token_function_that_cognito_may_not_invoke_lets_nobody_in(pool: Make) -> None:
    pool_ = pool(permitted=False, PreTokenGeneration={})
    pool_.cognito.admin_create_user(UserPoolId=pool_.id, Username="ann")
    pool_.cognito.admin_set_user_password(
        UserPoolId=pool_.id, Username="ann", Password=PASSWORD, Permanent=True
    )
    assert refused(pool_.sign_in)[0] == "UnexpectedLambdaException"
