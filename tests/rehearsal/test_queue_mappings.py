"""Queue mappings on the local stack."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from cutover.rehearsal.local import Local
from tests.rehearsal import probes

pytestmark = pytest.mark.local_stack

FIRST_REPORTED = """
import json, os, boto3
sqs = boto3.client("sqs")
def handler(event, context):
    failures = []
    for record in event["Records"]:
        count = int(record["attributes"]["ApproximateReceiveCount"])
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps([record["body"], count]))
        if record["body"] == "bad" and count < 2 or record["body"] == "poison":
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
"""
LONGER_THAN_A_COLD_START = 8
"""Seconds: a message that shows again while its first invocation still starts would be seen twice."""
RAISES = """
def handler(event, context):
    raise ValueError
"""


@pytest.fixture(scope="module")
def mapped(running_stack: Local) -> Any:
    """Makes a queue that is mapped to a function of the given source; gives URL, seen URL, dead URL."""
    functions, made = running_stack.client("lambda"), []

    def make(source: str, *, visibility: int = 1, **mapping: Any) -> tuple[str, str, str]:
        name = f"queue-{uuid.uuid4().hex[:8]}"
        seen, _ = probes.queue(running_stack, f"{name}-seen")
        dead, dead_arn = probes.queue(running_stack, f"{name}-dead")
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
        url, arn = probes.queue(running_stack, name, VisibilityTimeout=str(visibility), RedrivePolicy=redrive)
        function = probes.function(running_stack, source, environment={"SEEN": seen})
        row = functions.create_event_source_mapping(EventSourceArn=arn, FunctionName=function, **mapping)
        made.append(row["UUID"])
        return url, seen, dead

    yield make
    for mapping_id in made:
        functions.delete_event_source_mapping(UUID=mapping_id)


@pytest.fixture(scope="module", autouse=True)
def seen_of_one_good_one_bad(mapped, running_stack: Local) -> str:
    """Sent before the first test here and looked at by the last: the bad one stays hidden meanwhile."""
    reports = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "BatchSize": 10}
    url, seen, _ = mapped(FIRST_REPORTED, visibility=LONGER_THAN_A_COLD_START, **reports)
    _send(running_stack, url, "good", "bad")
    return seen


def _send(stack: Local, url: str, *bodies: str) -> None:
    for body in bodies:
        stack.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def test_a_message_that_fails_too_often_goes_to_the_dead_letter_queue(mapped, running_stack: Local) -> None:
    url, _, dead = mapped(RAISES, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    _send(running_stack, url, '"poison"')
    assert probes.until(lambda: probes.messages(running_stack, dead)) == ["poison"]


def test_a_delayed_message_comes_when_its_delay_is_over(mapped, running_stack: Local) -> None:
    reports = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
    url, seen, _ = mapped(FIRST_REPORTED, visibility=LONGER_THAN_A_COLD_START, **reports)
    running_stack.client("sqs").send_message(QueueUrl=url, MessageBody="late", DelaySeconds=2)
    _send(running_stack, url, "early")
    found: list[Any] = []
    probes.until(lambda: found.extend(probes.messages(running_stack, seen)) or len(found) == 2)
    assert found == [["early", 1], ["late", 1]]


def test_only_the_reported_message_comes_again(seen_of_one_good_one_bad: str, running_stack: Local) -> None:
    found: list[Any] = []
    seen = seen_of_one_good_one_bad
    probes.until(lambda: found.extend(probes.messages(running_stack, seen)) or ["bad", 2] in found)
    assert sorted(found) == [["bad", 1], ["bad", 2], ["good", 1]]
