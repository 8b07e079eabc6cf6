"""A batch of stream records: which keys, which guesses, what is parked, what is asked for again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.tables.authority import Authority, PairState
from cutover.tables.items import key_id
from cutover.tables.mirror import WORD_SECONDS, MirrorReport, mirror
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.parking import RetryMessage
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.ports import TableFault
from cutover.tables.transform import IDENTITY, Transform
from cutover.tables.tuning import Tuning
from tests.fakes.owed import FakeOwedBook, marks
from tests.fakes.tables import FakeLedger, FakeQueue, FakeTable, item, key

PAIR = TablePair(TableRef("old"), TableRef("new"))
ARN = "arn:aws:dynamodb:eu-west-1:1:table/old"
ALL: dict[str, list[Any]] = {"batchItemFailures": []}


@dataclass
class Bench:
    source: FakeTable = field(default_factory=lambda: FakeTable(name="old"))
    target: FakeTable = field(default_factory=lambda: FakeTable(name="new"))
    ledger: FakeLedger = field(default_factory=FakeLedger)
    queue: FakeQueue = field(default_factory=FakeQueue)
    owed: FakeOwedBook = field(default_factory=FakeOwedBook)
    mark: Callable[[], str] = field(default_factory=marks)
    transform: Transform = IDENTITY
    broken: Exception | None = None
    now: float = 1000.0

    def open(self, pair: TablePair, state: PairState) -> OpenPair:
        if self.broken:
            raise self.broken
        return OpenPair(self.source, self.target, self.transform)

    def park(self, message: RetryMessage, delay: int) -> None:
        Owing(self.owed, self.queue.park, self.mark).park(message, delay)

    def run(self, *records: dict[str, Any], stop: Any = lambda: False, slice_keys: int = 2) -> MirrorReport:
        parts = TableParts(
            (PAIR,),
            self.ledger,
            self.open,
            self.park,
            lambda *_: True,
            lambda: self.now,
            Tuning(slice_keys=slice_keys, rounds=2),
            lambda _: None,
            lambda: 0.5,
            owed=self.owed,
        )
        return mirror(records, parts, stop=stop)

    def changed(self, *values: tuple[str, str]) -> list[dict[str, Any]]:
        """The source has these items now, and one record tells of each."""
        for name, value in values:
            self.source.put(item(name, value))
        return [record(n, name, value) for n, (name, value) in enumerate(values)]


def record(number: int, name: str, value: str | None = None, **body: Any) -> dict[str, Any]:
    image = {} if value is None else {"NewImage": item(name, value)}
    return {
        "eventName": "REMOVE" if value is None else "MODIFY",
        "eventSourceARN": f"{ARN}/stream/2026",
        "dynamodb": {
            "Keys": key(name),
            "SequenceNumber": str(100 + number),
            "ApproximateCreationDateTime": 990.0 - number,
            **image,
            **body,
        },
    }


def failed(number: int) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": str(100 + number)}]}


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_last_image_of_a_key_spares_the_first_read(bench: Bench) -> None:
    bench.source.put(item("a", "2"))
    bench.run(record(0, "a", "1"), record(1, "a", "2"))
    assert bench.source.reads == [[key_id(key("a"))]]
    assert bench.target.items == bench.source.items


def test_a_key_whose_last_record_is_a_deletion_is_read(bench: Bench) -> None:
    bench.source.put(item("a", "again"))
    bench.run(record(0, "a", "1"), record(1, "a"))
    assert bench.target.items == bench.source.items


def test_a_deletion_brings_no_guess_whatever_images_it_holds(bench: Bench) -> None:
    bench.source.put(item("a", "2"))
    bench.run(record(0, "a", "1", OldImage=item("a", "0")) | {"eventName": "REMOVE"})
    assert len(bench.target.writes) == 1


def test_a_key_that_kept_changing_is_parked_for_soon(bench: Bench) -> None:
    values = iter(range(99))
    bench.target.before_write = lambda _: bench.source.put(item("a", str(next(values))))
    assert bench.run(record(0, "a", "x")).response == ALL
    assert [(message.reason, delay) for message, delay in bench.queue.parked] == [("unsettled", 30)]


def test_a_key_whose_reply_was_lost_is_parked_for_a_quarter_of_an_hour(bench: Bench) -> None:
    records = bench.changed(("a", "1"))
    bench.target.lost[key_id(key("a"))] = False
    assert bench.run(*records).response == ALL
    assert [(message.reason, delay) for message, delay in bench.queue.parked] == [("ambiguous", 900)]
    assert bench.target.items == bench.source.items


def test_a_parked_key_knows_its_pair_direction_epoch_and_time(bench: Bench) -> None:
    bench.ledger.states[PAIR.id] = PairState(Authority("source", "forward", 7))
    bench.target.indexed = ("v",)
    bench.source.put({**key("a"), "v": {"N": "5"}})
    bench.run(record(0, "a"))
    (message, _) = bench.queue.parked[0]
    assert (message.pair, message.direction, message.epoch) == (PAIR.id, "forward", 7)
    assert (message.first_parked_at, message.reason, message.keys) == (1000.0, "validation", (key("a"),))


def test_a_bad_item_is_parked_and_its_neighbours_pass(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "2"), ("c", "3"))
    records[1]["dynamodb"].pop("NewImage")
    bench.source.put({**key("b"), "v": {"N": "5"}})
    bench.target.indexed = ("v",)
    report = bench.run(*records)
    assert report.response == ALL
    assert bench.target.items.keys() == {key_id(key("a")), key_id(key("c"))}
    assert report.pairs[0].parked == {"validation": 1}
    assert bench.ledger.counts[PAIR.id]["parked"] == 1


def test_what_the_queue_does_not_take_is_asked_for_again_from_its_first_record(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "2"), ("c", "3"), ("b", "4"))
    bench.source.put({**key("b"), "v": {"N": "5"}})
    bench.target.indexed = ("v",)
    bench.queue.full = True
    assert bench.run(*records).response == failed(1)


def test_a_table_fault_asks_again_from_the_first_record_that_is_not_done(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "1"), ("c", "1"), ("d", "1"), ("e", "1"))

    def third_slice(keys: list[Any]) -> None:
        if key_id(key("e")) in keys:
            raise TableFault("new", "ProvisionedThroughputExceededException")

    bench.target.before_write = third_slice
    report = bench.run(*records)
    assert report.response == failed(4)
    assert report.pairs[0].converged == 4


def test_a_table_fault_parks_nothing_but_writes_that_may_still_land(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "1"))

    def half(_: object) -> None:
        raise TableFault("new", "ExpiredTokenException", ambiguous=(key("b"),))

    bench.target.before_write = half
    assert bench.run(*records).response == failed(0)
    assert [(message.reason, message.keys) for message, _ in bench.queue.parked] == [
        ("ambiguous", (key("b"),))
    ]


def test_a_throttled_table_holds_the_shard_and_drains_nothing_into_the_queue(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "1"))
    bench.target.throttled = {key_id(key("a")), key_id(key("b"))}
    assert bench.run(*records).response == failed(0)
    assert bench.queue.parked == []


@pytest.mark.parametrize(
    "broken",
    [TableFault("new", "ResourceNotFoundException"), UsageError("the transform x:y cannot be imported")],
)
def test_a_pair_that_cannot_be_opened_holds_its_records(bench: Bench, broken: Exception) -> None:
    bench.broken = broken
    report = bench.run(*bench.changed(("a", "1")))
    assert (report.response, report.pairs[0].stopped) == (failed(0), str(broken))


def test_a_ledger_that_cannot_be_read_holds_everything(bench: Bench) -> None:
    bench.ledger.fault = "AccessDeniedException"
    assert bench.run(*bench.changed(("a", "1"))).response == failed(0)
    assert bench.target.writes == []


def test_an_authority_that_changes_between_two_slices_stops_the_second(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "1"), ("c", "1"))

    def switch(_: object) -> None:
        bench.ledger.states[PAIR.id] = PairState(Authority("nobody", "forward", 1))

    bench.target.before_write = switch
    assert bench.run(*records).response == failed(2)
    assert len(bench.target.writes) == 1


def test_one_word_on_authority_is_asked_for_each_slice(bench: Bench) -> None:
    bench.run(*bench.changed(("a", "1"), ("b", "1"), ("c", "1")))
    assert (bench.ledger.reads, len(bench.target.writes)) == (2, 2)


def test_a_word_on_authority_that_has_grown_old_is_asked_for_again(bench: Bench) -> None:
    """A read that took long came between it and the first write."""
    (changed,) = bench.changed(("a", "1"))
    del changed["dynamodb"]["NewImage"]

    def slow(_: object) -> None:
        bench.now += WORD_SECONDS + 0.1
        bench.ledger.states[PAIR.id] = PairState(Authority("nobody", "forward", 1))

    bench.source.before_get = slow
    assert bench.run(changed).response == failed(0)
    assert bench.target.writes == []


def test_a_second_round_of_the_first_slice_asks_for_a_word_of_its_own(bench: Bench) -> None:
    records = bench.changed(("a", "1"))

    def overtaken(_: object) -> None:
        bench.source.put(item("a", "2"))
        bench.ledger.states[PAIR.id] = PairState(Authority("nobody", "forward", 1))

    bench.target.before_write = overtaken
    assert bench.run(*records).response == failed(0)
    assert len(bench.target.writes) == 1


def test_an_image_is_put_without_a_look_at_the_target(bench: Bench) -> None:
    bench.run(*bench.changed(("a", "1"), ("b", "1")))
    assert (bench.target.reads, bench.target.items) == ([], bench.source.items)


def test_near_the_deadline_what_has_not_begun_is_asked_for_again_and_not_parked(bench: Bench) -> None:
    records = bench.changed(("a", "1"), ("b", "1"), ("c", "1"))
    assert bench.run(*records, stop=lambda: bool(bench.target.writes)).response == failed(2)
    assert bench.queue.parked == []


def test_the_lag_is_the_age_of_the_oldest_record(bench: Bench) -> None:
    assert bench.run(*bench.changed(("a", "1"), ("b", "1"))).pairs[0].lag == 1000.0 - 989.0


@pytest.mark.parametrize(
    "stranger",
    [
        record(1, "x", "1") | {"eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/other/stream/2026"},
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "101"}},
        record(1, "x", "1", Keys={"k": {"B": "not base64"}}),
    ],
    ids=["of no pair", "without keys", "key not base64"],
)
def test_a_record_that_cannot_be_placed_is_kept_and_the_others_pass(bench: Bench, stranger: Any) -> None:
    first, last = bench.changed(("a", "1"), ("c", "1"))
    last["dynamodb"]["SequenceNumber"] = "102"
    report = bench.run(first, stranger, last)
    assert (report.response, report.strangers) == (failed(1), 1)
    assert bench.target.items == bench.source.items


def test_a_record_whose_image_cannot_be_read_converges_from_the_source(bench: Bench) -> None:
    (changed,) = bench.changed(("a", "1"))
    changed["dynamodb"]["NewImage"] = {"k": "untyped"}
    assert bench.run(changed).response == ALL
    assert bench.target.items == bench.source.items


def test_an_empty_batch_is_done(bench: Bench) -> None:
    assert bench.run().response == ALL
