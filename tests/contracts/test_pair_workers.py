"""One contract for who works on a pair: the fake, moto and the local stack keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import boto3
import pytest
from moto import mock_aws

from cutover.aws.pair_workers import LastHeld, PairWorkers
from cutover.tables.pair_pace import Workers
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


def test_each_counts_all_who_are_at_work(workers: Workers) -> None:
    assert workers.join(PAIR, "a", NOW + 120, NOW) == 1
    assert workers.join(PAIR, "b", NOW + 120, NOW) == 2
    assert workers.join(PAIR, "a", NOW + 130, NOW + 10) == 2
    assert workers.join("other=pair", "c", NOW + 120, NOW) == 1


def test_who_is_done_is_counted_no_more(workers: Workers) -> None:
    workers.join(PAIR, "a", NOW + 120, NOW)
    workers.join(PAIR, "b", NOW + 120, NOW)
    workers.leave(PAIR, "a", "", 0, NOW)
    assert workers.join(PAIR, "b", NOW + 120, NOW) == 1


def test_who_died_is_forgotten_after_its_time(workers: Workers) -> None:
    workers.join(PAIR, "dead", NOW + 120, NOW)
    assert workers.join(PAIR, "b", NOW + 219, NOW + 119) == 2
    assert workers.join(PAIR, "b", NOW + 240, NOW + 120) == 1
    assert workers.join(PAIR, "b", NOW + 240, NOW + 60) == 1


def test_leaving_without_having_come_does_no_harm(workers: Workers) -> None:
    workers.leave(PAIR, "a", "held", 3, NOW)
    assert workers.join(PAIR, "b", NOW + 120, NOW) == 1


def test_why_somebody_was_last_held_can_be_read() -> None:
    with mock_aws():
        kept = real("ledger")
        assert kept.read(PAIR, NOW) == (0, None)
        kept.join(PAIR, "a", NOW + 120, NOW)
        kept.join(PAIR, "b", NOW + 120, NOW)
        kept.leave(PAIR, "a", "held to 2 read units/s by its pace", 31.5, NOW + 40)
        assert kept.read(PAIR, NOW + 41) == (
            1,
            LastHeld("held to 2 read units/s by its pace", 31.5, NOW + 40),
        )


def test_a_ledger_that_fails_leaves_one_at_work_alone() -> None:
    with mock_aws():
        kept = PairWorkers(boto3.client("dynamodb", region_name="eu-west-1"), "no-such-table")
        assert kept.join(PAIR, "a", NOW + 120, NOW) == 1
        kept.leave(PAIR, "a", "held", 1, NOW)
