"""`cutover redrive`: what it takes in, what it converges, what it leaves, and what it says."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.tables.owed import Owed, owed_name
from cutover.tables.parking import RetryMessage
from tests.cli.table_world import FAILURES, PAIR, STACK, TableWorld, table_world
from tests.cli.verbs import Shell
from tests.fakes.failures import lost_object

QUICK = (*STACK, "--patience", "0", "--workers", "2")
GO = (*QUICK, "--yes", "--output", "json")


class Owing:
    """A world whose ledger, dead-letter queue and failure bucket a test fills."""

    def __init__(self, tables: TableWorld) -> None:
        self.tables = tables
        self.book = DynamoOwedBook(LedgerTable(tables.dynamodb, "ledger"))

    def owe(self, *names: str, reason: str = "unsettled", epoch: int = 0) -> None:
        keys = tuple({"k": {"S": name}} for name in names)
        name = owed_name(reason, keys, epoch, f"mark-{names}")
        self.book.add([Owed(name, PAIR, "forward", epoch, keys, reason, 1_700_000_000.0)])

    def die(self, body: str) -> None:
        self.tables.sqs.send_message(QueueUrl=self.tables.dead_url, MessageBody=body)

    def lose(self, name: str, content: bytes) -> None:
        self.tables.s3.put_object(Bucket=FAILURES, Key=name, Body=content)

    def owed(self) -> dict[str, int]:
        return dict(self.book.summary(PAIR).keys)

    def dead(self) -> int:
        found = self.tables.sqs.get_queue_attributes(
            QueueUrl=self.tables.dead_url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture
def world() -> Iterator[Owing]:
    """Five items in the source, none in the target."""
    with table_world(5) as tables:
        yield Owing(tables)


def message(*names: str) -> str:
    keys = tuple({"k": {"S": name}} for name in names)
    return RetryMessage(PAIR, "forward", 0, keys, 1_700_000_000.0, "validation", "validation#gone#0!1").body()


def batch(*names: str) -> bytes:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/old-orders/stream/2026"
    records: list[Any] = [
        {
            "eventName": "MODIFY",
            "eventSourceARN": arn,
            "dynamodb": {"Keys": {"k": {"S": name}}, "SequenceNumber": str(number)},
        }
        for number, name in enumerate(names)
    ]
    return lost_object(records)


def test_with_nothing_owed_a_redrive_ends_with_0(shell: Shell, world: Owing) -> None:
    ran = shell.run("redrive", *GO)
    assert ran.code == 0, ran.err
    assert ran.envelope["data"]["still_owed"] == 0
    assert ran.envelope["next"].startswith("cutover verify")


def test_rows_dead_letters_and_lost_batches_all_converge(shell: Shell, world: Owing) -> None:
    world.owe("k000", "k001")
    world.die(message("k002"))
    world.lose("aws/lambda/x/1", batch("k003", "k004"))
    ran = shell.run("redrive", *GO)
    assert ran.code == 0, ran.err
    assert world.tables.items("new-orders") == world.tables.items("old-orders")
    assert (world.owed(), world.dead()) == ({}, 0)
    data = ran.envelope["data"]
    assert (data["pairs"][0]["converged"], data["dead_letters"]["owed"]) == (5, 1)
    assert (data["failed_batches"]["batches"], data["failed_batches"]["keys"]) == (1, 2)
    assert world.tables.parked() == []


def test_an_item_that_was_deleted_meanwhile_goes_from_the_target(shell: Shell, world: Owing) -> None:
    world.tables.put("new-orders", "gone")
    world.lose("aws/lambda/x/1", batch("gone"))
    assert shell.run("redrive", *GO).code == 0
    assert world.tables.items("new-orders") == {}


def test_a_batch_that_nobody_can_read_ends_with_6_and_asks_for_a_verify(shell: Shell, world: Owing) -> None:
    world.lose("aws/lambda/x/1", b"broken")
    ran = shell.run("redrive", *GO)
    assert ran.code == 6
    assert (ran.envelope["ok"], ran.envelope["data"]["still_owed"]) == (False, 1)
    assert ran.envelope["next"].startswith("cutover verify")
    assert shell.run("redrive", *GO).code == 6


def test_a_message_that_nobody_can_read_stays_and_ends_with_6(shell: Shell, world: Owing) -> None:
    world.die("not ours")
    ran = shell.run("redrive", *GO)
    assert (ran.code, world.dead()) == (6, 1)
    assert ran.envelope["data"]["dead_letters"] == {"owed": 0, "malformed": 1, "others": 0}


def test_only_the_reasons_that_were_asked_for(shell: Shell, world: Owing) -> None:
    world.owe("k000")
    world.owe("k001", reason="lost")
    ran = shell.run("redrive", *GO, "--reason", "lost")
    assert (ran.code, world.owed()) == (0, {"unsettled": 1})


def test_an_unknown_reason_is_refused(shell: Shell, world: Owing) -> None:
    assert shell.run("redrive", *GO, "--reason", "boredom").code == 2


def test_a_dry_run_says_what_is_owed_and_changes_nothing(shell: Shell, world: Owing) -> None:
    world.owe("k000")
    world.die(message("k001"))
    world.lose("aws/lambda/x/1", batch("k002"))
    ran = shell.run("redrive", *QUICK, "--dry-run", "--output", "json")
    data = ran.envelope["data"]
    assert (ran.code, data["dead_letters"], data["failed_batches"]) == (0, 1, True)
    assert data["pairs"][0]["owed"] == {"unsettled": 1}
    assert (world.owed(), world.dead(), world.tables.items("new-orders")) == ({"unsettled": 1}, 1, {})


def test_nobody_is_redriven_without_an_agreement(shell: Shell, world: Owing) -> None:
    world.owe("k000")
    assert shell.run("redrive", *QUICK, "--no-input").code == 2
    assert world.owed() == {"unsettled": 1}


def test_a_pair_that_the_target_rules_is_refused(shell: Shell, world: Owing) -> None:
    world.owe("k000")
    world.tables.put_row(
        f"pair#{PAIR}", "authority", ruler={"S": "target"}, direction={"S": "reverse"}, epoch={"N": "1"}
    )
    assert shell.run("redrive", *GO).code == 4
    assert world.tables.items("new-orders") == {}


def test_a_target_that_is_gone_ends_with_5_and_keeps_what_is_owed(shell: Shell, world: Owing) -> None:
    world.owe("k000")
    world.tables.dynamodb.delete_table(TableName="new-orders")
    assert shell.run("redrive", *GO).code == 5
    assert world.owed() == {"unsettled": 1}


def test_keys_of_another_table_stay_and_keep_nobody_from_converging(shell: Shell, world: Owing) -> None:
    keys = ({"another": {"S": "x"}},)
    world.book.add([Owed(owed_name("lost", keys, 0, "1"), PAIR, "forward", 0, keys, "lost", 1.0)])
    world.owe("k000")
    ran = shell.run("redrive", *GO)
    assert (ran.code, world.owed()) == (6, {"lost": 1})
    assert list(world.tables.items("new-orders")) == ["k000"]


def test_no_key_reaches_the_screen(shell: Shell, world: Owing) -> None:
    world.owe("k000")
    world.lose("aws/lambda/x/1", batch("k001"))
    ran = shell.run("redrive", *QUICK, "--yes")
    assert "k00" not in ran.out + ran.err


def test_a_reconcile_converges_what_nobody_knew_of_and_names_what_stays(
    shell: Shell, world: Owing, tmp_path: Path
) -> None:
    world.tables.put("new-orders", "k000", "old")
    world.tables.put("new-orders", "native")
    report = tmp_path / "redrive.json"
    ran = shell.run("redrive", *GO, "--reconcile", "--report", str(report))
    assert ran.code == 0, ran.err
    items = world.tables.items("new-orders")
    assert items.pop("native") == "v"
    assert items == world.tables.items("old-orders")
    reconciled = ran.envelope["data"]["pairs"][0]["reconciled"]
    assert (reconciled["compared"], reconciled["extra"], reconciled["proven"]) == (5, 1, 0)
    assert "native" not in ran.out
    assert json.loads(report.read_text())["pairs"][0]["extra_keys"] == [{"k": {"S": "native"}}]
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert world.tables.rows(f"reconcile#{PAIR}") == []
