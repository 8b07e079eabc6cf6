"""The state machine of backfills: what it calls, what it tries again, how it waits, and who may run it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from cutover.tables.backfill_task import Outcome, Phase, Turn
from tests.template.expanding import TEMPLATE

CALL_FUNCTION = {"Ref": "BackfillSegmentAliaslive"}
LAMBDA_TROUBLE = {
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
"""https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception"""


@pytest.fixture(scope="module")
def machine(resources: dict[str, Any]) -> dict[str, Any]:
    return dict(resources["Backfill"]["Properties"])


@pytest.fixture(scope="module")
def outer(machine: dict[str, Any]) -> dict[str, Any]:
    return dict(machine["Definition"]["States"])


@pytest.fixture(scope="module")
def slots(outer: dict[str, Any]) -> dict[str, Any]:
    return dict(outer["Slots"])


@pytest.fixture(scope="module")
def inner(slots: dict[str, Any]) -> dict[str, Any]:
    return dict(slots["ItemProcessor"]["States"])


@pytest.fixture(scope="module")
def tasks(outer: dict[str, Any], inner: dict[str, Any]) -> dict[str, dict[str, Any]]:
    states = {**outer, **inner}
    return {name: state for name, state in states.items() if state["Type"] == "Task"}


def _next_names(state: Mapping[str, Any]) -> Iterator[str]:
    yield from (str(state[key]) for key in ("Next", "Default") if key in state)
    for choice in state.get("Choices", ()):
        yield str(choice["Next"])


def _reached(states: Mapping[str, Any], start: str) -> set[str]:
    found: set[str] = set()
    open_ = [start]
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += _next_names(states[name])
    return found


def test_every_state_is_reached_and_every_way_leads_to_a_state(
    machine: dict[str, Any], outer: dict[str, Any], slots: dict[str, Any], inner: dict[str, Any]
) -> None:
    assert _reached(outer, machine["Definition"]["StartAt"]) == set(outer)
    assert _reached(inner, slots["ItemProcessor"]["StartAt"]) == set(inner)


def test_every_phase_is_a_task_that_calls_the_alias(tasks: dict[str, dict[str, Any]]) -> None:
    assert {task["Parameters"]["phase"] for task in tasks.values()} == {phase.value for phase in Phase}
    assert [task["Resource"] for task in tasks.values()] == [CALL_FUNCTION] * len(Phase)


def test_the_function_gets_the_whole_state_and_the_outer_executions_name(
    tasks: dict[str, dict[str, Any]], slots: dict[str, Any]
) -> None:
    assert {task["Parameters"]["state.$"] for task in tasks.values()} == {"$"}
    assert tasks["Begin"]["Parameters"]["execution.$"] == "$$.Execution.Id"
    assert tasks["End"]["Parameters"]["execution.$"] == "$$.Execution.Id"
    assert slots["ItemSelector"]["execution.$"] == "$$.Execution.Id"
    assert tasks["Copy"]["Parameters"]["execution.$"] == "$.execution"


@pytest.mark.parametrize("choice", ["HasBegun", "IsCopied", "HasEnded"])
def test_every_outcome_has_a_way_and_what_is_unknown_fails(
    outer: dict[str, Any], inner: dict[str, Any], choice: str
) -> None:
    states = {**outer, **inner}
    told = set(re.findall(r'"StringEquals": "([a-z]+)"', json.dumps(states[choice])))
    possible = (
        {outcome.value for outcome in Outcome} - {"failed"} - ({"again"} if choice != "HasEnded" else set())
    )
    assert told == possible
    assert states[states[choice]["Default"]]["Type"] == "Fail"


def test_every_path_into_an_answer_is_in_every_answer(outer: dict[str, Any]) -> None:
    paths = set(re.findall(r"\$\.turn\.([a-z_]+)", json.dumps(outer)))
    assert paths - {"slots"} <= Turn(Outcome.DONE).data().keys()
    assert "slots" in Turn(Outcome.DONE, slots=()).data()


def test_a_failure_is_told_by_its_error_and_its_cause(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    for state in (outer["Failed"], inner["CopyFailed"]):
        assert (state["ErrorPath"], state["CausePath"]) == ("$.turn.error", "$.turn.why")


def test_it_waits_as_long_as_the_answer_says(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    waits = [state for state in (*outer.values(), *inner.values()) if state["Type"] == "Wait"]
    assert [state["SecondsPath"] for state in waits] == ["$.turn.wait"] * 3


def test_lambdas_own_trouble_is_tried_again_for_long_and_spread(tasks: dict[str, dict[str, Any]]) -> None:
    for task in tasks.values():
        trouble, other = task["Retry"]
        assert set(trouble["ErrorEquals"]) == LAMBDA_TROUBLE
        assert (trouble["JitterStrategy"], other["JitterStrategy"]) == ("FULL", "FULL")
        assert trouble["MaxAttempts"] > other["MaxAttempts"] > 0
        assert set(other["ErrorEquals"]) == {"States.TaskFailed", "States.Timeout"}


def test_a_task_is_given_up_only_after_its_function_was(
    tasks: dict[str, dict[str, Any]], resources: dict[str, Any]
) -> None:
    timeout = resources["BackfillSegment"]["Properties"]["Timeout"]
    assert {task["TimeoutSeconds"] > timeout for task in tasks.values()} == {True}


def test_the_slots_are_a_distributed_map_as_wide_as_the_execution_was_told(slots: dict[str, Any]) -> None:
    config = slots["ItemProcessor"]["ProcessorConfig"]
    assert config == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert (slots["ItemsPath"], slots["MaxConcurrencyPath"]) == ("$.turn.slots", "$.concurrency")
    assert slots["ToleratedFailurePercentage"] == 5


def test_what_a_slot_ends_with_is_small(slots: dict[str, Any], inner: dict[str, Any]) -> None:
    """The results of all slots are one state, of 256 KB at the most."""
    ends = [state for state in inner.values() if state.get("End") or state["Type"] == "Succeed"]
    assert [state["Result"] for state in ends] == [{}]
    assert slots["ResultSelector"] == {"over": True}


def test_only_step_functions_of_this_account_takes_its_role(resources: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html"""
    (trust,) = resources["BackfillRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_its_role_may_call_the_function_and_run_its_own_slots_and_no_more(resources: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html"""
    (work,) = resources["BackfillRole"]["Properties"]["Policies"]
    policy = resources["BackfillMapPolicy"]["Properties"]
    rows = [*work["PolicyDocument"]["Statement"], *policy["PolicyDocument"]["Statement"]]
    assert policy["Roles"] == [{"Ref": "BackfillRole"}]
    assert {row["Sid"]: row["Action"] for row in rows} == {
        "CallWorker": "lambda:InvokeFunction",
        "StartSlots": "states:StartExecution",
        "FollowSlots": ["states:DescribeExecution", "states:StopExecution"],
    }
    assert [row["Resource"] for row in rows[:2]] == [CALL_FUNCTION, {"Ref": "Backfill"}]
    assert "execution:${Backfill.Name}" in json.dumps(rows[2]["Resource"])


def test_the_definition_is_what_step_functions_takes(machine: dict[str, Any]) -> None:
    """By the shape and the size that the API's own model gives."""
    definition = json.dumps(machine["Definition"])
    client = Session().create_client(
        "stepfunctions", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    request = {"definition": definition, "type": machine["StateMachineType"]}
    with Stubber(client) as stub:
        stub.add_response("validate_state_machine_definition", {"result": "OK", "diagnostics": []}, request)
        assert client.validate_state_machine_definition(**request)["result"] == "OK"
    assert len(definition) < 1_048_576 / 10


def test_the_page_on_permissions_names_what_the_machine_may_do() -> None:
    text = (TEMPLATE.parent / "docs/deploying.md").read_text(encoding="utf-8")
    assert "https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html" in text
