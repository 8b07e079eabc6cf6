"""The stream pump on the local stack: what a mapping promises, with functions that misbehave."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from cutover.rehearsal.local import Local
from tests.rehearsal import probes

pytestmark = pytest.mark.local_stack

SAY_WHAT_CAME = """
import json, os, boto3
sqs = boto3.client("sqs")
def handler(event, context):
    ids = [r["dynamodb"]["Keys"]["id"]["S"] for r in event["Records"]]
    behave(ids, event["Records"])
    for record in event["Records"]:
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(record))
"""
TAKES_ALL = SAY_WHAT_CAME + "def behave(ids, records): pass\n"
POISONED = SAY_WHAT_CAME + 'def behave(ids, records):\n    if "poison" in ids: raise ValueError("poison")\n'
REPORTS = """
import json, os, boto3
sqs = boto3.client("sqs")
def handler(event, context):
    failures = []
    for record in event["Records"]:
        if record["dynamodb"]["Keys"]["id"]["S"] == "poison":
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
        sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(record))
    return {"batchItemFailures": failures}
"""


class Stage:
    """A table with a stream, a queue that tells what the function took, and a mapping between them."""

    def __init__(self, stack: Local, name: str, source: str, **mapping: Any) -> None:
        self.stack, self.table = stack, name
        stream = probes.streamed_table(stack, name)
        self.seen, _ = probes.queue(stack, f"{name}-seen")
        self.function = probes.function(stack, source, environment={"SEEN": self.seen})
        self.mapping = {
            "EventSourceArn": stream,
            "FunctionName": self.function,
            "StartingPosition": "TRIM_HORIZON",
            **mapping,
        }

    def put(self, *ids: str, **attributes: Any) -> None:
        for name in ids:
            self.stack.client("dynamodb").put_item(
                TableName=self.table, Item={"id": {"S": name}, **attributes}
            )

    def play(self) -> str:
        return self.stack.client("lambda").create_event_source_mapping(**self.mapping)["UUID"]

    def taken(self, number: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        probes.until(lambda: found.extend(probes.messages(self.stack, self.seen)) or len(found) >= number)
        return found


@pytest.fixture
def stage(running_stack: Local, unique: Callable[[str], str]) -> Any:
    made: list[str] = []

    def make(source: str, **mapping: Any) -> Stage:
        stage = Stage(running_stack, unique("pump"), source, **mapping)
        play = stage.play
        stage.play = lambda: made.append(play()) or made[-1]
        return stage

    yield make
    for uuid in made:
        running_stack.client("lambda").delete_event_source_mapping(UUID=uuid)


def _ids(records: list[dict[str, Any]]) -> list[str]:
    return [record["dynamodb"]["Keys"]["id"]["S"] for record in records]


def test_records_written_before_the_mapping_are_delivered_in_order(stage) -> None:
    stage = stage(TAKES_ALL)
    stage.put("a", "b", "c")
    stage.play()
    assert _ids(stage.taken(3)) == ["a", "b", "c"]


def test_binary_arrives_as_base64_text_at_any_depth(stage) -> None:
    stage = stage(TAKES_ALL)
    stage.put("a", raw={"B": b"\x00\xff"}, deep={"L": [{"M": {"x": {"BS": [b"\x01"]}}}]})
    stage.play()
    image = stage.taken(1)[0]["dynamodb"]["NewImage"]
    assert (image["raw"], image["deep"]) == ({"B": "AP8="}, {"L": [{"M": {"x": {"BS": ["AQ=="]}}}]})


def test_bisecting_isolates_the_one_record_that_fails(stage, running_stack: Local, unique) -> None:
    url, arn = probes.queue(running_stack, unique("failed"))
    stage = stage(
        POISONED,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    stage.put("a", "b", "poison", "c", "d")
    stage.play()
    assert sorted(_ids(stage.taken(4))) == ["a", "b", "c", "d"]
    failure = probes.until(lambda: probes.messages(running_stack, url))
    assert [
        (row["requestContext"]["condition"], row["DDBStreamBatchInfo"]["batchSize"]) for row in failure
    ] == [("RetryAttemptsExhausted", 1)]


def test_a_partial_failure_brings_everything_from_the_lowest_number_again(
    stage, running_stack: Local, unique
) -> None:
    url, arn = probes.queue(running_stack, unique("failed"))
    stage = stage(
        REPORTS,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    stage.put("a", "poison", "b")
    stage.play()
    failure = probes.until(lambda: probes.messages(running_stack, url))[0]
    assert (_ids(stage.taken(1)), failure["DDBStreamBatchInfo"]["batchSize"]) == (["a"], 2)


def test_a_bucket_as_destination_gets_the_whole_records(stage, running_stack: Local, unique) -> None:
    bucket, s3 = unique("failures"), running_stack.client("s3")
    s3.create_bucket(Bucket=bucket)
    stage = stage(
        POISONED,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{bucket}"}},
    )
    stage.put("poison", raw={"B": b"\x01"})
    uuid = stage.play()
    found = probes.until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    assert found[0]["Key"].startswith(f"aws/lambda/{uuid}/")
    body = json.loads(s3.get_object(Bucket=bucket, Key=found[0]["Key"])["Body"].read())
    assert json.loads(body["payload"])["Records"][0]["dynamodb"]["NewImage"]["raw"] == {"B": "AQ=="}


def test_the_filter_drops_what_it_does_not_match(stage) -> None:
    pattern = json.dumps({"eventName": ["INSERT"], "dynamodb": {"Keys": {"id": {"S": [{"prefix": "x"}]}}}})
    stage = stage(TAKES_ALL, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    stage.put("a", "x1", "b", "x2")
    stage.play()
    assert _ids(stage.taken(2)) == ["x1", "x2"]


def test_the_records_of_one_item_stay_in_order_across_lanes(stage) -> None:
    stage = stage(TAKES_ALL, ParallelizationFactor=3, BatchSize=2)
    for turn in range(4):
        stage.put("a", "b", "c", "d", turn={"N": str(turn)})
    stage.play()
    turns: dict[str, list[str]] = {}
    for record in stage.taken(16):
        image = record["dynamodb"]["NewImage"]
        turns.setdefault(image["id"]["S"], []).append(image["turn"]["N"])
    assert turns == {name: ["0", "1", "2", "3"] for name in "abcd"}


def test_a_disabled_mapping_waits_and_goes_on_where_it_was(stage, running_stack: Local) -> None:
    stage = stage(TAKES_ALL)
    functions = running_stack.client("lambda")
    stage.put("a")
    uuid = stage.play()
    assert _ids(stage.taken(1)) == ["a"]
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    probes.until(lambda: functions.get_event_source_mapping(UUID=uuid)["State"] == "Disabled")
    time.sleep(1.5)  # the pump looks twice a second
    stage.put("b")
    time.sleep(1.0)
    assert probes.messages(running_stack, stage.seen) == []
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert _ids(stage.taken(1)) == ["b"]


def test_without_a_limit_a_failing_batch_comes_again_until_it_succeeds(stage, running_stack: Local) -> None:
    once = SAY_WHAT_CAME + (
        "def behave(ids, records):\n"
        "    import boto3\n"
        '    d = boto3.client("dynamodb")\n'
        '    n = d.update_item(TableName=os.environ["TRIES"], Key={"id": {"S": "n"}}, '
        'UpdateExpression="ADD n :o", ExpressionAttributeValues={":o": {"N": "1"}}, ReturnValues="ALL_NEW")\n'
        '    if int(n["Attributes"]["n"]["N"]) < 4: raise ValueError\n'
    )
    stage = stage(once)
    tries = f"{stage.table}-tries"
    running_stack.client("dynamodb").create_table(
        TableName=tries,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    running_stack.client("lambda").update_function_configuration(
        FunctionName=stage.function, Environment={"Variables": {"SEEN": stage.seen, "TRIES": tries}}
    )
    stage.put("a")
    stage.play()
    assert _ids(stage.taken(1)) == ["a"]
