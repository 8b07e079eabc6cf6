"""Who takes a table's changes, and how fast it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber
from moto import mock_aws

from cutover.aws.stream_readers import has_policy, kinesis_arns, stream_readers
from cutover.aws.write_rate import DAYS, PERIOD, write_rate
from cutover.control.doctor.table_facts import Reader, WriteRate
from tests.aws.cloud import AWS

STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:"
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def mapping(function: str, **more: Any) -> dict[str, Any]:
    return {"FunctionArn": f"{FUNCTION}{function}", "EventSourceArn": STREAM, **more}


def test_mappings_are_listed_over_all_pages_and_ours_is_known_behind_its_alias() -> None:
    client = AWS.client("lambda")
    mine = mapping("shop-Mirror-1:live", State="Enabled", StartingPosition="TRIM_HORIZON")
    with Stubber(client) as stubber:
        first = {"EventSourceMappings": [mine], "NextMarker": "2"}
        stubber.add_response("list_event_source_mappings", first, {"EventSourceArn": STREAM})
        second = {"EventSourceMappings": [mapping("indexer", State="Disabled")]}
        stubber.add_response("list_event_source_mappings", second, {"EventSourceArn": STREAM, "Marker": "2"})
        found = stream_readers(client, STREAM, f"{FUNCTION}shop-Mirror-1")
    assert found == (
        Reader("shop-Mirror-1", "Enabled", "TRIM_HORIZON", ours=True),
        Reader("indexer", "Disabled"),
    )


def test_without_a_stack_no_reader_is_ours() -> None:
    client = AWS.client("lambda")
    with Stubber(client) as stubber:
        stubber.add_response("list_event_source_mappings", {"EventSourceMappings": [mapping("indexer")]})
        assert [reader.ours for reader in stream_readers(client, STREAM, "")] == [False]


def test_kinesis_arns_that_get_the_changes_are_named_and_others_not() -> None:
    client = AWS.client("dynamodb")
    rows = [
        {"StreamArn": f"arn:aws:kinesis:eu-west-1:123456789012:stream/{name}", "DestinationStatus": status}
        for name, status in (("a", "ACTIVE"), ("b", "DISABLED"), ("c", "ENABLING"), ("d", "ENABLE_FAILED"))
    ]
    with Stubber(client) as stubber:
        stubber.add_response(
            "describe_kinesis_streaming_destination",
            {"TableName": "orders", "KinesisDataStreamDestinations": rows},
            {"TableName": "orders"},
        )
        found = kinesis_arns(client, "orders")
    assert [arn.rsplit("/", 1)[-1] for arn in found] == ["a", "c"]


def test_the_rate_is_the_busiest_period_and_the_mean_over_all_windows() -> None:
    """Fourteen days of five minutes do not fit into one reply."""
    client = AWS.client("cloudwatch")
    asked = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ConsumedWriteCapacityUnits",
        "Dimensions": [{"Name": "TableName", "Value": "orders"}],
        "StartTime": ANY,
        "EndTime": ANY,
        "Period": PERIOD,
        "Statistics": ["Sum"],
    }
    with Stubber(client) as stubber:
        for sums in ([300.0], [60_000.0, 600.0], []):
            points = [{"Timestamp": NOON, "Sum": units} for units in sums]
            stubber.add_response("get_metric_statistics", {"Datapoints": points}, asked)
        rate = write_rate(client, "orders", int(NOON.timestamp()))
        stubber.assert_no_pending_responses()
    assert rate == WriteRate(peak=200.0, mean=60_900 / (DAYS * 86_400), days=DAYS, period=PERIOD)


@mock_aws
def test_no_window_asks_for_more_datapoints_than_a_reply_holds() -> None:
    client = AWS.client("cloudwatch")
    windows: list[float] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        windows.append((params["EndTime"] - params["StartTime"]).total_seconds() / params["Period"])

    client.meta.events.register("provide-client-params.cloudwatch.GetMetricStatistics", note)
    assert write_rate(client, "orders", int(NOON.timestamp())).peak == 0
    assert sum(windows) * PERIOD == DAYS * 86_400
    assert max(windows) <= 1440


def test_a_stream_without_a_policy_is_told_from_one_that_may_not_be_asked() -> None:
    client = AWS.client("dynamodb")
    stubber = Stubber(client)
    stubber.add_response("get_resource_policy", {"Policy": "{}"}, {"ResourceArn": STREAM})
    stubber.add_client_error("get_resource_policy", "PolicyNotFoundException")
    stubber.add_client_error("get_resource_policy", "AccessDeniedException")
    with stubber:
        assert has_policy(client, STREAM)
        assert not has_policy(client, STREAM)
        with pytest.raises(ClientError, match="AccessDenied"):
            has_policy(client, STREAM)
