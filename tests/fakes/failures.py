"""A failure bucket in memory, and objects as Lambda writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cutover.tables.lost import LostBatch

ARN = "arn:aws:dynamodb:eu-west-1:1:table/old/stream/2026-11-26T00:00:00.000"


class FakeFailureStore:
    """`objects` by name; `taken` and `strange` are the shelves, `counted` the ledger's rows."""

    def __init__(self, **objects: bytes) -> None:
        self.objects: dict[str, bytes] = dict(objects)
        self.taken: dict[str, bytes] = {}
        self.strange: dict[str, bytes] = {}
        self.counted: dict[str, LostBatch] = {}

    def waiting(self, *, strangers: bool) -> Iterator[str]:
        return iter(sorted([*self.objects, *(self.strange if strangers else ())]))

    def read(self, name: str) -> bytes | None:
        return self.objects.get(name, self.strange.get(name))

    def count(self, name: str, batch: LostBatch) -> bool:
        first = name not in self.counted
        self.counted.setdefault(name, batch)
        return first

    def put_aside(self, name: str, *, strange: bool) -> None:
        for shelf in (self.objects, self.strange):
            if name in shelf:
                (self.strange if strange else self.taken)[name] = shelf.pop(name)
                return


def lost_object(records: Any, **changes: Any) -> bytes:
    """As https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html shows one."""
    batch = {
        "requestContext": {
            "requestId": "316aa6d0-8154-4bbb-9af7-85d5f4a6bc81",
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:mirror-table:live",
            "condition": "RecordAgeExceeded",
            "approximateInvokeCount": 400,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "7", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-11-26T20:13:49.717Z",
        "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb",
            "startSequenceNumber": "800000000003126276362",
            "endSequenceNumber": "800000000003126276362",
            "approximateArrivalOfFirstRecord": "2026-11-25T22:13:19Z",
            "approximateArrivalOfLastRecord": "2026-11-25T22:13:19Z",
            "batchSize": len(records) if isinstance(records, list) else 0,
            "streamArn": ARN,
        },
        "payload": json.dumps({"Records": records}),
    }
    return json.dumps({**batch, **changes}).encode()
