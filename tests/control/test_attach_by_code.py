"""A pool that its own code attaches: waited for, noted, and not taken off behind the code's back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.control.attach_by_code import LOOK_EVERY_SECONDS, note, wait_until_shown
from cutover.control.detach import detach
from cutover.control.ledger_rows import AttachState
from tests.control.attaching import set_in, triggers
from tests.control.pools import OTHER, SET_BY_US, Bench, bench
from tests.fakes.cognito import a_client


def set_by_code(on: Bench) -> None:
    plan = on.attach_plan()
    on.service.pool["LambdaConfig"] = dict(SET_BY_US)
    note(plan, on.attach_ports())


def test_it_looks_until_the_pool_shows_the_triggers_and_changes_nothing() -> None:
    on = bench(LambdaConfig={"PreSignUp": OTHER})
    plan = on.attach_plan()
    on.service.before["DescribeUserPool"] += [lambda: None] * 3 + [set_in(on, LambdaConfig=SET_BY_US)]
    wait_until_shown(plan, on.attach_ports())
    assert on.slept == [LOOK_EVERY_SECONDS] * 3
    assert on.service.sent("UpdateUserPool") == []


def test_two_of_three_triggers_are_not_enough() -> None:
    on = bench()
    plan = on.attach_plan()
    on.service.pool["LambdaConfig"] = {**SET_BY_US, "PreSignUp": OTHER}
    on.service.before["DescribeUserPool"] += [lambda: None, set_in(on, LambdaConfig=SET_BY_US)]
    wait_until_shown(plan, on.attach_ports())
    assert len(on.slept) == 1


def test_the_password_flow_of_a_client_is_waited_for_too() -> None:
    on = bench()
    on.service.clients["web"] = a_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    client = on.client("web").describe()
    assert client is not None
    plan = on.attach_plan(flow_clients=(client,))
    on.service.pool["LambdaConfig"] = dict(SET_BY_US)
    said: list[str] = []

    def deployed(seconds: float) -> None:
        on.slept.append(seconds)
        on.service.clients["web"]["ExplicitAuthFlows"] = ["ALLOW_USER_PASSWORD_AUTH"]

    wait_until_shown(plan, replace(on.attach_ports(), sleep=deployed), say=said.append)
    assert (len(on.slept), "web" in said[0]) == (1, True)


def test_the_note_says_what_the_code_set_and_what_was_there() -> None:
    on = bench(LambdaConfig={"PreSignUp": OTHER})
    set_by_code(on)
    row = on.ledger.attachment
    assert row is not None
    assert (row.state, row.by_code) == (AttachState.ATTACHED, True)
    assert (row.triggers, row.previous_triggers) == (SET_BY_US, {"PreSignUp": OTHER})
    assert on.protection.on is True


def test_detach_leaves_to_the_code_what_the_code_has_set() -> None:
    on = bench()
    set_by_code(on)
    plan = on.detach_plan()
    assert ([refusal.code for refusal in plan.refusals], plan.steps) == (["set_by_code"], ())
    assert SET_BY_US["PreSignUp"] in plan.refusals[0].cause


def test_detach_notes_it_once_the_code_took_them_out() -> None:
    on = bench()
    set_by_code(on)
    on.service.pool["LambdaConfig"] = {}
    detach(on.detach_plan(), on.detach_ports())
    assert on.ledger.attachment is not None
    assert (on.ledger.attachment.state, on.protection.on) == (AttachState.DETACHED, False)


def test_detach_takes_them_out_of_the_live_pool_where_forced() -> None:
    on = bench(LambdaConfig={"PreSignUp": OTHER})
    set_by_code(on)
    detach(on.detach_plan(force=True), on.detach_ports())
    assert triggers(on) == {"PreSignUp": OTHER}


@pytest.mark.parametrize("force", [False, True])
def test_a_client_that_the_code_has_set_is_left_unless_forced(force: bool) -> None:
    on = bench()
    on.service.clients["web"] = a_client(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    client = on.client("web").describe()
    assert client is not None
    plan = on.attach_plan(flow_clients=(client,))
    on.service.clients["web"]["ExplicitAuthFlows"] = list(plan.clients[0].flows or ())
    note(plan, on.attach_ports())
    back = on.detach_plan(force=force)
    assert ([one.id for one in back.clients], [one.id for one in back.clients_left]) == (
        (["web"], []) if force else ([], ["web"])
    )
