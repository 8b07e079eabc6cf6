"""Faults between the project and a real engine: halves, lost replies, late writes, credentials that run out.

Whatever they do, the target ends equal, and each test shows what it would be without the rule that it is for.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.dynamo_table import DynamoTable, describe
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from cutover.tables.authority import Direction
from cutover.tables.converge import converge
from cutover.tables.mirror import mirror
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.parking import RetryMessage, parcels
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.ports import Convergence, Item, Key, TableFault
from cutover.tables.transform import IDENTITY
from tests.bench import data
from tests.bench.ours import Ours
from tests.fakes.owed import FakeOwedBook
from tests.fakes.tables import Granted
from tests.faulty_wire import FaultyWire

REGION = "us-east-1"
ITEMS = 230

pytestmark = pytest.mark.slow


@dataclass
class World:
    """A filled source, and a target that holds old versions and items that the source has no more."""

    url: str
    source: str
    target: str
    ledger: str
    parked: list[RetryMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = self.new_client()
        for table in (self.source, self.target):
            data.new_table(self.client, table)
        data.new_ledger(self.client, self.ledger)
        self.put(self.source, [item(number, 2) for number in range(ITEMS)])
        self.put(self.target, [item(number, 1) for number in range(ITEMS // 2, ITEMS + 40)])

    def new_client(self) -> Any:
        return table_client(Aws(region=REGION, endpoint_url=self.url))

    def wire(self, *, now: Callable[[str], bool] = lambda _: True, **shares: float) -> FaultyWire:
        return FaultyWire({self.source, self.target}, shares, random.Random(1), late_seconds=None, now=now)

    def table(self, name: str, client: Any = None) -> DynamoTable:
        return describe(client or self.client, name, sleep=lambda _: None)

    def put(self, table: str, items: list[Item]) -> None:
        self.table(table).write(items, [])

    def converge(self, keys: list[Key], client: Any = None) -> Convergence:
        source, target = self.table(self.source, client), self.table(self.target, client)
        return converge(
            keys, source=source, target=target, transform=IDENTITY, permit=Granted(), sleep=lambda _: None
        )

    def park(self, message: RetryMessage, delay: int) -> None:
        self.parked.append(message)

    def work_off(self) -> None:
        """What was parked, by a client that meets no faults."""
        while self.parked:
            self.converge(list(self.parked.pop(0).keys))

    def different(self) -> list[str]:
        """Ids that are not the same on both sides, by a plain scan."""
        old, new = self._items(self.source), self._items(self.target)
        return sorted(name for name in {**old, **new} if old.get(name) != new.get(name))

    def _items(self, table: str) -> dict[str, Any]:
        pages = self.client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return {found["id"]["S"]: found for page in pages for found in page["Items"]}


def key(number: int) -> Key:
    return {"id": {"S": f"order-{number:04}"}}


def item(number: int, version: int) -> Item:
    return {**key(number), "v": {"N": str(version)}, "b": {"B": bytes([version])}}


KEYS = [key(number) for number in range(ITEMS + 40)]


@pytest.fixture(
    params=[
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ]
)
def world(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[World]:
    url = str(request.getfixturevalue(request.param))
    return World(url, *(unique(name) for name in ("source", "target", "ledger")))  # type: ignore[return-value]


def forgetting(client: Any, member: str) -> Any:
    """A client for code that does not look at what a batch left over."""

    def forget(parsed: dict[str, Any], **_: Any) -> None:
        parsed.pop(member, None)

    client.meta.events.register("after-call.dynamodb", forget)
    return client


class Calls:
    """Lets a fault happen only in some calls, counted from 0."""

    def __init__(self, which: Callable[[int], bool]) -> None:
        self._which, self._count = which, -1

    def __call__(self, fault: str) -> bool:
        self._count += 1
        return self._which(self._count)


class TestHalves:
    def test_what_batches_leave_over_is_drained(self, world: World) -> None:
        wire = world.wire(halved=0.5)
        world.converge(KEYS, wire.onto(world.new_client()))
        assert wire.done["halved"] > 3
        assert world.different() == []

    @pytest.mark.parametrize("member", ["UnprocessedItems", "UnprocessedKeys"])
    def test_without_that_the_tables_would_differ(self, world: World, member: str) -> None:
        client = forgetting(world.wire(halved=1.0).onto(world.new_client()), member)
        world.converge(KEYS, client)
        assert world.different()


class TestLostReplies:
    def test_a_write_that_was_done_is_seen_to_be_done_and_owed_a_later_look(self, world: World) -> None:
        wire = world.wire(lost=1.0, now=Calls(lambda call: call < 8))
        result = world.converge(KEYS, wire.onto(world.new_client()))
        assert wire.done["lost"] > 0
        assert world.different() == []
        assert len(result.converged) == len(KEYS)
        assert len(result.ambiguous) > 0

    def test_a_write_that_lands_late_is_put_right_by_the_look_that_it_was_owed(self, world: World) -> None:
        """It was of version 2; meanwhile the item is of version 3."""
        wire = world.wire(late=1.0, now=Calls(lambda call: call == 2))
        first = world.converge([key(0)], wire.onto(world.new_client()))
        world.put(world.source, [item(0, 3)])
        world.converge([key(0)])
        wire.landed()
        assert wire.done["late"] == 1
        assert "order-0000" in world.different()  # nothing but the later look would find it
        owed = list(parcels(first, pair="p", direction=Direction.FORWARD, epoch=0, first_parked_at=0.0))
        assert [at.delay for at in owed] == [900]
        world.converge([where for at in owed for where in at.message.keys])
        assert "order-0000" not in world.different()


class TestMirror:
    def parts(self, world: World, client: Any) -> TableParts:
        pair = TablePair(TableRef(world.source), TableRef(world.target))
        tables = OpenPair(world.table(world.source, client), world.table(world.target, client), IDENTITY)
        return TableParts(
            pairs=(pair,),
            ledger=PairLedger(world.client, world.ledger),
            open=lambda *_: tables,
            park=world.park,
            hide=lambda *_: True,
            clock=lambda: 0.0,
            sleep=lambda _: None,
            owed=FakeOwedBook(),
        )

    def test_it_ends_equal_under_every_fault_at_once(self, world: World) -> None:
        arn = world.client.describe_table(TableName=world.source)["Table"]["TableArn"]
        put = data.records(arn, [{**item(n, 2), "b": {"B": "Ag=="}} for n in range(ITEMS)])
        gone = data.records(arn, [key(n) for n in range(ITEMS, ITEMS + 40)])
        for record in gone:
            record["eventName"] = "REMOVE"
            del record["dynamodb"]["NewImage"]
        records = [*put, *gone]
        wire = world.wire(halved=0.2, throttled=0.1, lost=0.2, late=0.1, expired=0.05)
        parts = self.parts(world, wire.onto(world.new_client()))
        for start in range(0, len(records), 50):
            batch = records[start : start + 50]
            while failed := mirror(batch, parts, stop=lambda: False).response["batchItemFailures"]:
                numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
                batch = batch[min(numbers.index(one["itemIdentifier"]) for one in failed) :]
        wire.landed()
        world.work_off()
        assert sum(wire.done.values()) > 5
        assert world.different() == []


class TestBackfill:
    def ours(self, world: World, client: Any) -> Ours:
        pair = TablePair(TableRef(world.source), TableRef(world.target))
        return Ours(world.url, REGION, pair, world.ledger, 2, world.park, client)

    def test_credentials_that_run_out_stop_it_and_it_goes_on_with_new_ones(self, world: World) -> None:
        """Meanwhile items are deleted whose keys were pending: their writes may be half done."""
        wire = world.wire(expired=1.0, now=Calls(lambda call: call > 9))
        ours = self.ours(world, wire.onto(world.new_client()))
        with pytest.raises(TableFault, match="ExpiredTokenException"):
            ours.backfill()
        ledger = DynamoBackfillLedger(LedgerTable(world.client, world.ledger), ours.pair.id)
        pending = [where for page in ledger.pending() for where in page.keys]
        world.table(world.source).write([], pending[::2])
        assert pending
        self.ours(world, world.new_client()).backfill(ledger.runs()[-1])
        assert list(ledger.pending()) == []
        assert [name for name in world.different() if name < f"order-{ITEMS:04}"] == []

    def test_it_ends_equal_under_halves_and_lost_replies(self, world: World) -> None:
        wire = world.wire(halved=0.3, lost=0.2, late=0.1)
        self.ours(world, wire.onto(world.new_client())).backfill()
        wire.landed()
        world.work_off()
        assert wire.done["halved"] > 0
        assert [name for name in world.different() if name < f"order-{ITEMS:04}"] == []
