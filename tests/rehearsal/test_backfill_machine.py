"""The template's own state machine on the local stack: killed, paused, stopped, and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.rehearsal.deploy import deploy
from cutover.rehearsal.local import Local
from cutover.tables.backfill_rows import Run, RunState
from tests.fakes.exports import Export
from tests.rehearsal.probes import until
from tests.template.expanding import TEMPLATE
from tests.template.measured import ACCOUNT

pytestmark = [pytest.mark.slow, pytest.mark.local_stack]

ITEMS = 900
SLOW = ("--segments", "4", "--concurrency", "1", "--write-units", "40")
"""One slot, in pages of some 225 keys, for some twenty seconds: the local stack runs all slots at once."""


@dataclass
class Shop:
    """A deployed stack of one pair. Its items were there before the stream was."""

    local: Local
    stack: str
    source: str
    target: str
    exports: str
    """A bucket that the functions may read."""
    outputs: dict[str, str]

    @property
    def dynamodb(self) -> Any:
        return self.local.client("dynamodb")

    @property
    def pair(self) -> str:
        return f"{self.source}={self.target}"

    def items(self, table: str) -> dict[str, Any]:
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return {item["k"]["S"]: item for page in pages for item in page["Items"]}

    def equal(self) -> bool:
        return self.items(self.source) == self.items(self.target)

    def copied(self, number: int) -> Callable[[], bool]:
        return lambda: len(self.items(self.target)) >= number

    def delete(self, number: int) -> None:
        self.dynamodb.delete_item(TableName=self.source, Key={"k": {"S": f"item-{number}"}})

    def export(self, files: int) -> str:
        """An export of this moment; gives its folder."""
        table = self.dynamodb.describe_table(TableName=self.source)["Table"]
        items = list(self.items(self.source).values())
        export = Export(
            table["TableArn"],
            [items[number::files] for number in range(files)],
            table.get("TableId", ""),
            time=datetime.fromtimestamp(time.time() + 1, UTC).isoformat(),
        )
        return export.put(self.local.client("s3"), self.exports)

    def run(self) -> Run:
        table = LedgerTable(self.dynamodb, self.outputs["LedgerTable"])
        return list(DynamoBackfillLedger(table, self.pair).runs())[-1]

    def pending(self) -> int:
        table = LedgerTable(self.dynamodb, self.outputs["LedgerTable"])
        return len(list(DynamoBackfillLedger(table, self.pair).pending()))

    def start(self, *words: str) -> subprocess.Popen[str]:
        line = "import sys; from cutover.cli import main; sys.exit(main())"
        return subprocess.Popen(
            [sys.executable, "-c", line, "backfill", "--stack", self.stack, "--yes", *words],
            env={**os.environ, **self.local.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def backfill(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        out, err = process.communicate(timeout=150)
        assert process.returncode == code, err
        return out + err


@pytest.fixture
def shop(running_stack: Local, unique: Callable[[str], str]) -> Iterator[Shop]:
    source, target, stack = unique("source"), unique("target"), unique("shop")
    dynamodb = running_stack.client("dynamodb")
    for table in (source, target):
        dynamodb.create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    for first in range(0, ITEMS, 25):
        items = ({"k": {"S": f"item-{n}"}, "v": {"N": str(n)}} for n in range(first, first + 25))
        dynamodb.batch_write_item(RequestItems={source: [{"PutRequest": {"Item": item}} for item in items]})
    streaming = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    changed = dynamodb.update_table(TableName=source, StreamSpecification=streaming)
    bucket, exports = unique("code"), unique("exports")
    for name in (bucket, exports):
        running_stack.client("s3").create_bucket(Bucket=name)
    arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/"
    values = {
        "Tables": json.dumps([{"source": source, "target": target}]),
        "SourceTableArns": arn + source,
        "TargetTableArns": arn + target,
        "SourceStreamArns": changed["TableDescription"]["LatestStreamArn"],
        "ExportBucketArn": f"arn:aws:s3:::{exports}",
        "OnAws": "false",
    }
    described = deploy(running_stack.client, TEMPLATE, stack, values, bucket=bucket)
    outputs = {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}
    yield Shop(running_stack, stack, source, target, exports, outputs)
    running_stack.client("cloudformation").delete_stack(StackName=stack)


def workers(shop: Shop) -> list[int]:
    """The processes in which the local stack runs this stack's backfill function."""
    wanted = f"AWS_LAMBDA_FUNCTION_NAME={shop.outputs['BackfillSegmentFunction']}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # it has ended, or is not ours
            continue
    return found


def kill_workers(shop: Shop) -> None:
    killed = workers(shop)
    assert killed
    for process in killed:
        os.kill(process, signal.SIGKILL)


def test_it_ends_equal_though_workers_are_killed_and_items_are_deleted_meanwhile(shop: Shop) -> None:
    shop.backfill("--on", "aws", *SLOW, "--detach")
    until(shop.copied(25), seconds=60)
    kill_workers(shop)
    for number in range(0, ITEMS, 5):
        shop.delete(number)
    said = shop.backfill("--on", "aws", "--write-units", "0")
    assert "runs already" in said
    until(shop.equal, seconds=60)
    assert (shop.run().state, shop.pending()) == (RunState.DONE, 0)


def test_it_waits_while_it_is_paused_and_one_machine_goes_on_after_a_stop(shop: Shop) -> None:
    follower = shop.start("--on", "aws", *SLOW, "--write-units", "15")
    until(shop.copied(25), seconds=60)
    shop.backfill("--pause", "lunch peak")
    until(lambda: "lunch peak" in shop.run().why, seconds=60)
    still = len(shop.items(shop.target))
    shop.backfill("--pace-only", "--unpause")
    until(shop.copied(still + 5), seconds=60)
    assert "stopped" in shop.backfill("--stop")
    _, talk = follower.communicate(timeout=60)
    assert follower.returncode == 6, talk
    assert "was stopped" in talk
    assert "goes on with run" in shop.backfill("--write-units", "0")
    assert shop.equal()
    assert (shop.run().state, shop.pending()) == (RunState.DONE, 0)


def test_the_keys_of_an_export_end_as_the_source_has_them_though_workers_are_killed(shop: Shop) -> None:
    words = ("--on", "aws", "--keys-from", shop.export(files=4), "--write-units")
    for number in range(0, ITEMS, 9):
        shop.delete(number)
    shop.backfill(*words, "40", "--concurrency", "1", "--detach")
    until(shop.copied(25), seconds=60)
    kill_workers(shop)
    for number in range(0, ITEMS, 5):
        shop.delete(number)
    assert "runs already" in shop.backfill(*words, "0")
    until(shop.equal, seconds=60)
    run = shop.run()
    assert (run.state, run.items, run.segments, shop.pending()) == (RunState.DONE, ITEMS, 4, 0)
    assert "/export/" in run.keys_from


def test_one_machine_goes_on_with_an_export_that_was_stopped_on_aws(shop: Shop) -> None:
    words = ("--keys-from", shop.export(files=3), "--write-units")
    shop.backfill("--on", "aws", *words, "40", "--concurrency", "1", "--detach")
    until(shop.copied(25), seconds=60)
    assert "stopped" in shop.backfill("--stop")
    assert "goes on with run" in shop.backfill(*words, "0")
    assert shop.equal()
    assert (shop.run().state, shop.run().items, shop.pending()) == (RunState.DONE, ITEMS, 0)


def test_a_target_that_is_gone_is_told_with_its_cause(shop: Shop) -> None:
    follower = shop.start("--on", "aws", *SLOW)
    until(shop.copied(10), seconds=60)
    shop.dynamodb.delete_table(TableName=shop.target)
    _, talk = follower.communicate(timeout=150)
    assert follower.returncode == 6, talk
    assert "ResourceNotFoundException" in talk
    assert f"next: cutover backfill --on aws --pair {shop.pair}" in talk
