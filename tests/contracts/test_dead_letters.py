"""The dead-letter queue, emptied into the ledger: on a fake, on moto and on the local stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    """`queued` bodies; what was received is hidden until it is released."""

    def __init__(self) -> None:
        self.queued: list[str] = []
        self.hidden: list[Letter] = []

    def receive(self) -> Sequence[Letter]:
        letters = [Letter(body, f"receipt-{n}-{len(self.hidden)}") for n, body in enumerate(self.queued[:2])]
        del self.queued[:2]
        self.hidden += letters
        return letters

    def remove(self, letter: Letter) -> None:
        self.hidden.remove(letter)

    def release(self, letter: Letter) -> None:
        self.hidden.remove(letter)
        self.queued.append(letter.body)


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
        yield Bench(queue, queue.queued.append)
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


@mock_aws
def test_a_queue_that_is_not_there_is_a_table_fault() -> None:
    queue = SqsDeadLetters(boto3.client("sqs", region_name="eu-west-1"), "https://nowhere/1/q")
    for call in (
        queue.receive,
        lambda: queue.remove(Letter("", "r")),
        lambda: queue.release(Letter("", "r")),
    ):
        with pytest.raises(TableFault):
            call()
