"""Detach: only our trigger, whatever else changed since, once or twice, with the stack or without."""

from __future__ import annotations

import pytest

from cutover.control.attach import attach
from cutover.control.detach import detach
from cutover.control.detach_plan import OurTriggers
from cutover.control.ledger_rows import AttachState
from cutover.errors import DifferencesFound, InterlockRefused
from tests.control.pools import FUNCTION, OTHER, OURS, STACK, TRIGGER, Bench, bench
from tests.fakes.cognito import AwsError


def attached_bench() -> Bench:
    on = bench(LambdaConfig={"PreSignUp": OTHER}, UserPoolTags={"team": "shop"})
    attach(on.attach_plan(), on.attach_ports())
    return on


def run(on: Bench, *, stack: OurTriggers | None = STACK) -> None:
    detach(on.detach_plan(stack=stack), on.detach_ports())


def test_our_triggers_are_out_and_the_function_before_is_back() -> None:
    on = attached_bench()
    run(on)
    assert on.service.pool["LambdaConfig"] == {"PreSignUp": OTHER}


def test_what_was_changed_while_attached_stays_as_it_is_now() -> None:
    on = attached_bench()
    on.service.pool["UserPoolTags"] = {"team": "renamed"}
    on.service.pool["LambdaConfig"]["PostConfirmation"] = OTHER
    run(on)
    assert on.service.pool["UserPoolTags"] == {"team": "renamed"}
    assert on.service.pool["LambdaConfig"] == {"PreSignUp": OTHER, "PostConfirmation": OTHER}


def test_a_second_run_has_nothing_to_do() -> None:
    on = attached_bench()
    run(on)
    assert on.detach_plan().steps == ()


def test_it_works_by_the_ledger_alone() -> None:
    on = attached_bench()
    on.protection.on = None
    run(on, stack=None)
    assert "UserMigration" not in on.service.pool["LambdaConfig"]


def test_it_works_by_the_stack_where_the_ledger_knows_nothing() -> None:
    on = attached_bench()
    on.ledger.attachment = None
    run(on, stack=OurTriggers(OURS, {"PreSignUp": OTHER}))
    assert on.service.pool["LambdaConfig"] == {"PreSignUp": OTHER}


def test_an_older_alias_of_our_function_is_ours() -> None:
    on = attached_bench()
    on.service.pool["LambdaConfig"]["UserMigration"] = f"{FUNCTION}:7"
    run(on)
    assert "UserMigration" not in on.service.pool["LambdaConfig"]


@pytest.mark.parametrize("stack", [STACK, None])
def test_where_nothing_of_ours_is_left_somebody_elses_trigger_is_refused(stack: OurTriggers | None) -> None:
    on = attached_bench()
    on.service.pool["LambdaConfig"] = {"UserMigration": OTHER}
    plan = on.detach_plan(stack=stack)
    assert ([refusal.code for refusal in plan.refusals], plan.steps) == (["foreign_trigger"], ())


def test_a_trigger_that_neither_ledger_nor_stack_know_is_refused() -> None:
    on = bench(LambdaConfig={"UserMigration": TRIGGER})
    plan = on.detach_plan(stack=None)
    assert [refusal.code for refusal in plan.refusals] == ["foreign_trigger"]


@pytest.mark.parametrize("before", [True, False])
def test_the_stacks_protection_is_put_back_to_what_it_was(before: bool) -> None:
    on = bench()
    on.protection.on = before
    attach(on.attach_plan(), on.attach_ports())
    run(on)
    assert on.protection.on is before


def test_triggers_that_somebody_took_off_still_lets_the_rest_be_put_back() -> None:
    on = attached_bench()
    on.service.pool["LambdaConfig"] = {}
    run(on)
    assert on.protection.on is False
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.DETACHED


def test_a_run_that_was_killed_after_the_update_is_brought_to_its_end() -> None:
    on = attached_bench()
    plan = on.detach_plan()
    run(on)
    on.protection.on = True
    on.ledger.attachment = plan.attachment
    run(on)
    assert on.protection.on is False
    assert len(on.service.sent("UpdateUserPool")) == 2


def test_a_change_between_plan_and_update_refuses_and_leaves_the_ledger_attached() -> None:
    on = attached_bench()
    plan = on.detach_plan()
    on.service.pool["UserPoolTags"] = {"by": "somebody"}
    with pytest.raises(InterlockRefused) as refused:
        detach(plan, on.detach_ports())
    assert refused.value.interlock == "pool_changed"
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.ATTACHED


def test_a_running_import_refuses_and_leaves_the_ledger_attached() -> None:
    on = attached_bench()

    def importing() -> None:
        raise AwsError("UserImportInProgressException")

    on.service.before["UpdateUserPool"].append(importing)
    with pytest.raises(InterlockRefused) as refused:
        run(on)
    assert refused.value.interlock == "import_running"
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.ATTACHED


def test_what_somebody_changes_right_after_the_update_is_kept_and_reported() -> None:
    on = attached_bench()
    on.service.after["UpdateUserPool"].append(lambda: on.service.pool.update(UserPoolTags={"by": "them"}))
    with pytest.raises(DifferencesFound) as found:
        run(on)
    assert "UserPoolTags" in found.value.cause
    assert on.service.pool["UserPoolTags"] == {"by": "them"}
    assert "UserMigration" not in on.service.pool["LambdaConfig"]


def test_the_ledger_says_when_it_was_detached() -> None:
    on = attached_bench()
    run(on)
    assert on.ledger.attachment is not None
    assert (on.ledger.attachment.state, on.ledger.attachment.at) == (AttachState.DETACHED, 2000)
