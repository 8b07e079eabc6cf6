"""Stream batches through the real handler: what AWS sends, what it is answered, what the target holds."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cutover.errors import UsageError
from cutover.tables.items import from_lambda, same
from cutover.tables.ports import Item
from tests.handlers.table_world import EVENTS, LambdaContext, World, event, table_world

NAMES = sorted(path.stem for path in EVENTS.glob("mirror_*.json"))
DONE: dict[str, Any] = {"batchItemFailures": []}
ORDERS = "orders=orders-new"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with table_world(monkeypatch) as made:
        yield made


@pytest.fixture
def real_world(monkeypatch: pytest.MonkeyPatch, local_stack: str) -> Iterator[World]:
    """On the local stack, which checks an index's types and binary as the real table does."""
    with table_world(monkeypatch, local_stack) as made:
        yield made


def change_in(record: dict[str, Any]) -> dict[str, Any]:
    """What a table's own stream says openly, and a Kinesis stream in its data."""
    if "kinesis" in record:
        return dict(json.loads(base64.b64decode(record["kinesis"]["data"])))
    return {**record, "tableName": record["eventSourceARN"].split("/")[1]}


def in_order(happened: dict[str, Any]) -> list[dict[str, Any]]:
    """The changes in the order in which the table made them, which a Kinesis stream need not keep."""
    made = [change_in(record) for record in happened["Records"]]
    return sorted(made, key=made_at) if "kinesis" in happened["Records"][0] else made


def made_at(change: dict[str, Any]) -> float:
    body = change["dynamodb"]
    per_second = 1e6 if body.get("ApproximateCreationDateTimePrecision") == "MICROSECOND" else 1e3
    return float(body["ApproximateCreationDateTime"]) / per_second


def play(world: World, happened: dict[str, Any]) -> None:
    """Brings the source where the records say it is, and the target where it was before them."""
    for record in in_order(happened):
        name, body = record["tableName"], record["dynamodb"]
        if name == "strangers":
            continue
        key = from_lambda(body["Keys"])
        before = from_lambda(body.get("OldImage", body["Keys"]))
        after = from_lambda(body.get("NewImage", body["Keys"]))
        if record["eventName"] != "INSERT":
            world.put(f"{name}-new", before)
        if record["eventName"] == "REMOVE":
            world.table(name).write([], [key])
        else:
            world.put(name, after)


def equal(a: list[Item], b: list[Item]) -> bool:
    return len(a) == len(b) and all(any(same(one, other) for other in b) for one in a)


@pytest.mark.parametrize("name", NAMES)
def test_after_every_kind_of_batch_the_target_holds_what_the_source_holds(world: World, name: str) -> None:
    happened = event(name)
    play(world, happened)
    world.mirror(happened)
    for pair in ("orders", "devices"):
        assert equal(world.items(f"{pair}-new"), world.items(pair))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("_unknown_table")])
def test_a_batch_that_is_worked_off_is_not_asked_for_again(world: World, name: str) -> None:
    happened = event(name)
    play(world, happened)
    assert world.mirror(happened) == DONE


@pytest.mark.parametrize("name", NAMES)
def test_the_lag_is_told_by_table_whichever_stream_the_changes_come_by(
    world: World, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """The alarms of the table go by it."""
    happened = event(name)
    play(world, happened)
    world.mirror(happened)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "MirrorLagSeconds" in line]
    tables = {record["tableName"] for record in in_order(happened)} - {"strangers"}
    assert {line["table"] for line in lines if "table" in line} == tables
    assert all(line["MirrorLagSeconds"][0] > 0 for line in lines)


def test_a_record_of_no_pair_is_asked_for_again_with_all_that_follow(world: World) -> None:
    happened = event("mirror_unknown_table")
    number = happened["Records"][1]["dynamodb"]["SequenceNumber"]
    assert world.mirror(happened) == {"batchItemFailures": [{"itemIdentifier": number}]}


def test_a_record_of_no_pair_holds_a_kinesis_stream_by_that_stream_s_own_number(world: World) -> None:
    happened = event("mirror_kinesis_unknown_table")
    play(world, happened)
    number = happened["Records"][1]["kinesis"]["sequenceNumber"]
    assert world.mirror(happened) == {"batchItemFailures": [{"itemIdentifier": number}]}


def test_a_batch_delivered_twice_late_and_backwards_leaves_the_source_s_state(world: World) -> None:
    happened = event("mirror_modify_then_remove")
    play(world, happened)
    world.mirror(happened)
    world.mirror({"Records": happened["Records"][:1]})
    world.mirror({"Records": happened["Records"][::-1]})
    assert world.items("orders-new") == world.items("orders") == []


@pytest.mark.local_stack
def test_an_item_that_its_target_s_index_cannot_hold_is_parked_and_its_neighbours_pass(
    real_world: World,
) -> None:
    happened = event("mirror_transaction")
    play(real_world, happened)
    happened["Records"][2]["dynamodb"]["NewImage"]["status"] = {"N": "5"}
    real_world.put("orders", {"order": {"S": "t-2"}, "status": {"N": "5"}})
    assert real_world.mirror(happened) == DONE
    assert sorted(one["order"]["S"] for one in real_world.items("orders-new")) == ["t-0", "t-1", "t-3", "t-4"]
    assert real_world.counters(ORDERS) == {"converged": 4, "parked": 1}


@pytest.mark.local_stack
@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_batch_passes_on_the_local_stack_too(real_world: World, name: str) -> None:
    happened = event(name)
    play(real_world, happened)
    real_world.mirror(happened)
    for pair in ("orders", "devices"):
        assert equal(real_world.items(f"{pair}-new"), real_world.items(pair))


def test_a_paused_pair_holds_its_batch(world: World) -> None:
    happened = event("mirror_transaction")
    play(world, happened)
    world.pause(ORDERS)
    first = happened["Records"][0]["dynamodb"]["SequenceNumber"]
    assert world.mirror(happened) == {"batchItemFailures": [{"itemIdentifier": first}]}
    assert world.items("orders-new") == []


def test_a_pair_that_nobody_rules_holds_its_batch(world: World) -> None:
    happened = event("mirror_insert")
    play(world, happened)
    world.rule(ORDERS, "nobody", "forward", 1)
    assert world.mirror(happened) != DONE
    assert world.items("orders-new") == []


def test_once_the_target_rules_records_are_dropped_and_counted(world: World) -> None:
    happened = event("mirror_transaction")
    play(world, happened)
    world.rule(ORDERS, "target", "reverse", 2)
    assert world.mirror(happened) == DONE
    assert world.items("orders-new") == []
    assert world.counters(ORDERS) == {"dropped_old_epoch": 5}


def test_a_target_that_is_gone_holds_its_own_pair_alone(world: World) -> None:
    happened = event("mirror_two_pairs")
    play(world, happened)
    world.dynamodb.delete_table(TableName="orders-new")
    number = happened["Records"][0]["dynamodb"]["SequenceNumber"]
    assert world.mirror(happened) == {"batchItemFailures": [{"itemIdentifier": number}]}
    assert equal(world.items("devices-new"), world.items("devices"))
    assert world.waiting() == (0, 0)


def test_near_the_deadline_what_has_not_begun_is_asked_for_again(world: World) -> None:
    happened = event("mirror_transaction")
    play(world, happened)

    class Ending(LambdaContext):
        def get_remaining_time_in_millis(self) -> int:
            self.left = self.left // 10
            return self.left

    first = happened["Records"][0]["dynamodb"]["SequenceNumber"]
    assert world.mirror(happened, Ending()) == {"batchItemFailures": [{"itemIdentifier": first}]}
    assert world.items("orders-new") == []


def test_a_refused_item_is_parked_with_its_pair_direction_and_epoch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [
        {"source": "orders", "target": "orders-new", "transform": "tests.handlers.transforms:refuse_paid"}
    ]
    monkeypatch.setenv("TABLES", json.dumps(pairs))
    world.rule(ORDERS, "source", "forward", 4)
    happened = event("mirror_same_key_twice")
    play(world, happened)
    assert world.mirror(happened) == DONE
    assert [one["order"]["S"] for one in world.items("orders-new") if one["order"]["S"] == "o-4"] == ["o-4"]
    assert world.waiting() == (0, 1)
    assert world.counters(ORDERS) == {"converged": 1, "parked": 1}


def test_what_cannot_be_parked_stays_in_the_stream(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [
        {"source": "orders", "target": "orders-new", "transform": "tests.handlers.transforms:refuse_paid"}
    ]
    monkeypatch.setenv("TABLES", json.dumps(pairs))
    monkeypatch.setenv("RETRY_QUEUE_URL", world.queue + "-gone")
    happened = event("mirror_same_key_twice")
    play(world, happened)
    first = happened["Records"][0]["dynamodb"]["SequenceNumber"]
    assert world.mirror(happened) == {"batchItemFailures": [{"itemIdentifier": first}]}


def test_the_pairs_may_stand_in_a_parameter_of_systems_manager(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("ssm").put_parameter(Name="/cutover/tables", Value=world.environ()["TABLES"], Type="String")
    monkeypatch.setenv("TABLES", "ssm:/cutover/tables")
    happened = event("mirror_insert")
    play(world, happened)
    assert world.mirror(happened) == DONE
    assert len(world.items("orders-new")) == 1


@pytest.mark.parametrize("strange", [{}, [], None, {"Records": "text"}, {"Records": None}], ids=str)
def test_an_event_of_something_else_is_refused(world: World, strange: Any) -> None:
    with pytest.raises(UsageError, match="no event of a DynamoDB stream"):
        world.mirror(strange)


def test_a_pace_in_the_ledger_slows_the_target_s_writes(world: World) -> None:
    happened = event("mirror_transaction")
    play(world, happened)
    world.pace(ORDERS, write_units=2)
    began = time.monotonic()
    assert world.mirror(happened) == DONE
    assert time.monotonic() - began > 0.2


def test_no_key_and_no_item_reaches_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = [
        {"source": "orders", "target": "orders-new", "transform": "tests.handlers.transforms:refuse_paid"}
    ]
    monkeypatch.setenv("TABLES", json.dumps(pairs))
    happened = event("mirror_same_key_twice")
    play(world, happened)
    world.mirror(happened)
    told = capsys.readouterr()
    assert "o-3" not in told.out + told.err
    assert "MirrorKeysParked" in told.out
    assert "MirrorLagSeconds" in told.out
