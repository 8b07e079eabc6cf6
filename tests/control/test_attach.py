"""The run of attach: its order, and what it leaves behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.control.attach import attach
from cutover.control.attach_facts import Accepted
from cutover.control.ledger_rows import AttachState
from cutover.control.old_sub import check_attribute
from tests.control.attaching import attached, run, set_in, trigger
from tests.control.pools import (
    ALL,
    CLAIMING,
    FUNCTION,
    GUARDING,
    OTHER,
    SET_BY_US,
    TRIGGER,
    WITHOUT_GUARD,
    Bench,
    bench,
    no_attribute,
)
from tests.fakes.cognito import attribute


def test_the_plan_shows_the_leaves_that_change() -> None:
    changes = bench(LambdaConfig={"PreSignUp": OTHER}).attach_plan().changes
    assert [(change.path, change.before, change.after) for change in changes] == [
        ("LambdaConfig.PreSignUp", OTHER, GUARDING),
        ("LambdaConfig.PreTokenGenerationConfig.LambdaArn", None, CLAIMING),
        ("LambdaConfig.PreTokenGenerationConfig.LambdaVersion", None, "V2_0"),
        ("LambdaConfig.UserMigration", None, TRIGGER),
    ]


def test_the_snapshot_is_in_the_ledger_and_in_the_file_before_the_update() -> None:
    on = bench(UserPoolTags={"team": "shop"})
    seen: list[int] = []
    on.service.before["UpdateUserPool"].append(lambda: seen.append(len(on.ledger.snapshots)))
    assert run(on).snapshot_file == "file"
    assert seen == [1]


def test_the_snapshot_holds_both_descriptions_of_the_pool() -> None:
    on = bench(UserPoolTags={"team": "shop"})
    on.service.mfa["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
    run(on)
    saved = on.ledger.snapshots[0]
    assert saved["UserPool"]["UserPoolTags"] == {"team": "shop"}
    assert saved["UserPoolMfaConfig"]["SoftwareTokenMfaConfiguration"] == {"Enabled": True}


def test_the_stack_is_protected_before_the_pool_is_updated() -> None:
    on = bench()
    seen: list[bool | None] = []
    on.service.before["UpdateUserPool"].append(lambda: seen.append(on.protection.on))
    run(on)
    assert seen == [True]


@pytest.mark.parametrize("before", [True, False])
def test_the_stacks_protection_before_is_remembered(before: bool) -> None:
    on = bench()
    on.protection.on = before
    run(on)
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.protection_before is before


def test_the_ledger_knows_of_the_attempt_before_the_update_and_of_its_end_after() -> None:
    on = bench()
    run(on)
    assert [row.state for row in on.ledger.saved] == [AttachState.ATTACHING, AttachState.ATTACHED]


def test_a_pool_that_is_attached_already_needs_nothing() -> None:
    on = bench()
    run(on)
    assert on.attach_plan().steps == ()


def test_a_run_that_was_killed_after_the_update_is_brought_to_its_end() -> None:
    on = bench(LambdaConfig=SET_BY_US)
    on.ledger.attachment = attached(state=AttachState.ATTACHING)
    attach(on.attach_plan(), on.attach_ports())
    assert on.ledger.attachment.state is AttachState.ATTACHED
    assert on.service.sent("UpdateUserPool") == []


def test_attaching_again_after_somebody_took_the_trigger_off_keeps_what_was_there_at_first() -> None:
    on = bench()
    on.protection.on = True
    on.ledger.attachment = attached(protection_before=False)
    run(on)
    assert on.ledger.attachment.protection_before is False


def test_an_older_alias_of_our_function_is_a_planned_change() -> None:
    on = bench(LambdaConfig={"UserMigration": f"{FUNCTION}:3"})
    run(on)
    assert trigger(on) == TRIGGER
    assert on.ledger.attachment is not None
    assert on.ledger.attachment.previous == f"{FUNCTION}:3"


def test_adding_the_attribute_is_an_irreversible_step_of_the_plan() -> None:
    steps = bench().attach_plan(attribute=no_attribute()).steps
    assert [step.code for step in steps if step.irreversible] == ["add_attribute"]


def test_the_added_attribute_is_immutable_and_passes_its_own_check() -> None:
    on = bench(SchemaAttributes=[attribute("email")])
    run(on)
    report = check_attribute("custom:old_sub", on.service.pool, (), {})
    assert (report.missing, report.refusals) == (False, ())


def test_an_attribute_that_shows_late_is_waited_for() -> None:
    on = bench(SchemaAttributes=[attribute("email")])
    plan = on.attach_plan()
    late = on.service.pool["SchemaAttributes"]
    on.service.after["AddCustomAttributes"].append(set_in(on, SchemaAttributes=[attribute("email")]))
    on.service.before["DescribeUserPool"] += [lambda: None, lambda: None, set_in(on, SchemaAttributes=late)]
    attach(plan, on.attach_ports())
    assert trigger(on) == TRIGGER


def codes_of(on: Bench, accepted: Accepted = ALL, *, built: bool) -> list[str]:
    return [step.code for step in on.attach_plan(accepted, index_built=built).steps]


def test_the_index_is_the_first_step_so_that_nothing_slow_lies_before_the_update() -> None:
    assert codes_of(bench(), built=False)[0] == "build_index"


def test_an_index_that_is_complete_is_built_again_only_where_asked() -> None:
    assert "build_index" not in codes_of(bench(), built=True)
    assert "build_index" in codes_of(bench(), replace(ALL, rebuild_index=True), built=True)


def test_without_the_guard_no_index_is_needed() -> None:
    assert "build_index" not in codes_of(bench(), WITHOUT_GUARD, built=False)


def test_an_attached_pool_without_an_index_gets_it() -> None:
    on = bench()
    run(on)
    assert codes_of(on, built=False) == ["build_index"]
