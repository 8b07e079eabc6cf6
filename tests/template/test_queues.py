"""Queues and mappings: what fails is tried again and ends where it is found."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.tables.tuning import TUNING

PAIRS = [("SettleQueue", "SettleUser"), ("RetryQueue", "RetryKeys")]
FOURTEEN_DAYS = 14 * 24 * 3600


def _properties(resources: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(resources[name]["Properties"])


@pytest.fixture(scope="module")
def mirror(resources: dict[str, Any]) -> dict[str, Any]:
    """The mapping of the one stream that the expanded template was given."""
    (name,) = [name for name in resources if name.startswith("Mirrorarn")]
    return _properties(resources, name)


@pytest.mark.parametrize("queue", [queue for queue, _ in PAIRS])
def test_a_queue_hands_over_to_its_dead_letter_queue(resources: dict[str, Any], queue: str) -> None:
    target = _properties(resources, queue)["RedrivePolicy"]["deadLetterTargetArn"]
    assert target == {"Fn::GetAtt": [queue.replace("Queue", "DeadLetterQueue"), "Arn"]}


@pytest.mark.parametrize("queue", [queue for queue, _ in PAIRS])
@pytest.mark.parametrize("kind", ["Queue", "DeadLetterQueue"])
def test_a_queue_encrypts_and_keeps_as_long_as_it_can(
    resources: dict[str, Any], queue: str, kind: str
) -> None:
    properties = _properties(resources, queue.replace("Queue", kind))
    said = (properties["SqsManagedSseEnabled"], properties["MessageRetentionPeriod"])
    assert said == (True, FOURTEEN_DAYS)


@pytest.mark.parametrize(("queue", "function"), PAIRS)
def test_a_message_stays_hidden_for_six_timeouts(
    resources: dict[str, Any], queue: str, function: str
) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    timeout = _properties(resources, function)["Timeout"]
    assert _properties(resources, queue)["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.parametrize(("queue", "function"), PAIRS)
def test_a_message_is_tried_five_times_at_least(resources: dict[str, Any], queue: str, function: str) -> None:
    """So that throttled invocations alone do not use a message up; the page is the one above."""
    assert _properties(resources, queue)["RedrivePolicy"]["maxReceiveCount"] >= 5


@pytest.mark.parametrize(("queue", "function"), PAIRS)
def test_a_queue_feeds_the_alias_and_hears_which_messages_failed(
    resources: dict[str, Any], queue: str, function: str
) -> None:
    mapping = _properties(resources, f"{function}QueueMapping")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert mapping["FunctionName"] == {"Ref": f"{function}Aliaslive"}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("function", [function for _, function in PAIRS])
def test_the_workers_of_a_queue_are_capped(resources: dict[str, Any], function: str) -> None:
    assert "MaximumConcurrency" in _properties(resources, f"{function}QueueMapping")["ScalingConfig"]


def test_the_retry_numbers_are_those_of_the_code(resources: dict[str, Any]) -> None:
    queue = _properties(resources, "RetryQueue")
    mapping = _properties(resources, "RetryKeysQueueMapping")
    written = (queue["VisibilityTimeout"], queue["RedrivePolicy"]["maxReceiveCount"], mapping["BatchSize"])
    assert written == (TUNING.visibility_timeout, TUNING.receive_count, TUNING.retry_batch)


@pytest.mark.parametrize("function", ["MirrorTable", "RetryKeys"])
def test_the_timeout_is_that_of_the_code(resources: dict[str, Any], function: str) -> None:
    assert _properties(resources, function)["Timeout"] == TUNING.function_timeout


def test_the_stream_numbers_are_those_of_the_code(template: dict[str, Any], mirror: dict[str, Any]) -> None:
    written = (template["Parameters"]["MirrorBatchSize"]["Default"], mirror["MaximumRecordAgeInSeconds"])
    assert written == (TUNING.stream_batch, TUNING.record_age)


def test_the_mirror_gives_up_before_the_stream_forgets(mirror: dict[str, Any]) -> None:
    assert mirror["MaximumRecordAgeInSeconds"] < 24 * 3600


def test_the_mirror_holds_the_shard_for_as_long_as_the_record_is_young(mirror: dict[str, Any]) -> None:
    assert mirror["MaximumRetryAttempts"] == -1


def test_the_mirror_begins_with_the_oldest_record(mirror: dict[str, Any]) -> None:
    """LATEST can miss records, on an update of the mapping too:
    https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html"""
    assert mirror["StartingPosition"] == "TRIM_HORIZON"


def test_the_mirror_isolates_what_fails(mirror: dict[str, Any]) -> None:
    said = (mirror["FunctionResponseTypes"], mirror["BisectBatchOnFunctionError"])
    assert said == (["ReportBatchItemFailures"], True)


def test_the_mirror_keeps_whole_batches_that_it_gave_up(mirror: dict[str, Any]) -> None:
    """A queue would get metadata alone:
    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html"""
    destination = mirror["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": ["FailureBucket", "Arn"]}


def test_the_mirror_feeds_the_alias(mirror: dict[str, Any]) -> None:
    assert mirror["FunctionName"] == {"Ref": "MirrorTableAliaslive"}


def test_the_mirror_starts_with_one_batch_of_a_shard_at_once(template: dict[str, Any]) -> None:
    assert template["Parameters"]["MirrorParallelization"]["Default"] == 1


def test_the_mirror_can_be_turned_off(mirror: dict[str, Any]) -> None:
    assert mirror["Enabled"] == {"Fn::If": ["MirrorRuns", True, False]}
