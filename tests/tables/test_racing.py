"""Threads on Amazon's DynamoDB Local: writers, backfill, a misbehaving stream, crashes and redrive."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.dynamo_table import DynamoTable, describe
from cutover.handlers import mirror_table, retry_keys
from cutover.handlers.table_function import parts_here
from cutover.tables.converge import converge
from cutover.tables.items import canonical
from cutover.tables.mirror import mirror
from cutover.tables.parking import RetryMessage
from cutover.tables.parts import TableParts
from cutover.tables.retry import NotYet, retry
from cutover.tables.stream import read_change
from cutover.tables.transform import IDENTITY
from cutover.tables.tuning import Tuning
from tests.dynamodb_local import REGION
from tests.tables.racing import KEYS, Dice, Stream, application, fragile, key, until_done

pytestmark = pytest.mark.dynamodb_local
CRASHES = 0.06


@dataclass
class Race:
    """A pair of tables on DynamoDB Local and the real handlers' environment."""

    client: Any
    source: str
    target: str
    stream: Stream
    dice: Dice
    crashes: list[str] = field(default_factory=list)
    letters: list[RetryMessage] = field(default_factory=list)

    def parts(self) -> TableParts:
        """The real parts over the real tables, whose users die now and then; delays are not waited for."""
        real = parts_here()
        return replace(
            real,
            open=lambda pair, state: fragile(real.open(pair, state), self.dice, self.crashes, CRASHES),
            park=lambda message, _: self.letters.append(message),
            tuning=Tuning(slice_keys=7, rounds=2),
        )

    def items(self, table: str) -> set[Any]:
        pages = self.table(table).scan(0, 1, consistent=True)
        return {canonical(item) for page in pages for item in page.items}

    def table(self, name: str) -> DynamoTable:
        return describe(self.client, name)


@pytest.fixture
def race(
    request: pytest.FixtureRequest, dynamodb_local: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Race]:
    client = boto3.client("dynamodb", endpoint_url=dynamodb_local, region_name=REGION)
    streams = boto3.client("dynamodbstreams", endpoint_url=dynamodb_local, region_name=REGION)
    names = [f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("old", "new", "ledger")]
    arn = ""
    for name, keys in zip(
        names, ([("id", "B"), ("at", "N")],) * 2 + ([("pk", "S"), ("sk", "S")],), strict=True
    ):
        made = client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": k, "KeyType": t} for (k, _), t in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            AttributeDefinitions=[{"AttributeName": k, "AttributeType": t} for k, t in keys],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        arn = arn or made["TableDescription"]["LatestStreamArn"]
    with mock_aws():
        queue = boto3.client("sqs", region_name=REGION).create_queue(QueueName=f"retry-{names[0]}")[
            "QueueUrl"
        ]
        for variable, value in {
            "TABLES": json.dumps([{"source": names[0], "target": names[1]}]),
            "LEDGER_TABLE": names[2],
            "RETRY_QUEUE_URL": queue,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb_local,
        }.items():
            monkeypatch.setenv(variable, value)
        yield Race(client, names[0], names[1], Stream(streams, arn), Dice(request.param))
    for name in names:
        client.delete_table(TableName=name)


def backfill(race: Race) -> None:
    """Pages of keys, each tried until it is done: what `cutover backfill` does with its saved pages."""
    parts = race.parts()
    pair = parts.pairs[0]
    for page in race.table(race.source).scan(0, 1):
        keys = [{name: item[name] for name in ("id", "at")} for item in page.items]

        def attempt(keys: list[Any] = keys) -> bool:
            tables = parts.open(pair, parts.ledger.state(pair.id))
            result = converge(
                keys,
                source=tables.source,
                target=tables.target,
                transform=IDENTITY,
                permit=parts.ledger.permit(pair.id, "forward", 0),
                tuning=parts.tuning,
            )
            return not result.unsettled

        until_done(attempt)


def deliver(race: Race, batch: list[dict[str, Any]]) -> None:
    """One batch until it is done: now by the handler itself, now by the same code with a user that dies."""

    def attempt() -> bool:
        if race.dice.chance(0.3):
            return not mirror_table.handler({"Records": batch}, None)["batchItemFailures"]
        return not mirror(batch, race.parts(), stop=lambda: False).response["batchItemFailures"]

    until_done(attempt)


def pump(race: Race, writing: threading.Event, pool: Executor) -> None:
    """Some batches late, some twice, some backwards, some not at all but redriven at the end."""
    late: list[list[dict[str, Any]]] = []
    workers: list[Future[None]] = []
    quiet = 0
    while writing.is_set() or quiet < 3:
        records = race.stream.read()
        quiet = 0 if records else quiet + 1
        for start in range(0, len(records), 9):
            batch = records[start : start + 9]
            if race.dice.chance(0.1):
                keys = tuple(read_change(0, record).key for record in batch)
                race.letters.append(
                    RetryMessage(parts_here().pairs[0].id, "forward", 0, keys, 0.0, "redrive")
                )
                continue
            if race.dice.chance(0.2):
                batch = batch[::-1]
            if race.dice.chance(0.3):
                late.append(batch)
            workers.append(pool.submit(deliver, race, batch))
        time.sleep(0.02)
    for worker in workers:
        worker.result()
    for batch in race.dice.shuffled(late):
        deliver(race, batch)


def redrive(race: Race) -> None:
    """Every letter, in any order, until none is left."""
    letters = race.dice.shuffled(race.letters)
    race.letters.clear()
    for letter in letters:

        def attempt(body: str = letter.body()) -> bool:
            record = {"messageId": "1", "receiptHandle": "r", "body": body}
            record_event = {"Records": [{**record, "attributes": {"ApproximateReceiveCount": "1"}}]}
            if race.dice.chance(0.5):
                return not retry_keys.handler(record_event, None)["batchItemFailures"]
            try:
                retry(body, 1, race.parts(), stop=lambda: False)
            except NotYet:
                return False
            return True

        until_done(attempt)
    if race.letters:
        redrive(race)


@pytest.mark.parametrize("race", [1, 2, 3], indirect=True)
def test_after_a_race_with_crashes_duplicates_and_redrive_the_tables_are_equal(race: Race) -> None:
    for n in range(KEYS):
        race.client.put_item(TableName=race.source, Item={**key(n), "n": {"N": "0"}})
    writing = threading.Event()
    writing.set()
    with ThreadPoolExecutor(12) as pool:
        writers = [
            pool.submit(application, race.client, race.source, 90, Dice(race.dice.seed * 10 + n))
            for n in range(2)
        ]
        others = [pool.submit(pump, race, writing, pool), pool.submit(backfill, race)]
        wait(writers)
        writing.clear()
        for one in writers + others:
            one.result()
    redrive(race)
    assert race.crashes
    assert race.items(race.target) == race.items(race.source)
