"""What AWS refuses or resets in UpdateUserPool, one trap a test, at the request that is sent."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.aws.pool_model import settings_model
from cutover.control.pool_ports import PoolState
from cutover.control.pool_settings import Request, request_with
from cutover.control.trigger_set import Entries
from tests.control.pools import OTHER, TRIGGER
from tests.fakes.cognito import POOL_ID, Cognito, a_pool

MODEL = settings_model(Cognito().client())


def request(edit: Entries | None = None, **settings: Any) -> Request:
    edit = {"UserMigration": TRIGGER} if edit is None else edit
    return request_with(PoolState(POOL_ID, a_pool(**settings), {}), edit, MODEL)


def policies(days: int | None) -> dict[str, Any]:
    return {"PasswordPolicy": {} if days is None else {"TemporaryPasswordValidityDays": days}}


def test_every_input_of_the_update_that_a_description_holds_is_carried() -> None:
    assert MODEL.inputs == {
        "AccountRecoverySetting",
        "AdminCreateUserConfig",
        "AutoVerifiedAttributes",
        "DeletionProtection",
        "DeviceConfiguration",
        "EmailConfiguration",
        "EmailVerificationMessage",
        "EmailVerificationSubject",
        "IssuerConfiguration",
        "KeyConfiguration",
        "LambdaConfig",
        "MfaConfiguration",
        "Policies",
        "SmsAuthenticationMessage",
        "SmsConfiguration",
        "SmsVerificationMessage",
        "UserAttributeUpdateSettings",
        "UserPoolAddOns",
        "UserPoolTags",
        "UserPoolTier",
        "VerificationMessageTemplate",
    } | (MODEL.inputs & {"AcrConfiguration", "DcrConfiguration"})


def test_the_pool_keeps_its_id_and_name() -> None:
    inputs = request().inputs
    assert (inputs["UserPoolId"], inputs["PoolName"]) == (POOL_ID, "customers")


def test_nothing_that_an_update_does_not_know_is_sent() -> None:
    fixed = {"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}, "Domain": "d"}
    assert request(**fixed).inputs.keys() <= MODEL.inputs | {"UserPoolId", "PoolName"}


def test_the_days_of_an_invitation_are_not_sent_beside_those_of_the_password_policy() -> None:
    invitation = {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 9}
    made = request(Policies=policies(9), AdminCreateUserConfig=invitation)
    assert made.inputs["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_the_days_of_an_invitation_are_sent_where_the_password_policy_has_none() -> None:
    made = request(Policies=policies(None), AdminCreateUserConfig={"UnusedAccountValidityDays": 9})
    assert made.inputs["AdminCreateUserConfig"] == {"UnusedAccountValidityDays": 9}


def test_the_plan_says_which_setting_is_not_sent() -> None:
    made = request(Policies=policies(9), AdminCreateUserConfig={"UnusedAccountValidityDays": 9})
    assert [left.path for left in made.left_out] == ["AdminCreateUserConfig.UnusedAccountValidityDays"]


BOTH = {
    "EmailMessage": "{####}",
    "EmailSubject": "s",
    "EmailMessageByLink": "{##a##}",
    "EmailSubjectByLink": "l",
}


@pytest.mark.parametrize(
    ("option", "dropped"),
    [("CONFIRM_WITH_CODE", "EmailMessageByLink"), ("CONFIRM_WITH_LINK", "EmailMessage")],
)
def test_of_two_verification_mails_the_one_in_use_is_sent(option: str, dropped: str) -> None:
    sent = request(VerificationMessageTemplate={**BOTH, "DefaultEmailOption": option}).inputs
    assert BOTH.keys() - sent["VerificationMessageTemplate"].keys() == {dropped}


def test_without_an_option_the_mail_by_code_is_the_one_in_use() -> None:
    assert (
        "EmailMessageByLink"
        not in request(VerificationMessageTemplate=BOTH).inputs["VerificationMessageTemplate"]
    )


def test_a_lone_verification_mail_is_sent_whatever_the_option() -> None:
    alone = {"EmailMessage": "{####}", "DefaultEmailOption": "CONFIRM_WITH_LINK"}
    assert request(VerificationMessageTemplate=alone).inputs["VerificationMessageTemplate"] == alone


def test_the_legacy_message_goes_with_the_template_message_that_it_mirrors() -> None:
    template = {**BOTH, "DefaultEmailOption": "CONFIRM_WITH_LINK"}
    made = request(VerificationMessageTemplate=template, EmailVerificationMessage="{####}")
    assert "EmailVerificationMessage" not in made.inputs


def test_the_legacy_messages_travel_beside_the_template() -> None:
    legacy = {
        "EmailVerificationMessage": "{####} mail",
        "EmailVerificationSubject": "subject",
        "SmsVerificationMessage": "{####} text",
        "SmsAuthenticationMessage": "{####} code",
    }
    assert request(**legacy).inputs.items() >= legacy.items()


@pytest.mark.parametrize(
    "name", ["SmsConfiguration", "UserPoolAddOns", "DeviceConfiguration", "AccountRecoverySetting"]
)
def test_an_empty_structure_is_never_sent(name: str) -> None:
    assert name not in request(**{name: {}}).inputs


def test_a_device_configuration_that_is_not_there_is_not_sent() -> None:
    assert "DeviceConfiguration" not in request().inputs


def test_an_empty_list_that_aws_needs_filled_is_not_sent() -> None:
    made = request(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": []}})
    assert "Policies" not in made.inputs


def test_an_empty_list_that_aws_takes_is_sent() -> None:
    assert request(AutoVerifiedAttributes=[]).inputs["AutoVerifiedAttributes"] == []


def test_null_settings_of_a_description_are_not_sent() -> None:
    assert "SmsAuthenticationMessage" not in request(SmsAuthenticationMessage=None).inputs


@pytest.mark.parametrize("mfa", ["OFF", "OPTIONAL", "ON"])
def test_the_second_factor_setting_is_always_sent(mfa: str) -> None:
    assert request(MfaConfiguration=mfa).inputs["MfaConfiguration"] == mfa


def test_the_tier_is_always_sent() -> None:
    assert request(UserPoolTier="LITE").inputs["UserPoolTier"] == "LITE"


LAMBDAS = {
    "PreSignUp": OTHER,
    "PreTokenGeneration": OTHER,
    "PreTokenGenerationConfig": {"LambdaVersion": "V2_0", "LambdaArn": OTHER},
    "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": OTHER},
    "KMSKeyID": "arn:aws:kms:eu-west-1:123456789012:key/0a",
    "InboundFederation": {"LambdaVersion": "V1_0", "LambdaArn": OTHER},
}


def test_the_other_triggers_stay_beside_ours() -> None:
    assert request(LambdaConfig=LAMBDAS).inputs["LambdaConfig"] == {**LAMBDAS, "UserMigration": TRIGGER}


def test_taking_our_trigger_out_keeps_the_others() -> None:
    made = request({"UserMigration": None}, LambdaConfig={**LAMBDAS, "UserMigration": TRIGGER})
    assert made.inputs["LambdaConfig"] == LAMBDAS


def test_the_last_trigger_is_taken_out_by_saying_so_and_not_by_silence() -> None:
    assert (
        request({"UserMigration": None}, LambdaConfig={"UserMigration": TRIGGER}).inputs["LambdaConfig"] == {}
    )


def test_making_a_request_changes_nothing_of_the_description() -> None:
    settings = a_pool(LambdaConfig={"PreSignUp": OTHER}, DeviceConfiguration={})
    request_with(PoolState(POOL_ID, settings, {}), {"UserMigration": TRIGGER}, MODEL)
    assert settings == a_pool(LambdaConfig={"PreSignUp": OTHER}, DeviceConfiguration={})


def test_an_empty_entry_beside_our_trigger_is_not_sent() -> None:
    assert request(LambdaConfig={"CustomSMSSender": {}}).inputs["LambdaConfig"] == {"UserMigration": TRIGGER}
