"""Records of the stream API as records of a Lambda event:
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html (binary is base64 text there, at any depth)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Record = dict[str, Any]


def lambda_record(record: Mapping[str, Any], stream_arn: str) -> Record:
    """One record of GetRecords, as boto3 parses it, in the form that a function is sent."""
    change = dict(record["dynamodb"])
    for image in ("Keys", "NewImage", "OldImage"):
        if image in change:
            change[image] = as_text(change[image])
    created = change.get("ApproximateCreationDateTime")
    if isinstance(created, datetime):
        change["ApproximateCreationDateTime"] = float(int(created.timestamp()))
    event: Record = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": record.get("awsRegion", stream_arn.split(":")[3]),
        "dynamodb": change,
        "eventSourceARN": stream_arn,
    }
    identity = record.get("userIdentity")
    if identity:
        event["userIdentity"] = {
            "type": identity.get("Type", identity.get("type")),
            "principalId": identity.get("PrincipalId", identity.get("principalId")),
        }
    return event


def as_text(value: Any) -> Any:
    """`value` with every binary in it as base64 text."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {name: as_text(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [as_text(part) for part in value]
    return value


def sequence(record: Record) -> str:
    return str(record["dynamodb"]["SequenceNumber"])


def created_at(record: Record) -> float:
    """Seconds since the epoch, rounded down to the second by the stream."""
    return float(record["dynamodb"].get("ApproximateCreationDateTime", 0.0))
