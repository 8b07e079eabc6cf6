"""Parked keys through the real handler: partial answers, pauses, epochs, and messages nobody wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cutover.tables.items import from_json, same
from tests.handlers.table_world import EVENTS, LambdaContext, World, event, table_world

NAMES = sorted(path.stem for path in EVENTS.glob("retry_*.json"))
DONE: dict[str, Any] = {"batchItemFailures": []}
ORDERS = "orders=orders-new"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with table_world(monkeypatch) as made:
        yield made


def ids(happened: dict[str, Any], *positions: int) -> dict[str, Any]:
    names = [happened["Records"][position]["messageId"] for position in positions]
    return {"batchItemFailures": [{"itemIdentifier": name} for name in names]}


def bodies(happened: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for record in happened["Records"]:
        try:
            found.append(json.loads(record["body"]))
        except ValueError:
            continue
    return [body for body in found if body.get("pair", "").startswith(("orders=", "devices="))]


def fill(world: World, happened: dict[str, Any]) -> None:
    """The source holds an item for each key that names one."""
    for body in bodies(happened):
        for key in map(from_json, body["keys"]):
            if "wrong" not in key:
                world.put(body["pair"].split("=")[0], {**key, "v": {"S": "now"}})


@pytest.mark.parametrize("name", [name for name in NAMES if name != "retry_malformed"])
def test_every_kind_of_message_converges_its_keys(world: World, name: str) -> None:
    happened = event(name)
    fill(world, happened)
    assert world.retry(happened) == DONE
    for pair in ("orders", "devices"):
        source, target = world.items(pair), world.items(f"{pair}-new")
        assert len(source) == len(target)
        assert all(any(same(one, other) for other in target) for one in source)


def test_a_message_that_nobody_wrote_stays_and_never_blocks_another(world: World) -> None:
    happened = event("retry_malformed")
    fill(world, happened)
    assert world.retry(happened) == ids(happened, 0, 2, 3, 4)
    assert len(world.items("orders-new")) == 1


def test_a_message_of_an_older_epoch_is_dropped_and_counted(world: World) -> None:
    happened = event("retry_old_epoch")
    fill(world, happened)
    world.rule(ORDERS, "source", "forward", 2)
    assert world.retry(happened) == DONE
    assert world.items("orders-new") == []
    assert world.counters(ORDERS) == {"dropped_old_epoch": 1}


def test_a_message_of_a_paused_pair_is_sent_anew_with_a_delay(world: World) -> None:
    happened = event("retry_unsettled")
    fill(world, happened)
    world.pause(ORDERS)
    assert world.retry(happened) == DONE
    assert world.items("orders-new") == []
    assert world.waiting() == (0, 1)


def test_a_key_that_still_faults_stays_on_the_queue(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [
        {"source": "orders", "target": "orders-new", "transform": "tests.handlers.transforms:refuse_paid"}
    ]
    monkeypatch.setenv("TABLES", json.dumps(pairs))
    world.put("orders", {"order": {"S": "o-1"}, "status": {"S": "paid"}})
    happened = event("retry_item_fault")
    assert world.retry(happened) == ids(happened, 0)


def test_a_key_that_still_faults_leaves_its_company(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [
        {"source": "orders", "target": "orders-new", "transform": "tests.handlers.transforms:refuse_paid"}
    ]
    monkeypatch.setenv("TABLES", json.dumps(pairs))
    world.put("orders", {"order": {"S": "o-1"}, "status": {"S": "paid"}})
    world.put("orders", {"order": {"S": "o-2"}, "status": {"S": "new"}})
    assert world.retry(event("retry_unsettled")) == DONE
    assert [one["order"]["S"] for one in world.items("orders-new")] == ["o-2"]
    assert world.waiting() == (0, 1)


def test_a_target_that_is_gone_keeps_the_message(world: World) -> None:
    happened = event("retry_two_pairs")
    fill(world, happened)
    world.dynamodb.delete_table(TableName="orders-new")
    assert world.retry(happened) == ids(happened, 0)
    assert len(world.items("devices-new")) == 1


def test_a_message_that_failed_is_hidden_longer_each_time(world: World) -> None:
    sent = world.sqs.send_message(QueueUrl=world.queue, MessageBody="not json")["MessageId"]
    received = world.sqs.receive_message(QueueUrl=world.queue, VisibilityTimeout=0)["Messages"][0]
    happened = event("retry_item_fault")
    happened["Records"][0] |= {
        "messageId": sent,
        "receiptHandle": received["ReceiptHandle"],
        "body": "not json",
    }
    world.retry(happened)
    assert world.sqs.receive_message(QueueUrl=world.queue).get("Messages", []) == []


def test_near_the_deadline_a_message_stays(world: World) -> None:
    class Ending(LambdaContext):
        def get_remaining_time_in_millis(self) -> int:
            self.left = self.left // 10
            return self.left

    happened = event("retry_item_fault")
    fill(world, happened)
    assert world.retry(happened, Ending()) == ids(happened, 0)


def test_what_nobody_foresaw_is_told_by_its_kind_and_place_and_keeps_the_message(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    happened = event("retry_item_fault")
    del happened["Records"][0]["attributes"]
    assert world.retry(happened) == ids(happened, 0)
    (told,) = (vars(record).get("why", "") for record in caplog.records)
    assert told.startswith("KeyError ")


def test_no_key_reaches_the_log(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    happened = event("retry_malformed")
    fill(world, happened)
    world.retry(happened)
    told = capsys.readouterr()
    assert "o-1" not in told.out + told.err
    assert "not json" not in told.out + told.err
