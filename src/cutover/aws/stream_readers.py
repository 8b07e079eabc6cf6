"""Who takes the changes of a table: functions on its stream, and Kinesis streams beside it."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.control.doctor.table_facts import Reader

_OVER = {"DISABLED", "DISABLING", "ENABLE_FAILED"}


def stream_readers(client: Any, stream_arn: str, mirror: str) -> tuple[Reader, ...]:
    """The event source mappings of this account on the stream. `mirror` is the name of our own function.

    `client` is a Lambda client of the stream's Region. A mapping that is switched off is listed as well.
    https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
    """
    pages = client.get_paginator("list_event_source_mappings").paginate(EventSourceArn=stream_arn)
    return tuple(_reader(row, mirror) for page in pages for row in page["EventSourceMappings"])


def kinesis_arns(client: Any, table: str) -> tuple[str, ...]:
    """The ARNs of the Kinesis streams that the table's changes go to.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeKinesisStreamingDestination.html
    """
    reply = client.describe_kinesis_streaming_destination(TableName=table)
    return tuple(
        row["StreamArn"]
        for row in reply.get("KinesisDataStreamDestinations") or ()
        if row.get("DestinationStatus") not in _OVER
    )


def has_policy(client: Any, stream_arn: str) -> bool:
    """Whether the stream has a resource policy: without one no other account reads it.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetResourcePolicy.html
    """
    try:
        return bool(client.get_resource_policy(ResourceArn=stream_arn).get("Policy"))
    except ClientError as error:
        if error_code(error) != "PolicyNotFoundException":
            raise
        return False


def _reader(row: dict[str, Any], mirror: str) -> Reader:
    name = str(row["FunctionArn"]).rsplit(":function:", 1)[-1].partition(":")[0]
    ours = bool(mirror) and name == mirror.rsplit(":function:", 1)[-1].partition(":")[0]
    return Reader(name, row.get("State", ""), row.get("StartingPosition", ""), ours)
