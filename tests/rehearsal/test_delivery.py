"""What a mapping does with a batch, without clock or network: retries, bisecting, giving up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cutover.rehearsal.pump.deliver import Delivery, GaveUp, deliver
from cutover.rehearsal.pump.events import Record, sequence
from cutover.rehearsal.pump.invoke import Invocation
from cutover.rehearsal.pump.mapping import QueueMapping, StreamMapping
from cutover.rehearsal.pump.queue_player import _left

NOW = 1_000.0


class World:
    """`answer` says what comes back for a batch of numbers."""

    def __init__(self, answer: Callable[[list[str]], Invocation], *, wanted: bool = True) -> None:
        self.invoked: list[list[str]] = []
        self.given_up: list[tuple[list[str], GaveUp]] = []
        self._answer, self._wanted = answer, wanted

    def play(self, *numbers: str, **mapping: Any) -> bool:
        batch = [_record(number) for number in numbers]
        return deliver(batch, StreamMapping("m", "stream", "function", **mapping), self.delivery())

    def delivery(self) -> Delivery:
        return Delivery(self._invoke, self._give_up, lambda: self._wanted, lambda: NOW, lambda _: None)

    def _invoke(self, records: list[Record]) -> Invocation:
        self.invoked.append([sequence(record) for record in records])
        return self._answer(self.invoked[-1])

    def _give_up(self, records: list[Record], why: GaveUp, tries: int) -> None:
        self.given_up.append(([sequence(record) for record in records], why))


def _record(number: str, created: float = NOW) -> Record:
    change = {"SequenceNumber": number, "Keys": {}, "ApproximateCreationDateTime": created}
    return {"dynamodb": change}


def _raises_on(number: str) -> Callable[[list[str]], Invocation]:
    return lambda numbers: Invocation(failed=number in numbers)


def _reports(*numbers: Any) -> Callable[[list[str]], Invocation]:
    failures = [{"itemIdentifier": number} for number in numbers]
    return lambda _: Invocation(failed=False, answer={"batchItemFailures": failures})


def test_bisecting_does_not_use_retries_up() -> None:
    world = World(_raises_on("5"))
    world.play(*"12345678", bisect=True, retries=1)
    assert world.given_up == [(["5"], GaveUp.RETRIES)]


def test_without_bisecting_the_whole_batch_is_given_up() -> None:
    world = World(_raises_on("2"))
    world.play("1", "2", "3", retries=1)
    assert (world.invoked, world.given_up) == (
        [["1", "2", "3"], ["1", "2", "3"]],
        [(["1", "2", "3"], GaveUp.RETRIES)],
    )


def test_the_lowest_reported_number_is_where_it_goes_on() -> None:
    world = World(_reports("3", "2"))
    world.play("1", "2", "3", partial=True, retries=0)
    assert (world.invoked, world.given_up) == ([["1", "2", "3"]], [(["2", "3"], GaveUp.RETRIES)])


@pytest.mark.parametrize("number", ["9", "", None])
def test_a_number_that_is_not_in_the_batch_fails_all_of_it(number: Any) -> None:
    world = World(_reports(number))
    world.play("1", "2", partial=True, retries=0)
    assert world.given_up == [(["1", "2"], GaveUp.RETRIES)]


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_is_a_success(answer: Any) -> None:
    world = World(lambda _: Invocation(failed=False, answer=answer))
    world.play("1", partial=True, retries=0)
    assert world.given_up == []


def test_reported_failures_mean_nothing_to_a_mapping_that_does_not_ask_for_them() -> None:
    world = World(_reports("1"))
    world.play("1", retries=0)
    assert world.given_up == []


def test_records_that_are_too_old_are_given_up_before_the_call() -> None:
    world = World(lambda _: Invocation(failed=False))
    batch = [_record("1", NOW - 61), _record("2", NOW - 59)]
    deliver(batch, StreamMapping("m", "s", "f", record_age_seconds=60), world.delivery())
    assert (world.given_up, world.invoked) == ([(["1"], GaveUp.AGE)], [["2"]])


def test_a_mapping_that_is_not_wanted_any_more_keeps_its_place() -> None:
    world = World(_raises_on("1"), wanted=False)
    assert (world.play("1"), world.invoked) == (False, [])


def test_a_queue_batch_fails_whole_when_a_strange_id_is_reported() -> None:
    came = Invocation(failed=False, answer={"batchItemFailures": [{"itemIdentifier": "x"}]})
    records = [{"messageId": "a"}, {"messageId": "b"}]
    assert _left(records, came, QueueMapping("m", "q", "f", partial=True)) == {"a", "b"}
