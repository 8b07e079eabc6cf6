"""Two table pairs, a ledger and a retry queue on an engine, and the real handlers by their environment."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.dynamo_table import DynamoTable, describe
from cutover.handlers import mirror_table, retry_keys
from cutover.tables.ledger_rows import pair_key
from cutover.tables.ports import Item

EVENTS = Path(__file__).parents[2] / "events"
KEYS = {
    "orders": (("order", "S"),),
    "devices": (("device", "B"), ("seen", "N")),
}
REGION = "us-east-1"


class LambdaContext:
    """What a handler may ask of its invocation; `left` is in milliseconds."""

    def __init__(self, left: int = 120_000) -> None:
        self.left = left
        self.aws_request_id = "00000000-0000-4000-8000-000000000000"
        self.function_name = "mirror-table"

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def event(name: str) -> dict[str, Any]:
    """One of `events/`."""
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


class World:
    """`table("orders")` is a source, `table("orders-new")` its target."""

    def __init__(self, dynamodb: Any, sqs: Any) -> None:
        self.dynamodb = dynamodb
        self.sqs = sqs
        self.ledger = f"ledger-{uuid.uuid4().hex[:8]}"
        self.queue = sqs.create_queue(QueueName=f"retry-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        self._make(self.ledger, (("pk", "S"), ("sk", "S")))
        for name, keys in KEYS.items():
            self._make(name, keys)
            self._make(f"{name}-new", keys)

    def _make(self, name: str, keys: tuple[tuple[str, str], ...]) -> None:
        index = [("status", "S")] if name == "orders-new" else []
        indexes: dict[str, Any] = {
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": "by-status",
                    "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ]
        }
        self.dynamodb.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": one, "KeyType": kind}
                for (one, _), kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in [*keys, *index]],
            BillingMode="PAY_PER_REQUEST",
            **(indexes if index else {}),
        )

    def environ(self, **more: str) -> dict[str, str]:
        pairs = [{"source": name, "target": f"{name}-new"} for name in KEYS]
        return {
            "TABLES": json.dumps(pairs),
            "LEDGER_TABLE": self.ledger,
            "RETRY_QUEUE_URL": self.queue,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **more,
        }

    def table(self, name: str) -> DynamoTable:
        return describe(self.dynamodb, name)

    def put(self, table: str, *items: Item) -> None:
        outcome = self.table(table).write(items, [])
        assert outcome.rejected == ()

    def items(self, table: str) -> list[Item]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return [one for page in pages for one in page["Items"]]

    def rule(self, pair: str, ruler: str, direction: str, epoch: int) -> None:
        self._row(
            {
                **pair_key(pair, "authority"),
                "ruler": {"S": ruler},
                "direction": {"S": direction},
                "epoch": {"N": str(epoch)},
            }
        )

    def pause(self, pair: str, reason: str = "maintenance") -> None:
        self._row({**pair_key(pair, "pace"), "paused": {"BOOL": True}, "reason": {"S": reason}})

    def pace(self, pair: str, write_units: float) -> None:
        self._row({**pair_key(pair, "pace"), "write_units": {"N": str(write_units)}})

    def _row(self, item: dict[str, Any]) -> None:
        self.dynamodb.put_item(TableName=self.ledger, Item=item)

    def counters(self, pair: str) -> dict[str, int]:
        row = self.dynamodb.get_item(TableName=self.ledger, Key=pair_key(pair, "counters")).get("Item", {})
        return {name: int(value["N"]) for name, value in row.items() if "N" in value}

    def waiting(self) -> tuple[int, int]:
        """Messages to be seen now, and messages whose delay has not passed."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def mirror(self, happened: dict[str, Any], context: LambdaContext | None = None) -> Any:
        return mirror_table.handler(happened, context or LambdaContext())

    def retry(self, happened: dict[str, Any], context: LambdaContext | None = None) -> Any:
        return retry_keys.handler(happened, context or LambdaContext())

    def close(self) -> None:
        """Takes away what an engine that outlives the test would keep."""
        for name in [self.ledger, *KEYS, *(f"{name}-new" for name in KEYS)]:
            with contextlib.suppress(self.dynamodb.exceptions.ResourceNotFoundException):
                self.dynamodb.delete_table(TableName=name)
        self.sqs.delete_queue(QueueUrl=self.queue)


@lru_cache(maxsize=8)
def client(service: str, endpoint: str | None) -> Any:
    """A test's own client; making one takes longer than most tests."""
    return boto3.client(service, region_name=REGION, endpoint_url=endpoint)


@contextmanager
def table_world(monkeypatch: pytest.MonkeyPatch, endpoint: str | None = None) -> Iterator[World]:
    """On moto, or on the engine at `endpoint`."""
    with mock_aws() if endpoint is None else contextlib.nullcontext():
        made = World(client("dynamodb", endpoint), client("sqs", endpoint))
        environ = made.environ() | ({"AWS_ENDPOINT_URL": endpoint} if endpoint else {})
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        yield made
        made.close()
