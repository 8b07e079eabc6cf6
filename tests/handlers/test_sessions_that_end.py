"""Roles of other accounts whose sessions end at any call: nothing is lost, and no item is blamed for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cutover.aws.session import Aws
from cutover.aws.table_pairs import table_client
from cutover.tables.backfill_rows import Run
from cutover.tables.parking import Reason, RetryMessage
from tests.fakes.ending_sessions import EndingSessions, ending_sessions
from tests.handlers.table_world import World, event, table_world
from tests.handlers.test_mirror_table import DONE, ORDERS, play
from tests.tables.backfill_process import backfill

pytestmark = pytest.mark.local_stack

ROLE = "arn:aws:iam::000000000000:role/theirs"
BATCH = "mirror_transaction"


@pytest.fixture
def sessions(local_stack: str) -> Iterator[EndingSessions]:
    with ending_sessions(local_stack) as made:
        yield made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, sessions: EndingSessions) -> Iterator[World]:
    """Both tables are reached by roles."""
    with table_world(monkeypatch, sessions.url) as made:
        for name in ("SOURCE_ROLE_ARN", "TARGET_ROLE_ARN"):
            monkeypatch.setenv(name, f"{ROLE}-{name[:6].lower()}")
        monkeypatch.setenv("EXTERNAL_ID", "word")
        yield made


def keys(world: World, table: str) -> list[str]:
    return sorted(one["order"]["S"] for one in world.items(table))


def parked(world: World) -> int:
    return world.counters(ORDERS).get("parked", 0)


@pytest.mark.parametrize("call", range(1, 7))
def test_a_session_that_ends_at_any_call_of_a_batch_is_renewed_and_the_batch_done(
    world: World, sessions: EndingSessions, call: int
) -> None:
    happened = event(BATCH)
    play(world, happened)
    sessions.ends = lambda number, _: number == call
    assert world.mirror(happened) == DONE
    assert len(sessions.refused) == (1 if len(sessions.calls) > call else 0)
    assert keys(world, "orders-new") == keys(world, "orders") != []
    assert (world.waiting(), parked(world)) == ((0, 0), 0)


def test_the_calls_of_a_batch_are_as_many_as_were_ended(world: World, sessions: EndingSessions) -> None:
    """So that the test above ends the session at each of them."""
    happened = event(BATCH)
    play(world, happened)
    world.mirror(happened)
    assert 4 <= len(sessions.calls) <= 6


@pytest.mark.parametrize("operation", ["DescribeTable", "BatchGetItem", "BatchWriteItem"])
def test_where_the_role_may_not_be_taken_again_the_batch_is_held_and_no_key_parked(
    world: World, sessions: EndingSessions, operation: str
) -> None:
    happened = event(BATCH)
    play(world, happened)
    sessions.ends = lambda _, called: called == operation
    sessions.denied = False
    first = happened["Records"][0]["dynamodb"]["SequenceNumber"]
    assert world.mirror(happened) == {"batchItemFailures": [{"itemIdentifier": first}]}
    assert (world.waiting(), parked(world)) == ((0, 0), 0)
    sessions.ends = lambda *_: False
    assert world.mirror(happened) == DONE
    assert keys(world, "orders-new") == keys(world, "orders")


def test_an_account_that_takes_its_trust_back_holds_the_batch_until_it_is_given_again(
    world: World, sessions: EndingSessions
) -> None:
    happened = event(BATCH)
    play(world, happened)
    sessions.denied = True
    assert world.mirror(happened) != DONE
    assert (world.items("orders-new"), world.waiting(), parked(world)) == ([], (0, 0), 0)
    sessions.denied = False
    assert world.mirror(happened) == DONE


@pytest.mark.parametrize("call", range(1, 5))
def test_a_retry_outlives_the_end_of_a_session(world: World, sessions: EndingSessions, call: int) -> None:
    world.put("orders", {"order": {"S": "late"}})
    message = RetryMessage(ORDERS, "forward", 0, ({"order": {"S": "late"}},), 1.0, Reason.UNSETTLED)
    happened = _queued(message)
    sessions.ends = lambda number, _: number == call
    assert world.retry(happened) == DONE
    assert keys(world, "orders-new") == ["late"]


def _queued(message: RetryMessage) -> dict[str, Any]:
    happened = event("retry_unsettled")
    happened["Records"] = happened["Records"][:1]
    happened["Records"][0]["body"] = message.body()
    return happened


def test_a_backfill_outlives_any_number_of_sessions(
    sessions: EndingSessions, unique: Callable[[str], str]
) -> None:
    """As one of many hours does: a session that is taken by a role holds for one."""
    source, target, ledger = (unique(name) for name in ("source", "target", "ledger"))
    client = table_client(Aws(region="us-east-1", endpoint_url=sessions.url, role_arn=ROLE), 16)
    for name, names in ((source, ["k"]), (target, ["k"]), (ledger, ["pk", "sk"])):
        client.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": one, "KeyType": kind}
                for one, kind in zip(names, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in names],
            BillingMode="PAY_PER_REQUEST",
        )
    for start in range(0, 300, 25):
        puts = [{"PutRequest": {"Item": {"k": {"S": str(n)}}}} for n in range(start, start + 25)]
        client.batch_write_item(RequestItems={source: puts})
    sessions.ends = lambda number, _: number % 11 == 0
    run, parked = backfill(sessions.url, source, target, ledger, Run("run-1", 8, 1), through=client)
    sessions.ends = lambda *_: False
    assert (run.items, parked) == (300, [])
    assert client.scan(TableName=target, Select="COUNT")["Count"] == 300
    assert len(sessions.refused) > 5
