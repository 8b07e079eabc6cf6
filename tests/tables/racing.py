"""A live table on DynamoDB Local: an application that writes, a stream that misbehaves, workers that die."""

from __future__ import annotations

import base64
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cutover.tables.parts import OpenPair
from cutover.tables.ports import Change, Item, Key, KeyId, ReadableTable, WritableTable, WriteOutcome

KEYS = 40


class Crash(BaseException):
    """The process is gone: nothing that it meant to do next is done."""


@dataclass
class Dice:
    """One random source for many threads, seeded so that a failure says which run it was."""

    seed: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def chance(self, probability: float) -> bool:
        with self._lock:
            return self._random.random() < probability

    def pick(self, many: Sequence[Any]) -> Any:
        with self._lock:
            return self._random.choice(many)

    def shuffled(self, many: Sequence[Any]) -> list[Any]:
        with self._lock:
            return self._random.sample(list(many), len(many))


def key(n: int) -> Key:
    """A key of binary and number, so that every event carries base64."""
    return {"id": {"B": bytes([n, 0, 255])}, "at": {"N": str(n)}}


def application(client: Any, table: str, writes: int, dice: Dice) -> None:
    """Inserts, updates and deletes, often on the same keys."""
    for n in range(writes):
        where = key(dice.pick(range(KEYS)))
        if dice.chance(0.35):
            client.delete_item(TableName=table, Key=where)
        elif dice.chance(0.5):
            client.put_item(
                TableName=table, Item={**where, "n": {"N": str(n)}, "tags": {"SS": ["x", str(n)]}}
            )
        else:
            client.update_item(
                TableName=table,
                Key=where,
                UpdateExpression="SET n = :n, raw_bytes = :b",
                ExpressionAttributeValues={":n": {"N": str(n)}, ":b": {"B": n.to_bytes(3, "big")}},
            )


class Stream:
    """The records of a table's stream as Lambda would deliver them."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn
        self._iterators: dict[str, str | None] = {}

    def read(self) -> list[dict[str, Any]]:
        """What has come since the last call."""
        shards = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        records: list[dict[str, Any]] = []
        for shard in shards:
            name = shard["ShardId"]
            if name not in self._iterators:
                self._iterators[name] = self._client.get_shard_iterator(
                    StreamArn=self._arn, ShardId=name, ShardIteratorType="TRIM_HORIZON"
                )["ShardIterator"]
            while self._iterators[name]:
                page = self._client.get_records(ShardIterator=self._iterators[name])
                self._iterators[name] = page.get("NextShardIterator")
                records += [self._event(record) for record in page["Records"]]
                if not page["Records"]:
                    break
        return records

    def _event(self, record: dict[str, Any]) -> dict[str, Any]:
        body = {**record["dynamodb"]}
        body["ApproximateCreationDateTime"] = body["ApproximateCreationDateTime"].timestamp()
        for name in ("Keys", "NewImage", "OldImage"):
            if name in body:
                body[name] = as_event(body[name])
        return {"eventName": record["eventName"], "dynamodb": body, "eventSourceARN": self._arn}


def as_event(value: Any) -> Any:
    """Bytes as Lambda's event holds them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: as_event(member) for name, member in value.items()}
    return [as_event(member) for member in value] if isinstance(value, list) else value


@dataclass
class Fragile:
    """A table whose user may die before or after any call to it."""

    table: Any
    dice: Dice
    crashes: list[str]
    probability: float

    @property
    def name(self) -> str:
        return str(self.table.name)

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(self.table.key_names)

    def get(self, keys: Sequence[Key]) -> dict[KeyId, Item]:
        self._maybe("before a read")
        found: dict[KeyId, Item] = self.table.get(keys)
        return found

    def write(self, puts: Sequence[Item], deletes: Sequence[Key]) -> WriteOutcome:
        return self._written(lambda: self.table.write(puts, deletes))

    def write_seen(self, changes: Sequence[Change]) -> WriteOutcome:
        return self._written(lambda: self.table.write_seen(changes))

    def _written(self, write: Callable[[], WriteOutcome]) -> WriteOutcome:
        self._maybe("before a write")
        if self.dice.chance(0.2):
            time.sleep(0.02)  # long enough for others to overtake
        outcome = write()
        self._maybe("after a write")
        return outcome

    def _maybe(self, when: str) -> None:
        if self.dice.chance(self.probability):
            self.crashes.append(when)
            raise Crash(when)


def fragile(opened: OpenPair, dice: Dice, crashes: list[str], probability: float) -> OpenPair:
    source: ReadableTable = Fragile(opened.source, dice, crashes, probability)
    target: WritableTable = Fragile(opened.target, dice, crashes, probability)
    return OpenPair(source, target, opened.transform)


def until_done(attempt: Callable[[], bool], tries: int = 200) -> None:
    """As the services do: again and again, after a failure and after a crash."""
    for _ in range(tries):
        try:
            if attempt():
                return
        except Crash:
            continue
    raise AssertionError("work that never ends")
