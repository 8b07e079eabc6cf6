"""Threads on Amazon's DynamoDB Local that converge keys of the same places, and die now and then."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from cutover.aws.dynamo_table import DynamoTable, describe
from cutover.tables.converge import converge
from cutover.tables.parts import OpenPair
from cutover.tables.ports import Convergence, FaultReason, Item, Key
from cutover.tables.transform import Transform
from cutover.tables.tuning import Tuning
from tests.dynamodb_local import REGION
from tests.fakes.tables import Granted
from tests.tables.racing import Dice, fragile, until_done

pytestmark = pytest.mark.dynamodb_local
PLACES = 120


def key(n: int) -> Key:
    return {"id": {"N": str(n)}}


def place(source_key: Key) -> Item:
    return {"place": {"S": f"p{int(source_key['id']['N']) % PLACES}"}}


def forward(item: Item) -> Item:
    return {**place(item), "from": item["id"], "v": item["v"]}


def back(target: Item) -> Item | None:
    return {"id": target["from"]} if "from" in target else None


CROWDED = Transform(forward, back, place, source_keys=("id",), target_keys=("place",))


@dataclass
class Race:
    client: Any
    source: DynamoTable
    target: DynamoTable
    dice: Dice
    crashes: list[str] = field(default_factory=list)
    held: set[int] = field(default_factory=set)

    def converge(self, keys: Sequence[Key]) -> None:
        """Until it is done; whoever dies is followed by another. What collides is held, as it would be."""
        done: list[Convergence] = []

        def attempt() -> bool:
            tables = fragile(OpenPair(self.source, self.target, CROWDED), self.dice, self.crashes, 0.05)
            result = converge(
                keys,
                source=tables.source,
                target=tables.target,
                transform=CROWDED,
                permit=Granted(),
                tuning=Tuning(slice_keys=6),
            )
            done.append(result)
            return not result.unsettled

        until_done(attempt)
        for result in done:
            self.held |= {int(fault.key["id"]["N"]) for fault in result.faults}
            assert {fault.reason for fault in result.faults} <= {FaultReason.COLLISION}

    def live(self, n: int) -> None:
        """Writes a key and, as its stream would, has it converged: now and then beside its rival."""
        if self.dice.chance(0.5):
            self.client.delete_item(TableName=self.source.name, Key=key(n))
        else:
            value = {"S": uuid.uuid4().hex[:6]}
            self.client.put_item(TableName=self.source.name, Item={**key(n), "v": value})
        more = [key((n + PLACES) % (2 * PLACES))] if self.dice.chance(0.2) else []
        self.converge([key(n), *more])

    def try_again(self) -> None:
        """What is held, and nothing else, until that changes nothing."""
        before: set[int] = set()
        while before != self.held:
            before, self.held = self.held, set()
            for n in sorted(before):
                self.converge([key(n)])

    def items(self, table: DynamoTable) -> list[Item]:
        return [item for page in table.scan(0, 1, consistent=True) for item in page.items]


@pytest.fixture
def race(request: pytest.FixtureRequest, dynamodb_local: str) -> Iterator[Race]:
    client = boto3.client("dynamodb", endpoint_url=dynamodb_local, region_name=REGION)
    names = [f"{kind}-{uuid.uuid4().hex[:8]}" for kind in ("old", "new")]
    for name, (attribute, kind) in zip(names, (("id", "N"), ("place", "S")), strict=True):
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": attribute, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": kind}],
            BillingMode="PAY_PER_REQUEST",
        )
    source, target = (describe(client, name) for name in names)
    yield Race(client, source, target, Dice(request.param))
    for name in names:
        client.delete_table(TableName=name)


@pytest.mark.parametrize("race", [1, 2], indirect=True)
def test_every_place_holds_one_of_its_keys_and_the_others_are_reported(race: Race) -> None:
    rivals = [n for place in range(PLACES) for n in (place, place + PLACES) * 2]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(race.live, rivals))
    assert race.crashes
    race.try_again()
    here = {int(item["id"]["N"]): item for item in race.items(race.source)}
    standing = {int(item["from"]["N"]): item for item in race.items(race.target)}
    assert all(standing[n] == forward(here[n]) for n in standing)
    assert {n % PLACES for n in here} == {n % PLACES for n in standing}
    assert here.keys() - standing.keys() == race.held
