"""The tables that the benchmark works on, and the stream batches of a busy application."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

RECORD_BATCH = 100


def new_table(client: Any, name: str) -> None:
    """An empty table of this name, whatever there was."""
    if name in client.list_tables()["TableNames"]:
        client.delete_table(TableName=name)
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def new_ledger(client: Any, name: str) -> None:
    if name in client.list_tables()["TableNames"]:
        client.delete_table(TableName=name)
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )


def item(number: int, rng: random.Random) -> dict[str, Any]:
    """About 0.9 KB: a few scalars, a set, a nested map, and a text."""
    return {
        "id": {"S": f"order-{number:08d}"},
        "total": {"N": f"{rng.randrange(1, 10**6) / 100:.2f}"},
        "paid": {"BOOL": rng.random() < 0.5},
        "tags": {"SS": sorted(rng.sample(["new", "gift", "express", "return", "bulk"], 2))},
        "address": {"M": {"city": {"S": "Lyon"}, "lines": {"L": [{"S": "1 rue A"}, {"N": "69001"}]}}},
        "note": {"S": "".join(rng.choices("abcdefghij ", k=700))},
    }


def fill(client: Any, table: str, items: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(items), 25):
        requests = [{"PutRequest": {"Item": row}} for row in items[start : start + 25]]
        while requests:
            reply = client.batch_write_item(RequestItems={table: requests})
            requests = reply["UnprocessedItems"].get(table, [])


def records(table_arn: str, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A stream record for each item: it was put just now, and this is its new image."""
    now = int(time.time())
    return [
        {
            "eventID": str(number),
            "eventName": "MODIFY",
            "eventSource": "aws:dynamodb",
            "eventSourceARN": f"{table_arn}/stream/2026-01-01T00:00:00.000",
            "dynamodb": {
                "ApproximateCreationDateTime": float(now),
                "Keys": {"id": row["id"]},
                "NewImage": row,
                "SequenceNumber": str(10**20 + number),
                "StreamViewType": "NEW_IMAGE",
            },
        }
        for number, row in enumerate(items)
    ]
