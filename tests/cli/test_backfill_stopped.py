"""A real `cutover backfill` process on the local stack: stopped by signals, killed, and hurried on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

pytestmark = [pytest.mark.local_stack, pytest.mark.slow]

REGION = "us-east-1"
ITEMS = 120
SLOW = ("--write-units", "15", "--workers", "2", "--segments", "60")


@dataclass
class Stack:
    """A deployed stack of one pair; `source` and `target` are its tables."""

    url: str
    name: str
    source: str
    target: str
    ledger: str

    @property
    def dynamodb(self) -> Any:
        return _client("dynamodb", self.url)

    def environment(self) -> dict[str, str]:
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
        return {**os.environ, **keys, "AWS_ENDPOINT_URL": self.url}

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "import sys; from cutover.cli import main; sys.exit(main())"]
        arguments = ["backfill", "--stack", self.name, "--region", REGION, "--yes", *words]
        return subprocess.Popen(
            [*command, *arguments],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def copied(self) -> int:
        return int(self.dynamodb.scan(TableName=self.target, Select="COUNT")["Count"])

    def wait_until_copied(self, number: int) -> None:
        end = time.monotonic() + 60
        while self.copied() < number:
            assert time.monotonic() < end, "the backfill does not copy"
            time.sleep(0.05)

    def finish(self) -> str:
        process = self.start("--write-units", "0")
        _, talk = process.communicate(timeout=120)
        assert process.returncode == 0, talk
        assert self.copied() == ITEMS
        return talk


def _client(service: str, url: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def _table(keys: tuple[str, ...], **more: Any) -> dict[str, Any]:
    schema = [
        {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
    ]
    definitions = [{"AttributeName": key, "AttributeType": "S"} for key in keys]
    properties = {"BillingMode": "PAY_PER_REQUEST", "KeySchema": schema, "AttributeDefinitions": definitions}
    return {"Type": "AWS::DynamoDB::Table", "Properties": {**properties, **more}}


def _template(source: str, target: str, ledger: str) -> dict[str, Any]:
    code = {"ZipFile": "def handler(event, context): return {}"}
    function = {"Runtime": "python3.13", "Handler": "index.handler", "Code": code}
    trust = {"Version": "2012-10-17", "Statement": []}
    return {
        "Parameters": {"Tables": {"Type": "String"}},
        "Resources": {
            "Source": _table(
                ("k",), TableName=source, StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"}
            ),
            "Target": _table(("k",), TableName=target),
            "Ledger": _table(("pk", "sk"), TableName=ledger),
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
            "Mirror": {
                "Type": "AWS::Lambda::Function",
                "Properties": {**function, "Role": {"Fn::GetAtt": ["Role", "Arn"]}},
            },
            "Mapping": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "EventSourceArn": {"Fn::GetAtt": ["Source", "StreamArn"]},
                    "FunctionName": {"Ref": "Mirror"},
                    "StartingPosition": "TRIM_HORIZON",
                },
            },
        },
        "Outputs": {
            "LedgerTable": {"Value": {"Ref": "Ledger"}},
            "RetryQueueUrl": {"Value": {"Ref": "Queue"}},
            "MirrorTableFunction": {"Value": {"Ref": "Mirror"}},
        },
    }


@pytest.fixture
def stack(local_stack: str, unique: Callable[[str], str]) -> Stack:
    stack = Stack(local_stack, *(unique(name) for name in ("shop", "source", "target", "ledger")))
    cloudformation = _client("cloudformation", local_stack)
    pairs = json.dumps([{"source": stack.source, "target": stack.target}])
    cloudformation.create_stack(
        StackName=stack.name,
        TemplateBody=json.dumps(_template(stack.source, stack.target, stack.ledger)),
        Parameters=[{"ParameterKey": "Tables", "ParameterValue": pairs}],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    for number in range(ITEMS):
        stack.dynamodb.put_item(TableName=stack.source, Item={"k": {"S": f"item-{number}"}})
    return stack


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_130_and_the_command_that_goes_on(stack: Stack, sent: signal.Signals) -> None:
    process = stack.start(*SLOW)
    stack.wait_until_copied(20)
    process.send_signal(sent)
    _, talk = process.communicate(timeout=30)
    assert process.returncode == 130, talk
    assert f"next: cutover backfill --pair {stack.source}={stack.target} --stack {stack.name}" in talk
    assert stack.copied() < ITEMS
    assert "goes on with run" in stack.finish()


def test_a_second_ctrl_c_ends_it_at_once_with_130_and_one_line(stack: Stack) -> None:
    """At two units a second the copying of one slice would take longer than anybody waits."""
    process = stack.start("--write-units", "2", "--workers", "2", "--segments", "60")
    stack.wait_until_copied(4)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=5)
    assert process.returncode == 130, talk
    assert "Traceback" not in talk
    last = talk.splitlines()[-1]
    assert last.startswith("ended at once: keys and a lease may be left in the ledger")
    assert f"go on with cutover backfill --stack {stack.name}" in last
    assert stack.copied() < ITEMS
    stack.finish()


def test_after_a_kill_the_next_one_waits_for_the_lease_and_brings_it_to_its_end(stack: Stack) -> None:
    process = stack.start(*SLOW)
    stack.wait_until_copied(20)
    process.kill()
    process.communicate()
    assert "looking for 30 s whether it lives" in stack.finish()


def test_a_second_one_beside_a_living_one_is_refused(stack: Stack) -> None:
    first = stack.start(*SLOW)
    stack.wait_until_copied(10)
    second = stack.start()
    _, talk = second.communicate(timeout=60)
    assert second.returncode == 4, talk
    assert "backfill is running" in talk
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=30)


def test_a_running_one_picks_up_a_new_pace(stack: Stack) -> None:
    process = stack.start("--write-units", "2", "--workers", "2")
    stack.wait_until_copied(2)
    faster = stack.start("--pace-only", "--write-units", "0")
    assert faster.wait(timeout=30) == 0
    began = time.monotonic()
    _, talk = process.communicate(timeout=60)
    assert process.returncode == 0, talk
    assert time.monotonic() - began < ITEMS / 2 / 2, "half the time that the old pace would have taken"


def test_a_stop_from_another_terminal_ends_it_in_order(stack: Stack) -> None:
    process = stack.start("--write-units", "2", "--workers", "2", "--segments", "60")
    stack.wait_until_copied(6)
    stopping = stack.start("--stop")
    said, talk = stopping.communicate(timeout=90)
    assert stopping.returncode == 0, talk
    assert "stopped" in said
    _, talk = process.communicate(timeout=30)
    assert process.returncode == 6, talk
    assert "was stopped" in talk
    assert stack.copied() < ITEMS
    assert "goes on with run" in stack.finish()
