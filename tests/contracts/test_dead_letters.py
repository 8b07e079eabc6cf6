"""The dead-letter queue, emptied into the ledger: on a fake, on moto and on the local stack."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.dead_letter_queue import SqsDeadLetters
from cutover.tables.dead_letters import DeadLetterQueue, Letter, Letters, take_in
from cutover.tables.owing import Owing
from cutover.tables.parking import NotParked, RetryMessage
from cutover.tables.ports import TableFault
from tests.fakes.owed import FakeOwedBook, marks

PAIR = "old=new"
MESSAGE = RetryMessage(PAIR, "forward", 2, ({"k": {"B": b"\x00\xff"}},), 12.5, "validation", "validation#1!2")


class FakeDeadLetters:
    """`queued` bodies; what was received is hidden until it is released, or for so many receives."""

    def __init__(self, hides_for: int = 1_000_000) -> None:
        self.queued: list[Letter] = []
        self.hidden: list[Letter] = []
        self.hides_for, self.receives, self.ids = hides_for, 0, itertools.count()

    def put(self, body: str) -> None:
        self.queued.append(Letter(body, "", str(next(self.ids))))

    def receive(self) -> Sequence[Letter]:
        self.receives += 1
        assert self.receives < 1000, "it never ends"
        if self.receives % self.hides_for == 0:
            self.queued += self.hidden
            self.hidden.clear()
        letters = [replace(letter, receipt=f"{letter.id}-{self.receives}") for letter in self.queued[:2]]
        del self.queued[:2]
        self.hidden += letters
        return letters

    def remove(self, letter: Letter) -> None:
        self.hidden.remove(letter)

    def release(self, letter: Letter) -> None:
        if letter not in self.hidden:
            raise TableFault("the dead-letter queue", "MessageNotInflight")
        self.hidden.remove(letter)
        self.queued.append(letter)


class Bench:
    def __init__(self, queue: DeadLetterQueue, put: Callable[[str], Any]) -> None:
        self.queue, self.put, self.book = queue, put, FakeOwedBook()

    def take_in(self, pairs: Sequence[str] = (PAIR,), stop: Callable[[], bool] = lambda: False) -> Letters:
        return take_in(self.queue, Owing(self.book, lambda *_: None, marks()), pairs, stop)

    def seen(self) -> list[str]:
        found = []
        while letters := self.queue.receive():
            found += [letter.body for letter in letters]
        return found


def real(client: Any, name: str) -> Bench:
    url = client.create_queue(QueueName=name)["QueueUrl"]
    return Bench(
        SqsDeadLetters(client, url, wait_seconds=0),
        lambda body: client.send_message(QueueUrl=url, MessageBody=body),
    )


@pytest.fixture(params=["fake", "moto", pytest.param("local_stack", marks=pytest.mark.local_stack)])
def bench(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Bench]:
    if request.param == "fake":
        queue = FakeDeadLetters()
        yield Bench(queue, queue.put)
    elif request.param == "moto":
        with mock_aws():
            yield real(boto3.client("sqs", region_name="eu-west-1"), unique("dead"))
    else:
        url = request.getfixturevalue(request.param)
        yield real(boto3.client("sqs", region_name="us-east-1", endpoint_url=url), unique("dead"))


def test_an_empty_queue_gives_nothing(bench: Bench) -> None:
    assert bench.take_in() == Letters()


def test_messages_become_rows_and_go(bench: Bench) -> None:
    for _ in range(25):
        bench.put(MESSAGE.body())
    assert bench.take_in() == Letters(owed=25)
    (row,) = bench.book.rows(PAIR)
    assert (row.keys, row.reason, row.epoch, row.since) == (MESSAGE.keys, "validation", 2, 12.5)
    assert bench.seen() == []


def test_a_message_from_before_there_were_rows_becomes_one_too(bench: Bench) -> None:
    bench.put(RetryMessage(PAIR, "forward", 0, MESSAGE.keys, 1.0, "unsettled").body())
    assert bench.take_in() == Letters(owed=1)
    assert [row.reason for row in bench.book.rows(PAIR)] == ["unsettled"]


def test_what_nobody_can_read_and_what_is_of_another_pair_stays_to_be_seen(bench: Bench) -> None:
    bench.put("no json")
    bench.put(MESSAGE.body())
    assert bench.take_in(["a=b"]) == Letters(malformed=1, others=1)
    assert list(bench.book.rows(PAIR)) == []
    assert sorted(bench.seen()) == sorted(["no json", MESSAGE.body()])


def test_a_ledger_at_fault_keeps_the_message(bench: Bench) -> None:
    bench.put(MESSAGE.body())
    bench.book.fault = "ThrottlingException"
    with pytest.raises(NotParked):
        bench.take_in()
    assert bench.seen() == [MESSAGE.body()]


def test_one_who_is_asked_to_stop_stops(bench: Bench) -> None:
    bench.put(MESSAGE.body())
    assert bench.take_in(stop=lambda: True) == Letters()
    assert bench.seen() == [MESSAGE.body()]


def test_messages_that_stay_and_are_seen_again_meanwhile_do_not_hold_it_for_ever() -> None:
    """Who goes through so many that the first ones are visible again has been round."""
    queue = FakeDeadLetters(hides_for=4)
    for number in range(20):
        queue.put(f"no json {number}")
    found = Bench(queue, queue.put).take_in()
    assert 0 < found.malformed <= 20
    assert len(queue.queued) + len(queue.hidden) == 20


class Slow(SqsDeadLetters):
    """What it gives is visible again before anything is done about it."""

    def receive(self) -> list[Letter]:
        letters = super().receive()
        for letter in letters:
            self.release(letter)
        return letters


@mock_aws
def test_a_message_that_is_visible_again_by_the_end_is_no_fault() -> None:
    client = boto3.client("sqs", region_name="eu-west-1")
    bench = real(client, "dead")
    bench.put("no json")
    slow = Slow(client, bench.queue.url, wait_seconds=0)  # type: ignore[attr-defined]
    assert Bench(slow, bench.put).take_in() == Letters(malformed=1)
    assert bench.seen() == ["no json"]


@mock_aws
def test_a_queue_that_is_not_there_is_a_table_fault() -> None:
    queue = SqsDeadLetters(boto3.client("sqs", region_name="eu-west-1"), "https://nowhere/1/q")
    for call in (
        queue.receive,
        lambda: queue.remove(Letter("", "r", "")),
        lambda: queue.release(Letter("", "r", "")),
    ):
        with pytest.raises(TableFault):
            call()
