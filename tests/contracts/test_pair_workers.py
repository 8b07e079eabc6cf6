"""One contract for who works on a pair: the fake, moto and the local stack keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from cutover.aws.pair_workers import LastHeld, PairWorkers
from cutover.tables.shares import AtWork, Short, Workers
from tests.fakes.workers import FakeWorkers

PAIR, NOW = "old=new", 1000.0


def real(name: str, endpoint: str | None = None) -> PairWorkers:
    client = boto3.client("dynamodb", region_name="eu-west-1", endpoint_url=endpoint)
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": k, "KeyType": t} for k, t in (("pk", "HASH"), ("sk", "RANGE"))],
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return PairWorkers(client, name)


@pytest.fixture(params=["fake", "moto", pytest.param("local_stack", marks=pytest.mark.local_stack)])
def workers(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Workers]:
    if request.param == "fake":
        yield FakeWorkers()
    elif request.param == "moto":
        with mock_aws():
            yield real(unique("ledger"))
    else:
        yield real(unique("ledger"), request.getfixturevalue("local_stack"))


def join(workers: Workers, member: str, until: float, now: float = NOW, pair: str = PAIR) -> AtWork | None:
    return workers.join(pair, member, until, now, None)


def test_each_counts_all_who_are_at_work(workers: Workers) -> None:
    assert join(workers, "a", NOW + 120) == AtWork(1)
    assert join(workers, "b", NOW + 120) == AtWork(2)
    assert join(workers, "a", NOW + 130, NOW + 10) == AtWork(2)
    assert join(workers, "c", NOW + 120, pair="other=pair") == AtWork(1)


def test_a_backfill_is_counted_once_however_many_processes_it_is(workers: Workers) -> None:
    assert workers.join_backfill(PAIR, NOW + 60, NOW) == AtWork(0, backfill=True)
    assert workers.join_backfill(PAIR, NOW + 60, NOW) == AtWork(0, backfill=True)
    assert join(workers, "a", NOW + 120) == AtWork(1, backfill=True)
    assert workers.join_backfill(PAIR, NOW + 65, NOW + 5) == AtWork(1, backfill=True)


def test_a_backfill_that_says_nothing_any_longer_is_forgotten(workers: Workers) -> None:
    workers.join_backfill(PAIR, NOW + 60, NOW)
    assert join(workers, "a", NOW + 120, NOW + 59) == AtWork(1, backfill=True)
    assert join(workers, "a", NOW + 120, NOW + 60) == AtWork(1)


def test_each_verify_is_counted_and_leaves(workers: Workers) -> None:
    assert workers.join_verify(PAIR, "v", NOW + 60, NOW) == AtWork(verifies=1)
    assert workers.join_verify(PAIR, "w", NOW + 60, NOW) == AtWork(verifies=2)
    assert join(workers, "v", NOW + 120) == AtWork(1, verifies=2)
    assert workers.join_backfill(PAIR, NOW + 60, NOW) == AtWork(1, backfill=True, verifies=2)
    workers.leave_verify(PAIR, "v", NOW, NOW)
    workers.leave_verify(PAIR, "w", NOW + 9, NOW)
    assert join(workers, "v", NOW + 120, NOW + 8) == AtWork(1, backfill=True, verifies=1)
    assert join(workers, "v", NOW + 120, NOW + 9) == AtWork(1, backfill=True)


def test_a_verify_that_died_is_forgotten(workers: Workers) -> None:
    workers.join_verify(PAIR, "dead", NOW + 60, NOW)
    assert workers.join_verify(PAIR, "v", NOW + 120, NOW + 60) == AtWork(verifies=1)
    assert workers.join_verify(PAIR, "v", NOW + 120, NOW + 59) == AtWork(verifies=1)


def test_all_hear_that_the_mirror_is_short(workers: Workers) -> None:
    short = Short(NOW, NOW + 30)
    assert workers.join(PAIR, "a", NOW + 120, NOW, short) == AtWork(1, short=short)
    assert join(workers, "b", NOW + 120) == AtWork(2, short=short)
    assert workers.join_backfill(PAIR, NOW + 60, NOW) == AtWork(2, backfill=True, short=short)


def test_who_is_done_is_counted_no_more(workers: Workers) -> None:
    join(workers, "a", NOW + 120)
    join(workers, "b", NOW + 120)
    workers.leave(PAIR, "a", NOW, "", 0, NOW)
    assert join(workers, "b", NOW + 120) == AtWork(1)


@pytest.mark.parametrize("why", ["", "held"])
def test_who_is_done_and_owes_is_counted_until_that_is_paid(workers: Workers, why: str) -> None:
    join(workers, "a", NOW + 120)
    workers.leave(PAIR, "a", NOW + 9, why, 0, NOW)
    assert join(workers, "b", NOW + 120, NOW + 8) == AtWork(2)
    assert join(workers, "b", NOW + 120, NOW + 9) == AtWork(1)


def test_who_died_is_forgotten_after_its_time(workers: Workers) -> None:
    join(workers, "dead", NOW + 120)
    assert join(workers, "b", NOW + 219, NOW + 119) == AtWork(2)
    assert join(workers, "b", NOW + 240, NOW + 120) == AtWork(1)
    assert join(workers, "b", NOW + 240, NOW + 60) == AtWork(1)


def test_leaving_without_having_come_does_no_harm(workers: Workers) -> None:
    workers.leave(PAIR, "a", NOW, "held", 3, NOW)
    assert join(workers, "b", NOW + 120) == AtWork(1)


def test_why_somebody_was_last_held_can_be_read() -> None:
    with mock_aws():
        kept = real("ledger")
        assert kept.read(PAIR, NOW) == (AtWork(), None)
        join(kept, "a", NOW + 120)
        join(kept, "b", NOW + 120)
        kept.leave(PAIR, "a", NOW + 40, "held to 2 read units/s by its pace", 31.5, NOW + 40)
        assert kept.read(PAIR, NOW + 41) == (
            AtWork(1),
            LastHeld("held to 2 read units/s by its pace", 31.5, NOW + 40),
        )


def test_a_ledger_that_fails_says_nothing() -> None:
    with mock_aws():
        kept = PairWorkers(boto3.client("dynamodb", region_name="eu-west-1"), "no-such-table")
        assert join(kept, "a", NOW + 120) is None
        assert kept.join_backfill(PAIR, NOW + 60, NOW) is None
        assert kept.join_verify(PAIR, "v", NOW + 60, NOW) is None
        kept.leave_verify(PAIR, "v", NOW, NOW)
        kept.leave(PAIR, "a", NOW, "held", 1, NOW)
