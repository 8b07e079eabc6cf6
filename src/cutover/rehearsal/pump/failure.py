"""On-failure destinations: a queue gets where the records are, a bucket gets the records too.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cutover.rehearsal.pump.deliver import GaveUp
from cutover.rehearsal.pump.events import Record, created_at, sequence
from cutover.rehearsal.pump.mapping import StreamMapping


def failure_record(
    mapping: StreamMapping, shard: str, records: list[Record], why: GaveUp, tries: int, now: datetime
) -> dict[str, Any]:
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": mapping.function,
            "condition": why.value,
            "approximateInvokeCount": tries,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": _timestamp(now),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": sequence(records[0]),
            "endSequenceNumber": sequence(records[-1]),
            "approximateArrivalOfFirstRecord": _timestamp(
                datetime.fromtimestamp(created_at(records[0]), UTC)
            ),
            "approximateArrivalOfLastRecord": _timestamp(
                datetime.fromtimestamp(created_at(records[-1]), UTC)
            ),
            "batchSize": len(records),
            "streamArn": mapping.stream_arn,
        },
    }


def send_failure(
    client: Callable[[str], Any],
    mapping: StreamMapping,
    shard: str,
    records: list[Record],
    why: GaveUp,
    tries: int,
) -> None:
    """To the mapping's destination, if it has one; without one the records are gone."""
    if mapping.on_failure is None:
        return
    now = datetime.now(UTC)
    record = failure_record(mapping, shard, records, why, tries, now)
    service, name = mapping.on_failure.split(":")[2], mapping.on_failure.rsplit(":", 1)[-1]
    if service == "s3":
        body = json.dumps({**record, "payload": json.dumps({"Records": records})}).encode()
        client("s3").put_object(Bucket=name, Key=_key(mapping, shard, now), Body=body)
    elif service == "sqs":
        url = client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(record))
    else:
        client("sns").publish(TopicArn=mapping.on_failure, Message=json.dumps(record))


def _key(mapping: StreamMapping, shard: str, now: datetime) -> str:
    """`aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>`"""
    return f"aws/lambda/{mapping.uuid}/{shard}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


def _timestamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
