"""The trigger through its handler: environment, SDK, ledger, queue, and the answer as Cognito gets it."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from cutover.aws.old_pool import secret_hash
from cutover.handlers import migrate_user
from cutover.users.events import FAULT_TEXT, MigrationFault
from tests.canary import PASSWORD
from tests.fakes.migration import (
    FORGOT,
    LEGACY,
    NEW,
    OLD,
    OLD_CLIENT,
    SUB,
    Context,
    Migration,
    client,
    event,
    migration,
)
from tests.fakes.scripted_cognito import Reply, challenge, error, tokens, user
from tests.fakes.sts import short_lived_sts


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[Migration]:
    with migration(monkeypatch) as made:
        yield made


REFUSALS: dict[str, Reply] = {
    "unknown": error("UserNotFoundException", "User does not exist."),
    "wrong password": error("NotAuthorizedException", "Incorrect username or password."),
    "another wording": error("NotAuthorizedException", "Nobody has seen this one"),
    "disabled": error("NotAuthorizedException", "User is disabled."),
    "locked": error("NotAuthorizedException", "Password attempts exceeded"),
    "risk": error("NotAuthorizedException", "Unable to login because of security reasons"),
    "expired": error("NotAuthorizedException", "Temporary password has expired and must be reset"),
    "unconfirmed": error("UserNotConfirmedException", "User is not confirmed."),
    "reset required": error("PasswordResetRequiredException", "Password reset required for the user"),
    "temporary": challenge("NEW_PASSWORD_REQUIRED", "ann"),
    "sms": challenge("SMS_MFA", "ann"),
    "email code": challenge("EMAIL_OTP", "ann"),
    "totp": challenge("SOFTWARE_TOKEN_MFA", "ann"),
    "choice of factors": challenge("SELECT_MFA_TYPE", "ann"),
    "factor to set up": challenge("MFA_SETUP", "ann"),
    "custom": challenge("CUSTOM_CHALLENGE", "ann"),
    "unheard of": challenge("FINGERPRINT", "ann"),
    "no tokens": (200, {"AuthenticationResult": {}}),
    "nothing": (200, {}),
    "no json": (200, b"<html>"),
    "a challenge beside tokens": (200, {**tokens(SUB)[1], "ChallengeName": "SMS_MFA"}),
    "tokens of nobody": tokens(None),
    "tokens of another": tokens("somebody-else"),
    "broken tokens": (200, {"AuthenticationResult": {"IdToken": "x.y.z", "AccessToken": "x"}}),
}

FAULTS: dict[str, Reply] = {
    "throttled": error("TooManyRequestsException", "Rate exceeded"),
    "internal": error("InternalErrorException", "", 500),
    "unavailable": error("ServiceUnavailable", "", 503),
    "no json": (500, b"<html>"),
    "no client": error("ResourceNotFoundException", "User pool client does not exist."),
    "flow is off": error("InvalidParameterException", "Auth flow not enabled for this client"),
    "secret missing": error(
        "NotAuthorizedException", "Client c is configured for secret but secret was not received"
    ),
    "secret wrong": error("NotAuthorizedException", "Unable to verify secret hash for client c"),
    "denied": error(
        "AccessDeniedException", "User is not authorized to perform: cognito-idp:AdminInitiateAuth"
    ),
    "expired credentials": error("ExpiredTokenException", "The security token is expired"),
    "old trigger says no": error("UserLambdaValidationException", "PreAuthentication failed with error x"),
    "old trigger fails": error("UnexpectedLambdaException", ""),
    "old trigger talks nonsense": error("InvalidLambdaResponseException", ""),
    "sms role": error("InvalidSmsRoleAccessPolicyException", ""),
    "sms trust": error("InvalidSmsRoleTrustRelationshipException", ""),
    "email role": error("InvalidEmailRoleAccessPolicyException", ""),
    "pool": error("InvalidUserPoolConfigurationException", ""),
    "mfa method": error("MFAMethodNotFoundException", ""),
    "unsupported": error("UnsupportedOperationException", ""),
    "not enabled": error("OperationNotEnabledException", ""),
    "tier": error("FeatureUnavailableInTierException", ""),
}


def test_a_proven_password_makes_a_confirmed_user(world: Migration) -> None:
    sent = event()
    answer = world.trigger(copy.deepcopy(sent))
    assert answer["response"] == {
        "userAttributes": {"email": "ann@example.com", "email_verified": "true", "name": "Ann", LEGACY: SUB},
        "finalUserStatus": "CONFIRMED",
        "messageAction": "SUPPRESS",
        "forceAliasCreation": False,
    }
    assert {**answer, "response": None} == {**sent, "response": None}


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_a_refusal_gives_back_the_very_event(world: Migration, case: str) -> None:
    world.cognito.on("AdminInitiateAuth", REFUSALS[case])
    sent = event()
    assert json.dumps(world.trigger(copy.deepcopy(sent))) == json.dumps(sent)
    assert world.rows() == {}
    assert world.messages() == []


@pytest.mark.parametrize("case", sorted(FAULTS))
def test_a_fault_raises_one_text(world: Migration, case: str) -> None:
    world.cognito.on("AdminInitiateAuth", FAULTS[case])
    with pytest.raises(MigrationFault) as raised:
        world.trigger()
    assert str(raised.value) == FAULT_TEXT
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert world.rows() == {}


@pytest.mark.parametrize("case", ["throttled", "internal", "unavailable", "no json", "denied"])
def test_one_click_is_one_attempt(world: Migration, case: str) -> None:
    world.cognito.on("AdminInitiateAuth", FAULTS[case])
    with contextlib.suppress(MigrationFault):
        world.trigger()
    assert len(world.cognito.made("AdminInitiateAuth")) == 1


def test_the_attempt_is_made_with_the_name_as_it_was_typed(world: Migration) -> None:
    world.trigger(event("ann@example.com"))
    assert world.cognito.made("AdminInitiateAuth") == [
        {
            "UserPoolId": OLD,
            "ClientId": OLD_CLIENT,
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": "ann@example.com", "PASSWORD": PASSWORD},
        }
    ]


def test_a_hanging_old_pool_is_given_up_within_cognitos_patience(world: Migration) -> None:
    world.cognito.delays["AdminInitiateAuth"] = 3
    with pytest.raises(MigrationFault):
        world.trigger()
    assert len(world.cognito.made("AdminInitiateAuth")) == 1


def test_an_old_pool_that_cannot_be_reached_is_a_fault(world: Migration) -> None:
    world.setting(AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER="http://127.0.0.1:1")
    with pytest.raises(MigrationFault):
        world.trigger()


class TestTheClientsSecret:
    @pytest.mark.parametrize("kept", ["s3cr3t", "s3cr3t\n", json.dumps({"client_secret": "s3cr3t"})])
    def test_the_hash_is_of_the_name_as_it_was_typed(self, world: Migration, kept: str) -> None:
        arn = client("secretsmanager").create_secret(Name="old", SecretString=kept)["ARN"]
        world.setting(OLD_CLIENT_SECRET_ARN=arn)
        world.trigger(event("ann@example.com"))
        sent = world.cognito.made("AdminInitiateAuth")[0]["AuthParameters"]
        assert sent["SECRET_HASH"] == secret_hash("s3cr3t", "ann@example.com", OLD_CLIENT)

    def test_it_is_the_documented_hmac(self) -> None:
        assert secret_hash("secret", "ann", "client") == "1KBhTmaloN8gn8mYFOpcHRnT/Jn7qaddEv2E6vNUy30="

    @pytest.mark.parametrize("kept", [None, "{}", " \n", json.dumps({"client_secret": ""})])
    def test_without_it_nothing_is_tried(self, world: Migration, kept: str | None) -> None:
        arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-AbCdEf"
        if kept is not None:
            arn = client("secretsmanager").create_secret(Name="old", SecretString=kept)["ARN"]
        world.setting(OLD_CLIENT_SECRET_ARN=arn)
        with pytest.raises(MigrationFault):
            world.trigger()
        assert world.cognito.made("AdminInitiateAuth") == []


class TestWhereTheOldPoolIs:
    ROLE = "arn:aws:iam::222222222222:role/reader"

    def test_each_pool_is_asked_in_its_own_region(self, world: Migration) -> None:
        old = "us-east-1_OldPool01"
        world.setting(OLD_USER_POOL_ID=old)
        world.cognito.on("AdminGetUser", user("ann", SUB), old)
        world.trigger()
        regions = dict(zip((name for name, _ in world.cognito.calls), world.cognito.signed, strict=True))
        assert regions["AdminInitiateAuth"][1] == "us-east-1"
        assert regions["DescribeUserPool"][1] == "eu-west-1"

    def test_a_region_that_is_named_comes_first(self, world: Migration) -> None:
        world.setting(OLD_REGION="sa-east-1")
        world.trigger()
        asked = [name for name, _ in world.cognito.calls].index("AdminInitiateAuth")
        assert world.cognito.signed[asked][1] == "sa-east-1"

    def test_a_role_of_another_account_is_taken_for_the_old_pool_alone(self, world: Migration) -> None:
        with short_lived_sts(seconds=3600) as sts:
            world.setting(OLD_ROLE_ARN=self.ROLE, OLD_EXTERNAL_ID="handshake", AWS_ENDPOINT_URL_STS=sts.url)
            assert world.trigger()["response"]["finalUserStatus"] == "CONFIRMED"
            assert [(asked["RoleArn"], asked["ExternalId"]) for asked in sts.assumed] == [
                (self.ROLE, "handshake")
            ]
        keys = {
            name: signed[0]
            for (name, _), signed in zip(world.cognito.calls, world.cognito.signed, strict=True)
        }
        assert keys["AdminInitiateAuth"].startswith("ASIA")
        assert not keys["DescribeUserPool"].startswith("ASIA")

    def test_a_role_that_cannot_be_taken_is_a_fault(self, world: Migration) -> None:
        world.setting(OLD_ROLE_ARN=self.ROLE, AWS_ENDPOINT_URL_STS="http://127.0.0.1:1")
        with pytest.raises(MigrationFault):
            world.trigger()
        assert world.cognito.made("AdminInitiateAuth") == []


class TestRefusedEvents:
    @pytest.mark.parametrize(
        "changes",
        [
            {"userPoolId": "eu-west-1_other"},
            {"userPoolId": OLD},
            {"userPoolId": None},
            {"triggerSource": "PreSignUp_SignUp"},
            {"triggerSource": "UserMigration_Something"},
            {"triggerSource": None},
            {"userName": ""},
            {"userName": None},
            {"request": None},
            {"request": {"password": None}},
        ],
        ids=str,
    )
    def test_nothing_is_asked_about_them(self, world: Migration, changes: dict[str, Any]) -> None:
        sent = event(**changes)
        assert world.trigger(copy.deepcopy(sent)) == sent
        assert world.cognito.calls == []

    @pytest.mark.parametrize("client", ["another", "", None])
    def test_a_client_that_is_not_allowed(self, world: Migration, client: str | None) -> None:
        world.setting(ALLOWED_CLIENT_IDS="web,app")
        sent = event(callerContext={"clientId": client})
        assert world.trigger(copy.deepcopy(sent)) == sent
        assert world.cognito.calls == []

    @pytest.mark.parametrize("sent", [None, [], "x", 7, {}])
    def test_what_is_no_event_goes_back(self, world: Migration, sent: Any) -> None:
        assert migrate_user.handler(sent, Context()) == sent


@pytest.mark.parametrize("absent", ["callerContext", "response", "version", "region"])
def test_an_optional_key_may_be_absent(world: Migration, absent: str) -> None:
    sent = event()
    del sent[absent]
    assert world.trigger(sent)["response"]["finalUserStatus"] == "CONFIRMED"


@pytest.mark.parametrize("poison", ["validationData", "clientMetadata"])
def test_what_the_client_sends_beside_the_password_changes_nothing(world: Migration, poison: str) -> None:
    plain = world.trigger()["response"]
    sent = event()
    sent["request"][poison] = {"userAttributes": "x", "finalUserStatus": "CONFIRMED", "sub": "x"}
    assert world.trigger(sent)["response"] == plain


def test_nothing_of_the_response_that_came_in_is_kept(world: Migration) -> None:
    world.setting(MFA_POLICY="accept")
    world.cognito.on("AdminInitiateAuth", challenge("SMS_MFA", "ann"))
    sent = event(response={"finalUserStatus": "CONFIRMED", "forceAliasCreation": True, "enableSMSMFA": True})
    answer = world.trigger(sent)["response"]
    assert "finalUserStatus" not in answer
    assert answer["forceAliasCreation"] is False
    assert "enableSMSMFA" not in answer


class TestForgotPassword:
    def test_off_by_default(self, world: Migration) -> None:
        sent = event(source=FORGOT)
        assert world.trigger(copy.deepcopy(sent)) == sent
        assert world.cognito.calls == []

    def test_on_it_creates_a_user_who_has_to_reset(self, world: Migration) -> None:
        world.setting(FORGOT_PASSWORD="on")
        answer = world.trigger(event(source=FORGOT))["response"]
        assert "finalUserStatus" not in answer
        assert world.user_row()["state"] == "reset_offered"
        assert world.cognito.made("AdminInitiateAuth") == []

    @pytest.mark.parametrize(
        "extra",
        [
            {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"]},
            {"PreferredMfaSetting": "SMS_MFA"},
            {"MFAOptions": [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]},
        ],
        ids=str,
    )
    def test_a_second_factor_of_any_kind_refuses(self, world: Migration, extra: dict[str, Any]) -> None:
        world.setting(FORGOT_PASSWORD="on")
        world.cognito.on(
            "AdminGetUser", user("ann", SUB, email="a@b.c", email_verified="true", extra=extra), OLD
        )
        sent = event(source=FORGOT)
        assert world.trigger(copy.deepcopy(sent)) == sent

    def test_unknown_disabled_and_unverified_get_one_answer(self, world: Migration) -> None:
        world.setting(FORGOT_PASSWORD="on")
        answers = set()
        for reply in (
            error("UserNotFoundException", "User does not exist."),
            user("ann", SUB, enabled=False, email="a@b.c", email_verified="true"),
            user("ann", SUB, email="a@b.c", email_verified="false"),
            user("ann", SUB, status="EXTERNAL_PROVIDER", email="a@b.c", email_verified="true"),
        ):
            world.cognito.on("AdminGetUser", reply, OLD)
            answers.add(json.dumps(world.trigger(event(source=FORGOT))))
        assert answers == {json.dumps(event(source=FORGOT))}


def test_an_old_pool_that_may_not_be_described_is_taken_at_its_strictest(world: Migration) -> None:
    world.cognito.on("DescribeUserPool", error("AccessDeniedException"), OLD)
    assert world.trigger()["response"]["finalUserStatus"] == "CONFIRMED"
    assert world.trigger(event("ANN"))["response"]["userAttributes"] is None


def test_a_new_pool_that_cannot_be_described_is_a_fault(world: Migration) -> None:
    world.cognito.on("DescribeUserPool", error("AccessDeniedException"), NEW)
    with pytest.raises(MigrationFault):
        world.trigger()


@pytest.mark.parametrize("name", ["NEW_USER_POOL_ID", "OLD_CLIENT_ID", "LEDGER_TABLE", "SETTLE_QUEUE_URL"])
def test_a_missing_setting_is_a_fault_that_names_it(
    world: Migration, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.patch.delenv(name)
    with pytest.raises(MigrationFault):
        world.trigger()
    assert caplog.records[-1].cause == f"{name} is not set"  # type: ignore[attr-defined]


def test_a_context_is_not_needed(world: Migration) -> None:
    assert migrate_user.handler(event(), None)["response"]["finalUserStatus"] == "CONFIRMED"


def test_too_little_time_begins_nothing(world: Migration) -> None:
    with pytest.raises(MigrationFault):
        world.trigger(context=Context(seconds=1.0))
    assert world.cognito.calls == []


def test_a_changed_setting_is_followed(world: Migration) -> None:
    world.trigger()
    world.setting(OLD_CLIENT_ID="another-client")
    world.trigger()
    clients = [call["ClientId"] for call in world.cognito.made("AdminInitiateAuth")]
    assert clients == [OLD_CLIENT, "another-client"]
