"""What keeps attach from running, each condition by its code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.attach_plan import AttachPlan, with_taken
from cutover.control.old_sub import AttributeReport
from cutover.control.refusals import Refusal, raise_first
from cutover.control.taken_names import PoolUser, Taken
from cutover.control.takeover_checks import OldSignUp
from cutover.control.trigger_plan import StackTriggers
from cutover.control.trigger_set import CLAIMS, GUARD, KINDS, MIGRATION
from cutover.errors import InterlockRefused
from tests.control.pools import (
    ALL,
    FUNCTION,
    GOOD_POLICY,
    OTHER,
    SET_BY_US,
    TRIGGER,
    WITHOUT_GUARD,
    Bench,
    bench,
    functions,
    no_attribute,
    policy,
)
from tests.fakes.cognito import ACCOUNT, POOL_ARN


def codes(plan: AttachPlan) -> list[str]:
    return [refusal.code for refusal in plan.refusals]


def stack_with(kind: str, **more: Any) -> StackTriggers:
    """Our functions, of which that of `kind` is as it says."""
    ours = functions()
    return StackTriggers({**ours, kind: replace(ours[kind], **more)})


def migration(**more: Any) -> StackTriggers:
    return stack_with(MIGRATION, **more)


def test_nothing_refuses_a_pool_that_is_right_and_an_operator_who_accepts() -> None:
    assert codes(bench().attach_plan()) == []


def without_a_guard() -> StackTriggers:
    return StackTriggers(functions(MIGRATION, CLAIMS))


def test_a_stack_without_a_guard_wants_the_word() -> None:
    plan = bench().attach_plan(stack_triggers=without_a_guard())
    assert codes(plan) == ["no_guard"]
    assert "sign up" in plan.refusals[0].cause


def test_with_the_word_a_stack_without_a_guard_is_attached() -> None:
    assert codes(bench().attach_plan(WITHOUT_GUARD, stack_triggers=without_a_guard())) == []


def test_somebody_elses_trigger_is_never_replaced() -> None:
    assert codes(bench(LambdaConfig={"UserMigration": OTHER}).attach_plan()) == ["foreign_trigger"]


def test_a_function_whose_name_begins_like_ours_is_somebody_elses() -> None:
    assert codes(bench(LambdaConfig={"UserMigration": f"{FUNCTION}-2"}).attach_plan()) == ["foreign_trigger"]


@pytest.mark.parametrize("qualifier", [":7", ":$LATEST", ""])
def test_another_qualifier_of_our_function_is_ours(qualifier: str) -> None:
    plan = bench(LambdaConfig={"UserMigration": FUNCTION + qualifier}).attach_plan()
    assert (codes(plan), plan.updates_pool) == ([], True)


def test_a_pool_that_is_attached_already_refuses_nothing() -> None:
    plan = bench(LambdaConfig=SET_BY_US).attach_plan(replace(ALL, add_attribute=False))
    assert (codes(plan), plan.updates_pool) == ([], False)


def test_an_attribute_for_the_old_sub_is_added_only_where_asked() -> None:
    plan = bench().attach_plan(replace(ALL, add_attribute=False), attribute=no_attribute())
    assert codes(plan) == ["old_sub_missing"]


def test_what_is_wrong_with_the_attribute_refuses() -> None:
    wrong = AttributeReport(
        "custom:old_sub", missing=False, refusals=(Refusal("old_sub_mutable", "mutable"),)
    )
    assert codes(bench().attach_plan(attribute=wrong)) == ["old_sub_mutable"]


@pytest.mark.parametrize("arn", [FUNCTION, f"{FUNCTION}:$LATEST"])
def test_a_trigger_without_an_alias_is_refused(arn: str) -> None:
    assert codes(bench().attach_plan(stack_triggers=migration(arn=arn))) == ["no_alias"]


def test_a_trigger_of_another_region_is_refused() -> None:
    elsewhere = TRIGGER.replace("eu-west-1", "us-east-1")
    assert codes(bench().attach_plan(stack_triggers=migration(arn=elsewhere))) == ["wrong_region"]


@pytest.mark.parametrize("wrong", [{"state": "Pending"}, {"state": "Inactive"}, {"last_update": "Failed"}])
def test_a_function_that_is_not_ready_is_refused(wrong: dict[str, str]) -> None:
    assert codes(bench().attach_plan(stack_triggers=migration(**wrong))) == ["function_not_active"]


SOURCE_ARN = {"AWS:SourceArn": POOL_ARN}
SOURCE_ACCOUNT = {"AWS:SourceAccount": ACCOUNT}


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"Statement": []},
        policy(),
        policy(ArnLike=SOURCE_ARN),
        policy(StringEquals=SOURCE_ACCOUNT),
        policy(ArnLike={"AWS:SourceArn": f"{POOL_ARN}x"}, StringEquals=SOURCE_ACCOUNT),
        policy(ArnLike={"AWS:SourceArn": "arn:aws:cognito-idp:*:*:userpool/*"}, StringEquals=SOURCE_ACCOUNT),
        policy(ArnLike=SOURCE_ARN, StringEquals={"AWS:SourceAccount": "999999999999"}),
        policy(ArnNotLike=SOURCE_ARN, StringEquals=SOURCE_ACCOUNT),
        {"Statement": [{**GOOD_POLICY["Statement"][0], "Effect": "Deny"}]},
        {"Statement": [{**GOOD_POLICY["Statement"][0], "Principal": {"Service": "s3.amazonaws.com"}}]},
        {"Statement": [{**GOOD_POLICY["Statement"][0], "Action": "lambda:GetFunction"}]},
    ],
)
def test_a_function_that_cognito_may_not_invoke_for_this_pool_is_refused(
    wrong: dict[str, Any] | None,
) -> None:
    assert codes(bench().attach_plan(stack_triggers=migration(policy=wrong))) == ["no_invoke_permission"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_of_our_functions_has_to_let_cognito_in(kind: str) -> None:
    plan = bench().attach_plan(stack_triggers=stack_with(kind, policy=None))
    assert codes(plan) == ["no_invoke_permission"]
    assert functions()[kind].arn in plan.refusals[0].cause


def test_a_function_that_is_left_out_may_be_as_it_is() -> None:
    plan = bench().attach_plan(WITHOUT_GUARD, stack_triggers=stack_with(GUARD, policy=None))
    assert codes(plan) == []


@pytest.mark.parametrize("key", ["aws:SourceArn", "AWS:sourcearn", "AWS:SourceArn"])
def test_iam_does_not_tell_the_case_of_a_condition_key(key: str) -> None:
    good = policy(ArnEquals={key: POOL_ARN}, StringEquals={"aws:sourceaccount": [ACCOUNT]})
    assert codes(bench().attach_plan(stack_triggers=migration(policy=good))) == []


@pytest.mark.parametrize("conditions", [{}, {"ArnLike": SOURCE_ARN}, {"StringEquals": SOURCE_ACCOUNT}])
def test_a_function_that_any_pool_may_invoke_is_refused_in_spite_of_the_right_statement(
    conditions: dict[str, Any],
) -> None:
    both = {"Statement": [*GOOD_POLICY["Statement"], *policy(**conditions)["Statement"]]}
    assert codes(bench().attach_plan(stack_triggers=migration(policy=both))) == ["open_invoke_permission"]


def test_a_sign_in_name_that_can_be_changed_refuses_whatever_is_typed() -> None:
    refusals = (Refusal("name_changeable", "by e-mail"),)
    assert codes(bench().attach_plan(WITHOUT_GUARD, name_refusals=refusals)) == ["name_changeable"]


@pytest.mark.parametrize(
    ("old", "code"),
    [(OldSignUp(open=True), "old_sign_up_open"), (OldSignUp(None, "denied"), "old_sign_up_unknown")],
)
def test_an_old_pool_that_people_may_still_sign_up_in_wants_the_word(old: OldSignUp, code: str) -> None:
    assert codes(bench().attach_plan(old_sign_up=old)) == [code]
    assert codes(bench().attach_plan(replace(ALL, old_sign_up_open=True), old_sign_up=old)) == []


def some_taken(on: Bench) -> tuple[Taken, ...]:
    user = PoolUser("ann", "s-1", "CONFIRMED")
    return (Taken(user, user, ("username",)),)


def test_taken_names_refuse() -> None:
    on, accepted = bench(), replace(ALL, taken_names=False)
    assert codes(with_taken(on.attach_plan(accepted), some_taken(on), accepted)) == ["names_taken"]


def test_taken_names_can_be_accepted() -> None:
    on = bench()
    assert codes(with_taken(on.attach_plan(), some_taken(on), ALL)) == []


def test_the_first_refusal_is_raised_and_names_the_others() -> None:
    with pytest.raises(InterlockRefused, match="one") as refused:
        raise_first([Refusal("first", "one"), Refusal("second", "two")])
    assert (refused.value.interlock, refused.value.exit_code) == ("first", 4)
    assert "second" in refused.value.cause
