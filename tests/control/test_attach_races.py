"""Attach while somebody else writes to the pool too, or while AWS says no or says nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import ReadTimeoutError

from cutover.control.attach import attach
from cutover.control.ledger_rows import AttachState
from cutover.errors import CutoverError, DifferencesFound, InterlockRefused, PartlyDone
from tests.control.attaching import raising, run, set_in, trigger, triggers
from tests.control.pools import OTHER, SET_BY_US, TRIGGER, bench
from tests.fakes.cognito import AwsError, attribute


def test_a_change_between_plan_and_update_refuses_the_update() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.pool["UserPoolTags"] = {"by": "somebody"}
    with pytest.raises(InterlockRefused) as refused:
        attach(plan, on.attach_ports())
    assert (refused.value.interlock, on.service.sent("UpdateUserPool")) == ("pool_changed", [])


def test_a_change_of_the_second_factors_between_plan_and_update_refuses_too() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.mfa["EmailMfaConfiguration"] = {"Subject": "code"}
    with pytest.raises(InterlockRefused, match="somebody else"):
        attach(plan, on.attach_ports())


def test_new_users_between_plan_and_update_do_not_refuse_it() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.pool.update(EstimatedNumberOfUsers=99, LastModifiedDate=1800000000.0)
    attach(plan, on.attach_ports())
    assert trigger(on) == TRIGGER


def test_a_refused_update_leaves_stack_and_ledger_as_they_were() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.pool["UserPoolTags"] = {"by": "somebody"}
    with pytest.raises(InterlockRefused):
        attach(plan, on.attach_ports())
    assert on.protection.on is False
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.DETACHED


def test_what_somebody_changes_right_after_the_update_is_kept_and_reported() -> None:
    on = bench(UserPoolTags={"team": "shop"})
    on.service.after["UpdateUserPool"].append(set_in(on, UserPoolTags={"team": "theirs"}))
    with pytest.raises(DifferencesFound, match="as planned") as found:
        run(on)
    assert on.service.pool["UserPoolTags"] == {"team": "theirs"}
    assert "UserPoolTags.team" in found.value.cause


def test_our_trigger_is_taken_out_again_where_something_else_came_out_otherwise() -> None:
    on = bench(UserPoolTags={"team": "shop"})
    on.service.after["UpdateUserPool"].append(set_in(on, UserPoolTags={"team": "theirs"}))
    with pytest.raises(DifferencesFound):
        run(on)
    assert trigger(on) is None
    assert on.protection.on is False


def test_a_trigger_that_somebody_put_over_ours_is_not_touched() -> None:
    on = bench()
    on.service.after["UpdateUserPool"].append(set_in(on, LambdaConfig={"UserMigration": OTHER}))
    with pytest.raises(DifferencesFound, match="as planned"):
        run(on)
    assert trigger(on) == OTHER
    assert len(on.service.sent("UpdateUserPool")) == 1


def test_second_factors_that_changed_with_the_update_are_reported() -> None:
    on = bench()
    on.service.mfa["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    on.service.after["UpdateUserPool"].append(
        lambda: on.service.mfa.update(SoftwareTokenMfaConfiguration={"Enabled": False})
    )
    with pytest.raises(DifferencesFound) as found:
        run(on)
    assert "UserPoolMfaConfig.SoftwareTokenMfaConfiguration.Enabled" in found.value.cause


def test_a_change_that_no_update_can_make_is_reported_and_attach_stands() -> None:
    on = bench()
    on.service.after["UpdateUserPool"].append(set_in(on, Domain="new-domain"))
    assert [change.path for change in run(on).changed_elsewhere] == ["Domain"]
    assert trigger(on) == TRIGGER


def test_another_update_at_the_same_time_is_waited_out() -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(raising(AwsError("ConcurrentModificationException")))
    run(on)
    assert trigger(on) == TRIGGER
    assert on.slept


def test_another_update_that_changed_something_refuses_ours() -> None:
    on = bench()

    def theirs() -> None:
        on.service.pool["UserPoolTags"] = {"by": "somebody"}
        raise AwsError("ConcurrentModificationException")

    on.service.before["UpdateUserPool"].append(theirs)
    with pytest.raises(InterlockRefused, match="somebody else"):
        run(on)
    assert on.service.pool["UserPoolTags"] == {"by": "somebody"}


def test_other_updates_without_end_leave_the_run_to_be_resumed() -> None:
    on = bench()
    on.service.before["UpdateUserPool"] += [raising(AwsError("ConcurrentModificationException"))] * 9
    with pytest.raises(PartlyDone):
        run(on)
    assert len(on.service.sent("UpdateUserPool")) == 4


def test_a_lost_reply_of_an_update_that_was_done_is_not_repeated() -> None:
    on = bench()
    on.service.after["UpdateUserPool"].append(raising(ReadTimeoutError(endpoint_url="https://aws")))
    run(on)
    assert (trigger(on), len(on.service.sent("UpdateUserPool"))) == (TRIGGER, 1)


def test_a_no_after_a_lost_reply_takes_nothing_back_since_the_first_one_may_have_been_done() -> None:
    on = bench()
    on.service.before["UpdateUserPool"] += [
        raising(ReadTimeoutError(endpoint_url="https://aws")),
        raising(AwsError("AccessDeniedException")),
    ]
    with pytest.raises(CutoverError):
        run(on)
    assert on.protection.on is True
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.ATTACHING


def test_a_lost_request_is_sent_again() -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(raising(ReadTimeoutError(endpoint_url="https://aws")))
    run(on)
    assert (trigger(on), len(on.service.sent("UpdateUserPool"))) == (TRIGGER, 2)


def test_a_running_import_refuses_at_once() -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(raising(AwsError("UserImportInProgressException")))
    with pytest.raises(InterlockRefused) as refused:
        run(on)
    assert (refused.value.interlock, on.protection.on) == ("import_running", False)


def test_settings_that_aws_does_not_take_back_change_nothing() -> None:
    on = bench(SmsConfiguration={"SnsCallerArn": "arn"})
    on.service.before["UpdateUserPool"].append(raising(AwsError("InvalidParameterException", "SMS role")))
    with pytest.raises(CutoverError, match="does not take") as refused:
        run(on)
    assert "SMS role" in refused.value.cause
    assert on.protection.on is False


def test_another_new_attribute_beside_ours_is_somebody_elses_change() -> None:
    on = bench(SchemaAttributes=[attribute("email")])
    plan = on.attach_plan()
    on.service.after["AddCustomAttributes"].append(
        lambda: on.service.pool["SchemaAttributes"].append(attribute("custom:theirs"))
    )
    with pytest.raises(InterlockRefused, match="somebody else"):
        attach(plan, on.attach_ports())


def test_nothing_is_added_to_a_pool_that_moved_since_the_plan() -> None:
    on = bench(SchemaAttributes=[attribute("email")])
    plan = on.attach_plan()
    on.service.pool["UserPoolTags"] = {"by": "somebody"}
    with pytest.raises(InterlockRefused):
        attach(plan, on.attach_ports())
    assert on.service.sent("AddCustomAttributes") == []


def test_a_setting_that_the_sdk_does_not_know_refuses_before_anything_is_sent() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.pool["UserPoolAddOns"] = {"AdvancedSecurityMode": "OFF", "Novelty": {"On": True}}
    with pytest.raises(InterlockRefused) as refused:
        attach(plan, on.attach_ports())
    assert (refused.value.interlock, on.service.sent("UpdateUserPool")) == ("unknown_setting", [])


@pytest.mark.parametrize("wait", [1, 2, 3, 4])
def test_what_changed_in_any_wait_behind_a_throttled_update_is_not_overwritten(wait: int) -> None:
    on = bench()
    on.service.before["UpdateUserPool"].append(raising(AwsError("TooManyRequestsException")))
    plan, ports = on.attach_plan(), on.attach_ports()

    def waiting(seconds: float) -> None:
        on.slept.append(seconds)
        if len(on.slept) == wait:
            on.service.pool["UserPoolTags"] = {"by": "somebody"}

    with pytest.raises(InterlockRefused, match="somebody else"):
        attach(plan, replace(ports, sleep=waiting))
    assert on.service.pool["UserPoolTags"] == {"by": "somebody"}


def test_of_three_triggers_only_those_that_still_are_ours_are_taken_back() -> None:
    on = bench(LambdaConfig={"PreSignUp": OTHER}, UserPoolTags={"team": "shop"})

    def theirs() -> None:
        on.service.pool["LambdaConfig"]["UserMigration"] = OTHER
        on.service.pool["UserPoolTags"] = {"team": "theirs"}

    on.service.after["UpdateUserPool"].append(theirs)
    with pytest.raises(DifferencesFound):
        run(on)
    assert triggers(on) == {"PreSignUp": OTHER, "UserMigration": OTHER}


def test_an_update_of_which_one_trigger_does_not_show_yet_is_looked_at_again() -> None:
    on = bench()
    late = {name: entry for name, entry in SET_BY_US.items() if name != "PreSignUp"}
    on.service.after["UpdateUserPool"].append(set_in(on, LambdaConfig=late))
    on.service.before["DescribeUserPool"] += [lambda: None] * 3 + [set_in(on, LambdaConfig=SET_BY_US)]
    run(on)
    assert triggers(on) == SET_BY_US
    assert on.slept


def test_the_function_that_somebody_put_into_the_guards_place_refuses_the_update() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.pool["LambdaConfig"]["PreSignUp"] = OTHER
    with pytest.raises(InterlockRefused, match="somebody else"):
        attach(plan, on.attach_ports())
    assert triggers(on) == {"PreSignUp": OTHER}
