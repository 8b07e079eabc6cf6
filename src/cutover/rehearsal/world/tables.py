"""Two source tables full of items, their empty targets, and their streams."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cutover.rehearsal.world import items
from cutover.rehearsal.world.items import Item

BATCH = 25
"""BatchWriteItem takes no more."""
THREADS = 4


@dataclass(frozen=True)
class Shape:
    """A pair of tables of one key schema. `make(number, rng)` gives item `number`."""

    source: str
    target: str
    keys: tuple[tuple[str, str], ...]
    """Attribute name and type: the partition key, and the sort key where there is one."""
    make: Callable[[int, random.Random], Item]
    view: str
    """What the source's stream holds of a change."""
    index: str | None = None
    """An attribute that the target has an index on, and the source has not; it must be a string there."""

    def key_of(self, item: Item) -> Item:
        return {name: item[name] for name, _ in self.keys}


ORDERS = Shape("orders-2019", "orders", (("order_id", "S"),), items.order, "NEW_AND_OLD_IMAGES", "customer")
HISTORY = Shape("history-2019", "history", (("person", "S"), ("moment", "B")), items.event, "KEYS_ONLY")
SHAPES = (ORDERS, HISTORY)


@dataclass(frozen=True)
class TableArns:
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    streams: tuple[str, ...]


def make_tables(dynamodb: Any, number: int, rng: random.Random) -> TableArns:
    """Sources of `number` items each. A stream begins once the items are there, so it holds none of them:
    what was there before is the backfill's work."""
    sources = tuple(_make_table(dynamodb, shape.source, shape.keys) for shape in SHAPES)
    targets = tuple(_make_table(dynamodb, shape.target, shape.keys, shape.index) for shape in SHAPES)
    for shape in SHAPES:
        fill(dynamodb, shape.source, (shape.make(at, rng) for at in range(number)))
    return TableArns(sources, targets, tuple(_start_stream(dynamodb, shape) for shape in SHAPES))


def fill(dynamodb: Any, table: str, made: Iterable[Item]) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(lambda batch: _put(dynamodb, table, batch), _batches(iter(made))))


def _batches(made: Any) -> Iterable[list[Item]]:
    while batch := list(islice(made, BATCH)):
        yield batch


def _put(dynamodb: Any, table: str, batch: list[Item]) -> None:
    requests: Any = {table: [{"PutRequest": {"Item": item}} for item in batch]}
    while requests:
        requests = dynamodb.batch_write_item(RequestItems=requests).get("UnprocessedItems")


def _make_table(dynamodb: Any, name: str, keys: tuple[tuple[str, str], ...], index: str | None = None) -> str:
    attributes = (*keys, (index, "S")) if index else keys
    indexed = {
        "IndexName": f"by_{index}",
        "KeySchema": [{"AttributeName": index, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for (key, _), kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in attributes],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": [indexed]} if index else {}),
    )
    return str(made["TableDescription"]["TableArn"])


def _start_stream(dynamodb: Any, shape: Shape) -> str:
    changed = dynamodb.update_table(
        TableName=shape.source,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": shape.view},
    )
    return str(changed["TableDescription"]["LatestStreamArn"])
