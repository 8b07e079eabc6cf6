"""Settings of the two pools that a migration runs into."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.doctor.examine import examine
from cutover.control.doctor.facts import DoctorFacts, Keeper, PoolFacts
from cutover.control.refusals import Refusal
from tests.control.doctor.healthy import (
    CLIENT,
    NEW,
    OLD,
    OLD_ARN,
    TRIGGERS,
    codes,
    deployment,
    healthy,
    only,
    pool,
)
from tests.control.pools import GUARDING, OTHER, TRIGGER
from tests.fakes.cognito import REGION


def changed_new(mfa: str = "OFF", parameters: dict[str, str] | None = None, **settings: Any) -> DoctorFacts:
    facts = healthy()
    assert facts.new is not None
    changed = replace(pool({**NEW, **settings}, mfa), clients=facts.new.clients)
    return healthy(new=changed, deployment=deployment(**(parameters or {})))


def changed_old(mfa: str = "OFF", parameters: dict[str, str] | None = None, **settings: Any) -> DoctorFacts:
    return healthy(old=pool({**OLD, **settings}, mfa), deployment=deployment(**(parameters or {})))


def triggers(**more: Any) -> dict[str, Any]:
    return {**NEW["LambdaConfig"], **more}  # type: ignore[dict-item]


def test_open_sign_up_without_the_guard_is_an_error() -> None:
    facts = changed_new(LambdaConfig={"UserMigration": TRIGGER})
    assert codes(facts) == ["sign_up_unguarded"]


def test_a_sign_in_name_that_can_be_changed_unproven_is_an_error() -> None:
    assert codes(changed_new(UsernameAttributes=["email"])) == ["name_changeable"]


def test_closed_sign_up_needs_no_guard() -> None:
    facts = changed_new(
        LambdaConfig={"UserMigration": TRIGGER}, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
    )
    assert codes(facts) == []


def test_sign_up_in_the_old_pool_is_named() -> None:
    assert codes(changed_old(AdminCreateUserConfig={})) == ["old_sign_up_open"]


@pytest.mark.parametrize(
    ("trigger", "parameter"),
    [("PreSignUp", "ChainedPreSignUpArn"), ("PreTokenGenerationConfig", "ChainedPreTokenArn")],
)
def test_a_function_that_ours_would_displace_is_an_error_until_it_is_chained(
    trigger: str, parameter: str
) -> None:
    closed = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
    value = OTHER if trigger == "PreSignUp" else {"LambdaVersion": "V2_0", "LambdaArn": OTHER}
    facts = changed_new(LambdaConfig=triggers(**{trigger: value}), **closed)
    assert parameter in only(facts, "chain_not_deployed").fix
    kind = trigger.removesuffix("Config")
    assert codes(replace(facts, triggers=replace(TRIGGERS, chained={kind: OTHER}))) == []


def test_another_version_of_our_own_function_is_ours() -> None:
    closed = {"AllowAdminCreateUserOnly": True}
    version = GUARDING.replace(":live", ":7")
    assert codes(changed_new(LambdaConfig=triggers(PreSignUp=version), AdminCreateUserConfig=closed)) == []


@pytest.mark.parametrize(
    ("trigger", "value", "code"),
    [
        ("PreAuthentication", OTHER, "pre_authentication"),
        ("CustomEmailSender", {"LambdaArn": OTHER}, "custom_sender"),
        ("CustomSMSSender", {"LambdaArn": OTHER}, "custom_sender"),
    ],
)
def test_functions_of_the_new_pool_that_run_at_a_migration_are_noted(
    trigger: str, value: Any, code: str
) -> None:
    assert codes(changed_new(LambdaConfig=triggers(**{trigger: value}))) == [code]


@pytest.mark.parametrize("trigger", ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"])
def test_functions_of_the_old_pool_that_run_at_each_migration_are_named(trigger: str) -> None:
    assert codes(changed_old(LambdaConfig={trigger: OTHER})) == ["old_trigger_runs"]


def test_a_trigger_of_the_old_pool_that_does_not_run_at_a_sign_in_is_not_named() -> None:
    assert codes(changed_old(LambdaConfig={"PostConfirmation": OTHER})) == []


def test_somebody_elses_migration_trigger_is_an_error_before_attach() -> None:
    facts = replace(changed_new(LambdaConfig=triggers(UserMigration=OTHER)), attachment=None)
    assert "foreign_trigger" in codes(facts)


@pytest.mark.parametrize(
    ("old", "policy", "new", "expected"),
    [
        ("OFF", "refuse", "OFF", []),
        ("OPTIONAL", "refuse", "OPTIONAL", ["second_factor_refused"]),
        ("ON", "refuse", "OPTIONAL", ["second_factor_refuses_all"]),
        ("ON", "accept", "OPTIONAL", []),
        ("OPTIONAL", "accept", "OFF", ["second_factor_dropped"]),
        ("OFF", "refuse", "ON", ["second_factor_asked"]),
    ],
)
def test_second_factors_of_the_pools_and_the_policy_have_to_fit(
    old: str, policy: str, new: str, expected: list[str]
) -> None:
    facts = changed_old(mfa=old, parameters={"MfaPolicy": policy})
    assert codes(replace(facts, new=replace(changed_new(mfa=new).new, clients=facts.new.clients))) == expected  # type: ignore[type-var,union-attr]


def test_cognitos_own_sender_and_its_limit_are_named() -> None:
    assert "50" in only(changed_new(EmailConfiguration={}), "email_limit").what


def test_a_sender_of_ones_own_has_no_such_limit() -> None:
    custom = triggers(CustomEmailSender={"LambdaArn": OTHER})
    assert codes(changed_new(EmailConfiguration={}, LambdaConfig=custom)) == ["custom_sender"]


def test_the_stack_that_keeps_the_pool_is_named_with_its_tool() -> None:
    finding = only(healthy(keeper_read=True, keeper=Keeper("people", "CDK")), "kept_by_a_stack")
    assert finding.data == {"stack": "people", "tool": "CDK"}
    assert finding.words == ("attach", "--print", "cdk")


def test_a_pool_without_a_stack_may_be_terraforms() -> None:
    assert "Terraform" in only(healthy(keeper_read=True), "kept_elsewhere").reason


def test_an_identity_provider_that_only_the_old_pool_has_is_named() -> None:
    facts = healthy()
    old = replace(facts.old, providers={"Google": {}, "Okta": {}})  # type: ignore[type-var]
    new = replace(facts.new, providers={"Okta": {}})  # type: ignore[type-var]
    assert "Google" in only(replace(facts, old=old, new=new), "provider_missing").what


def test_one_pool_twice_is_an_error() -> None:
    facts = healthy()
    assert "same_pool" in codes(replace(facts, old=facts.new))


def test_what_attach_refuses_is_found_under_the_same_code() -> None:
    facts = healthy(refused=(Refusal("unknown_setting", "the pool has settings"),))
    assert codes(facts) == ["unknown_setting"]


def test_a_missing_attribute_for_the_old_sub_comes_with_attachs_command() -> None:
    facts = healthy()
    report = replace(facts.attribute, missing=True)  # type: ignore[type-var]
    assert only(replace(facts, attribute=report), "old_sub_missing").words[0] == "attach"


def test_a_writable_old_sub_is_an_error() -> None:
    refusal = Refusal("old_sub_writable", "an app client may write it", cause=f"client {CLIENT['ClientId']}")
    report = replace(healthy().attribute, refusals=(refusal,))  # type: ignore[type-var]
    assert codes(healthy(attribute=report)) == ["old_sub_writable"]


def test_a_role_that_only_the_functions_may_take_is_a_note() -> None:
    finding = only(healthy(old_role_error="AccessDenied"), "old_role_refused")
    assert (finding.severity, "AccessDenied" in finding.reason) == ("note", True)


def in_another_region() -> PoolFacts:
    return pool({**OLD, "Arn": OLD_ARN.replace(REGION, "ap-south-1")})


def test_pools_in_two_regions_share_no_quota() -> None:
    assert examine(healthy(old=in_another_region())) == ()


def test_a_rate_that_doubles_into_the_shared_quota_is_a_warning() -> None:
    assert only(healthy(peak=30.0), "quota_near").data["expected"] == 60.0


def test_a_small_rate_is_a_note() -> None:
    assert only(healthy(peak=3.0), "quota_shared").data["peak"] == 3.0


def test_a_rate_alone_is_weighed_once_where_the_pools_share_nothing() -> None:
    assert examine(healthy(old=in_another_region(), peak=59.0)) == ()
