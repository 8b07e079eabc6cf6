"""One contract for executions of a state machine: moto and the local stack."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.executions import GONE, RUNNING, Executions, Look
from cutover.tables.ports import TableFault

WAITING = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
ROLE = "arn:aws:iam::123456789012:role/backfill"


@pytest.fixture(params=["moto", pytest.param("local_stack", marks=pytest.mark.local_stack)])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "moto":
        with mock_aws():
            yield boto3.client("stepfunctions", region_name="us-east-1")
    else:
        url = request.getfixturevalue("local_stack")
        yield boto3.client("stepfunctions", region_name="us-east-1", endpoint_url=url)


@pytest.fixture
def executions(client: Any) -> Executions:
    name = f"machine-{uuid.uuid4().hex[:8]}"
    made = client.create_state_machine(name=name, definition=json.dumps(WAITING), roleArn=ROLE)
    return Executions(client, made["stateMachineArn"])


def test_an_execution_gets_its_task(client: Any, executions: Executions) -> None:
    arn = executions.start("run-1-aa", "a=b", "run-1", 7)
    told = json.loads(client.describe_execution(executionArn=arn)["input"])
    assert told == {"pair": "a=b", "run": "run-1", "concurrency": 7}
    assert executions.look(arn) == Look(RUNNING)


def test_a_start_whose_reply_was_lost_is_started_again_as_the_same(executions: Executions) -> None:
    first = executions.start("run-1-aa", "a=b", "run-1", 7)
    assert executions.start("run-1-aa", "a=b", "run-1", 7) == first


def test_the_execution_of_a_run_is_found_while_it_runs(executions: Executions) -> None:
    assert executions.running("run-1") is None
    executions.start("run-11-aa", "a=b", "run-11", 1)
    arn = executions.start("run-1-aa", "a=b", "run-1", 1)
    assert executions.running("run-1") == arn
    executions.stop(arn, "enough")
    assert executions.running("run-1") is None


def test_one_that_was_stopped_is_aborted(executions: Executions) -> None:
    arn = executions.start("run-1-aa", "a=b", "run-1", 1)
    executions.stop(arn, "enough")
    assert executions.look(arn).status == "ABORTED"


def test_one_that_nobody_knows_any_more_is_gone(executions: Executions) -> None:
    arn = executions.start("run-1-aa", "a=b", "run-1", 1)
    assert executions.look(f"{arn[:-2]}zz") == Look(GONE)


def test_a_machine_that_is_not_there_is_a_fault(client: Any) -> None:
    nowhere = Executions(client, "arn:aws:states:us-east-1:123456789012:stateMachine:nowhere")
    with pytest.raises(TableFault, match="StateMachineDoesNotExist"):
        nowhere.start("run-1-aa", "a=b", "run-1", 1)
