"""A function that the pool has already is called by ours after itself, and is put back when ours go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.attach import attach
from cutover.control.attach_plan import AttachPlan
from cutover.control.detach import detach
from cutover.control.detach_plan import DetachPlan, OurTriggers
from cutover.control.ledger_rows import AttachState
from cutover.control.pool_diff import differences
from cutover.control.trigger_plan import StackTriggers
from cutover.control.trigger_set import CLAIMS, GUARD, MIGRATION
from tests.control.attaching import attached, run, triggers
from tests.control.pools import (
    ALL,
    CLAIMING,
    GUARDING,
    OTHER,
    SET_BY_US,
    STACK,
    TRIGGER,
    WITHOUT_GUARD,
    Bench,
    bench,
    functions,
)

ANOTHER = f"{OTHER}-2"
THEIR_CLAIMS = {"LambdaVersion": "V1_0", "LambdaArn": OTHER}


def codes(plan: AttachPlan | DetachPlan) -> list[str]:
    return [refusal.code for refusal in plan.refusals]


def deployed_with(**chained: str) -> StackTriggers:
    return StackTriggers(functions(), chained)


def off(on: Bench, stack: OurTriggers | None = STACK) -> None:
    detach(on.detach_plan(stack=stack), on.detach_ports())


@pytest.mark.parametrize(
    ("config", "parameter"),
    [
        ({GUARD: OTHER}, "ChainedPreSignUpArn"),
        ({CLAIMS: OTHER}, "ChainedPreTokenArn"),
        ({"PreTokenGenerationConfig": THEIR_CLAIMS}, "ChainedPreTokenArn"),
    ],
    ids=str,
)
@pytest.mark.parametrize("chained", [{}, {GUARD: ANOTHER, CLAIMS: ANOTHER}], ids=["none", "another"])
def test_a_function_that_ours_would_not_call_refuses_and_says_what_to_deploy(
    config: dict[str, Any], parameter: str, chained: dict[str, str]
) -> None:
    plan = bench(LambdaConfig=config).attach_plan(stack_triggers=deployed_with(**chained))
    assert codes(plan) == ["chain_not_deployed"]
    assert plan.refusals[0].parameters == {parameter: OTHER}
    assert f"cutover init --set {parameter}={OTHER}" in plan.refusals[0].fix


def test_a_function_that_ours_was_deployed_to_call_is_chained() -> None:
    on = bench(LambdaConfig={GUARD: OTHER})
    plan = on.attach_plan(stack_triggers=deployed_with(PreSignUp=OTHER))
    attach(plan, on.attach_ports())
    assert (triggers(on)[GUARD], plan.triggers.chained) == (GUARDING, {GUARD: OTHER})


@pytest.mark.parametrize("own", [GUARDING, GUARDING.replace(":live", ":3"), CLAIMING])
def test_ours_are_never_chained_to_themselves(own: str) -> None:
    plan = bench().attach_plan(stack_triggers=deployed_with(PreSignUp=own))
    assert codes(plan) == ["chained_to_itself"]


def test_an_older_version_of_our_guard_needs_no_chain() -> None:
    on = bench(LambdaConfig={GUARD: GUARDING.replace(":live", ":3")})
    attach(on.attach_plan(stack_triggers=deployed_with()), on.attach_ports())
    assert triggers(on)[GUARD] == GUARDING


def test_a_function_stays_where_ours_is_left_out() -> None:
    on = bench(LambdaConfig={GUARD: OTHER, CLAIMS: OTHER})
    plan = on.attach_plan(WITHOUT_GUARD, stack_triggers=deployed_with())
    attach(plan, on.attach_ports())
    assert triggers(on) == {GUARD: OTHER, CLAIMS: OTHER, MIGRATION: TRIGGER}


def test_a_stack_of_an_older_template_attaches_what_it_has_and_says_so() -> None:
    on = bench()
    plan = on.attach_plan(replace(ALL, no_guard=True), stack_triggers=StackTriggers(functions(MIGRATION)))
    attach(plan, on.attach_ports())
    assert triggers(on) == {MIGRATION: TRIGGER}
    assert "older template" in plan.triggers.left_out[CLAIMS]


def test_the_ledger_says_what_was_set_and_what_was_there() -> None:
    on = bench(LambdaConfig={GUARD: OTHER})
    run(on)
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.triggers == SET_BY_US
    assert on.ledger.attachment.previous_triggers == {GUARD: OTHER}


def test_an_attachment_of_the_migration_trigger_alone_is_completed() -> None:
    on = bench(LambdaConfig={MIGRATION: TRIGGER, GUARD: OTHER})
    on.ledger.attachment = attached(triggers={})
    run(on)
    assert triggers(on) == SET_BY_US
    off(on)
    assert triggers(on) == {GUARD: OTHER}


def test_an_older_row_detaches() -> None:
    on = bench(LambdaConfig={MIGRATION: TRIGGER, GUARD: OTHER})
    on.ledger.attachment = attached(triggers={})
    off(on, stack=None)
    assert triggers(on) == {GUARD: OTHER}


def test_attaching_again_remembers_what_was_there_before_the_first_time() -> None:
    on = bench(LambdaConfig={GUARD: OTHER})
    run(on)
    del on.service.pool["LambdaConfig"][MIGRATION]
    run(on, stack_triggers=deployed_with(PreSignUp=OTHER))
    off(on)
    assert triggers(on) == {GUARD: OTHER}


def test_attaching_again_with_the_guard_left_out_still_knows_of_it() -> None:
    on = bench(LambdaConfig={GUARD: OTHER})
    run(on)
    del on.service.pool["LambdaConfig"][MIGRATION]
    attach(on.attach_plan(WITHOUT_GUARD), on.attach_ports())
    off(on, stack=None)
    assert triggers(on) == {GUARD: OTHER}


def test_where_the_ledger_knows_nothing_what_ours_calls_is_what_was_there() -> None:
    on = bench(LambdaConfig={GUARD: GUARDING.replace(":live", ":3")})
    run(on, stack_triggers=deployed_with(PreSignUp=OTHER))
    off(on)
    assert triggers(on) == {GUARD: OTHER}


@pytest.mark.parametrize("both", [False, True], ids=["as sent", "under both names"])
@pytest.mark.parametrize(
    "before",
    [
        {},
        {CLAIMS: OTHER},
        {"PreTokenGenerationConfig": THEIR_CLAIMS},
        {CLAIMS: OTHER, "PreTokenGenerationConfig": THEIR_CLAIMS},
    ],
    ids=["none", "older name", "newer name", "both names"],
)
def test_a_pre_token_function_comes_back_however_aws_shows_it(before: dict[str, Any], both: bool) -> None:
    on = bench(LambdaConfig=before)
    on.service.shows_both_names = both
    first = on.pool.describe().view
    run(on)
    off(on)
    assert differences(first, on.pool.describe().view) == ()


@pytest.mark.parametrize("both", [False, True], ids=["as sent", "under both names"])
def test_a_pool_that_is_attached_needs_nothing_however_aws_shows_it(both: bool) -> None:
    on = bench()
    on.service.shows_both_names = both
    run(on)
    assert on.attach_plan().steps == ()


@pytest.mark.parametrize("theirs", [ANOTHER, None], ids=["another", "none"])
def test_a_guard_that_somebody_changed_is_left_and_reported(theirs: str | None) -> None:
    on = bench(LambdaConfig={GUARD: OTHER})
    run(on)
    on.service.pool["LambdaConfig"].pop(GUARD)
    on.service.pool["LambdaConfig"].update({GUARD: theirs} if theirs else {})
    plan = on.detach_plan()
    detach(plan, on.detach_ports())
    assert triggers(on) == ({GUARD: theirs} if theirs else {})
    assert [(left.kind, left.now, left.before) for left in plan.left] == [(GUARD, theirs, OTHER)]


def test_somebody_elses_migration_trigger_does_not_keep_our_guard_in_the_pool() -> None:
    on = bench()
    run(on)
    on.service.pool["LambdaConfig"][MIGRATION] = OTHER
    plan = on.detach_plan()
    detach(plan, on.detach_ports())
    assert (codes(plan), triggers(on)) == ([], {MIGRATION: OTHER})
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.state is AttachState.DETACHED


def test_a_function_that_is_ours_is_never_put_back() -> None:
    on = bench(LambdaConfig={GUARD: GUARDING.replace(":live", ":3")})
    run(on, stack_triggers=deployed_with())
    off(on)
    assert triggers(on) == {}
