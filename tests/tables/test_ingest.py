"""Batches that were given up: every key of them is owed, each object counts once, nothing is dropped."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest

from cutover.tables.authority import Authority, PairState
from cutover.tables.ingest import Ingested, Intake
from cutover.tables.items import key_id
from cutover.tables.lost import read_lost
from cutover.tables.owed import OwedSummary
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import TableFault
from cutover.tables.stream import read_change
from tests.fakes.backfill import Hand, Killed
from tests.fakes.failures import FakeFailureStore, lost_object
from tests.fakes.owed import FakeOwedBook, marks
from tests.fakes.tables import FakeLedger, FakeQueue, key
from tests.handlers.table_world import EVENTS
from tests.tables.test_mirror import PAIR, record

OTHER = TablePair(TableRef("elsewhere"), TableRef("elsewhere-new"))
STRANGE = {"eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/nobodys/stream/2026"}
ARRIVED = 1795644799.0
"""2026-11-25T22:13:19Z"""


def records(*names: str, **changes: Any) -> list[dict[str, Any]]:
    return [record(number, name) | changes for number, name in enumerate(names)]


class World:
    def __init__(self, **objects: bytes) -> None:
        self.store, self.book, self.queue = FakeFailureStore(**objects), FakeOwedBook(), FakeQueue()
        self.ledger, self.mark = FakeLedger(), marks()

    def ingest(self, hand: Hand | None = None, stop: Any = lambda: False, **options: Any) -> Ingested:
        hand = hand or Hand()
        book = hand.on(self.book)
        owing = Owing(book, lambda *given: hand.call(self.queue.park, *given), self.mark)
        intake = Intake(
            (PAIR, OTHER), hand.on(self.store), self.ledger, book, owing, clock=lambda: 2_000_000_000.0
        )
        return intake.run(stop, **options)

    def owed(self, pair: str = PAIR.id) -> list[tuple[str, tuple[Any, ...]]]:
        return [(row.reason, row.keys) for row in self.book.rows(pair)]


def test_the_keys_of_a_batch_are_owed_since_its_first_record_and_looked_at_again() -> None:
    world = World(a=lost_object(records("x", "y", "x")))
    assert world.ingest() == Ingested(batches=1, keys=2)
    (row,) = world.book.rows(PAIR.id)
    assert (row.reason, row.keys, row.since) == ("lost", (key("x"), key("y")), ARRIVED)
    assert [(message.owed, delay) for message, delay in world.queue.parked] == [(row.name, 0)]
    assert (world.store.objects, list(world.store.taken)) == ({}, ["a"])


def test_the_keys_are_owed_in_the_epoch_of_now_and_forward() -> None:
    world = World(a=lost_object(records("x")))
    world.ledger.states[PAIR.id] = PairState(Authority("source", "forward", 4))
    world.ingest()
    assert [(row.direction, row.epoch) for row in world.book.rows(PAIR.id)] == [("forward", 4)]


def test_a_payload_that_is_no_text_but_the_event_itself_is_read_too() -> None:
    world = World(a=lost_object([], payload={"Records": records("x")}))
    world.ingest()
    assert world.owed() == [("lost", (key("x"),))]


def test_an_object_that_comes_twice_counts_once_and_is_owed_once() -> None:
    world = World(a=lost_object(records("x")))
    world.ingest()
    world.store.objects["a"] = world.store.taken.pop("a")
    assert world.ingest() == Ingested()
    assert world.owed() == [("lost", (key("x"),))]


@pytest.mark.parametrize(
    "content",
    [b"", b"no json", b"[]", b"\xff\xfe", b"{}", b"[" * 100_000, json.dumps({"payload": "{}"}).encode()],
    ids=["empty", "text", "list", "bytes", "nothing", "deep", "no records"],
)
def test_what_nobody_can_read_makes_every_pair_owe_a_verify(content: bytes) -> None:
    world = World(a=content)
    assert world.ingest() == Ingested(batches=1, unreadable=1)
    assert world.owed() == world.owed(OTHER.id) == [("lost", ())]
    assert world.book.summary(PAIR.id) == OwedSummary({"lost": 1}, 2_000_000_000.0)
    assert world.queue.parked == []


def test_a_batch_without_its_records_makes_only_the_pair_of_its_stream_suspect() -> None:
    world = World(a=lost_object([], payload=None))
    world.ingest()
    assert (world.owed(), world.owed(OTHER.id)) == ([("lost", ())], [])


def test_one_record_that_nobody_can_read_does_not_hide_the_others() -> None:
    broken = record(1, "y", Keys={"k": {"B": "?"}})
    world = World(a=lost_object([record(0, "x"), broken, "text", record(2, "z")]))
    assert world.ingest() == Ingested(batches=1, keys=2, unreadable=1)
    assert sorted(world.owed(), key=str) == [("lost", ()), ("lost", (key("x"), key("z")))]


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


@pytest.mark.parametrize(
    "change",
    [
        {"ApproximateCreationDateTime": "soon"},
        {"ApproximateCreationDateTime": 10**400},
        {"Keys": {}},
        {"Keys": {"k": nested(400)}},
        {"Keys": {"k": {"SS": []}}},
        {"Keys": {"k": {"S": "\ud800"}}},
        {"Keys": {"k": {"N": "1e400"}}},
    ],
    ids=lambda change: str(change)[:50],
)
def test_a_record_that_no_table_can_have_written_stops_no_other_batch(change: dict[str, Any]) -> None:
    """The ledger takes no such key: its row would be refused each time that the bucket is looked at."""
    world = World(a=lost_object([record(0, "x", **change)]), b=lost_object([record(0, "y")]))
    assert world.ingest() == Ingested(batches=2, keys=1, unreadable=1)
    assert sorted(world.owed(), key=str) == [("lost", ()), ("lost", (key("y"),))]


def test_records_of_no_pair_stay_in_the_bucket_and_a_redrive_looks_again() -> None:
    world = World(a=lost_object(records("x", **STRANGE)), b=lost_object(records("y")))
    assert world.ingest() == Ingested(batches=2, keys=1, strangers=1)
    assert (list(world.store.strange), list(world.store.taken)) == (["a"], ["b"])
    assert world.ingest() == Ingested()
    assert world.ingest(strangers=True) == Ingested(strangers=1)


def test_a_large_batch_is_owed_in_messages_that_fit() -> None:
    world = World(a=lost_object(records(*map(str, range(60)))))
    assert world.ingest().keys == 60
    assert [len(message.keys) for message, _ in world.queue.parked] == [25, 25, 10]


def test_near_the_deadline_the_rest_waits() -> None:
    world = World(a=lost_object(records("x")), b=lost_object(records("y")))
    asked: list[int] = []

    def second() -> bool:
        asked.append(1)
        return len(asked) > 1

    assert world.ingest(stop=second).batches == 1
    assert list(world.store.objects) == ["b"]


def test_a_ledger_at_fault_leaves_the_object_where_it_is() -> None:
    world = World(a=lost_object(records("x")))
    world.ledger.fault = "ThrottlingException"
    with pytest.raises(TableFault):
        world.ingest()
    assert list(world.store.objects) == ["a"]


def test_an_ingest_that_dies_anywhere_loses_no_key_and_counts_each_object_once() -> None:
    def made() -> World:
        return World(a=lost_object(records("x", "y")), b=b"broken")

    counted = Hand()
    made().ingest(counted)
    assert counted.calls > 8
    for call in range(counted.calls):
        for after in (False, True):
            world = made()
            with contextlib.suppress(Killed):
                world.ingest(Hand(kill_at=call, after=after))
            assert "a" in world.store.objects or world.owed() != []
            world.ingest()
            assert sorted(world.owed(), key=str) == [("lost", ()), ("lost", (key("x"), key("y")))]
            assert (world.store.objects, sorted(world.store.counted)) == ({}, ["a", "b"])


def test_a_time_that_nobody_can_read_is_none() -> None:
    info = {"streamArn": 5, "approximateArrivalOfFirstRecord": "yesterday"}
    assert read_lost(lost_object(records("x"), DDBStreamBatchInfo=info), (PAIR,)).since is None


@pytest.mark.parametrize("name", ["mirror_kinesis_binary_and_sets", "mirror_binary_and_sets"])
def test_a_batch_of_either_kind_of_stream_gives_the_keys_that_the_mirror_would_have_seen(name: str) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    pairs = [TablePair(TableRef(one), TableRef(f"{one}-new")) for one in ("orders", "devices")]
    information = {"approximateArrivalOfFirstRecord": "2026-11-25T22:13:19Z"}
    lost = read_lost(
        lost_object([], payload=json.dumps(event), DDBStreamBatchInfo=None, KinesisBatchInfo=information),
        pairs,
    )
    changes = [read_change(n, record) for n, record in enumerate(event["Records"])]
    found = {key_id(one) for keys in lost.keys.values() for one in keys}
    assert found == {change.identity for change in changes}
    assert (lost.suspects, lost.strangers, lost.since) == (frozenset(), 0, ARRIVED)
