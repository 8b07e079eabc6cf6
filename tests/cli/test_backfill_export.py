"""`cutover backfill --keys-from`: an export stands in for the scan, and what is wrong with it is said."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from cutover.tables.ports import Item
from tests.cli.table_world import PAIR, REGION, STACK, TableWorld, table_world
from tests.cli.verbs import Ran, Shell
from tests.fakes.exports import Export
from tests.fakes.tables import item


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world(items=0) as made:
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="exports")
        yield made


def items_now(world: TableWorld) -> list[Item]:
    return list(world.dynamodb.scan(TableName="old-orders")["Items"])


def put_export(world: TableWorld, *files: list[Item], **changes: Any) -> str:
    """An export of the source, of this moment, in the bucket."""
    table = world.dynamodb.describe_table(TableName="old-orders")["Table"]
    made = {"time": datetime.fromtimestamp(time.time() + 1, UTC).isoformat(), **changes}
    export = Export(table["TableArn"], files or [items_now(world)], table.get("TableId", ""), **made)
    return export.put(boto3.client("s3", region_name="us-east-1"), "exports")


def backfill(shell: Shell, uri: str, *words: str) -> Ran:
    return shell.run("backfill", "--keys-from", uri, *words, *STACK, "--yes", "--output", "json")


def test_the_keys_of_the_export_end_as_the_source_has_them_now(shell: Shell, world: TableWorld) -> None:
    for number in range(30):
        world.put("old-orders", f"k{number:02}", "of the export")
    found = items_now(world)
    uri = put_export(world, found[:20], [], found[20:])
    world.put("old-orders", "k03", "newer")
    world.delete("old-orders", "k04")
    ran = backfill(shell, uri)
    assert ran.code == 0
    assert world.items("new-orders") == world.items("old-orders")
    assert world.items("new-orders")["k03"] == "newer"
    (done,) = ran.envelope["data"]["pairs"]
    assert (done["items"], done["segments"], done["state"]) == (30, 3, "done")


def test_the_plan_says_what_it_costs(shell: Shell, world: TableWorld) -> None:
    world.put("old-orders", "a")
    uri = put_export(world)
    data = backfill(shell, uri, "--dry-run").envelope["data"]["pairs"][0]
    assert data["keys_from"].endswith("/export/01700000000000-a1b2c3d4")
    assert data["items_estimate"] == 1
    out = shell.run("backfill", "--keys-from", uri, *STACK, "--dry-run").out
    assert "is not scanned" in out
    assert world.items("new-orders") == {}


def test_a_run_from_an_export_and_one_from_a_scan_do_not_take_each_others_places(
    shell: Shell, world: TableWorld
) -> None:
    world.put("old-orders", "a")
    uri = put_export(world, items_now(world), [])
    world.put_row(
        f"backfill#{PAIR}",
        "run#20260101T000000Z-000000",
        segments={"N": "2"},
        started_at={"N": "1"},
        state={"S": "running"},
    )
    data = backfill(shell, uri, "--dry-run").envelope["data"]["pairs"][0]
    assert (data["resumes"], data["superseded"]) == (False, ["20260101T000000Z-000000"])
    assert backfill(shell, uri).code == 0
    run = next(row for row in world.rows(f"backfill#{PAIR}") if "keys_from" in row)
    world.dynamodb.put_item(TableName="ledger", Item={**run, "state": {"S": "running"}})
    scan = shell.run("backfill", *STACK, "--segments", "2", "--dry-run", "--output", "json")
    assert scan.envelope["data"]["pairs"][0]["resumes"] is False
    assert backfill(shell, uri, "--dry-run").envelope["data"]["pairs"][0]["resumes"] is True


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"outputFormat": "ION"}, "format ION"),
        ({"exportType": "INCREMENTAL_EXPORT"}, "INCREMENTAL_EXPORT"),
        ({"tableArn": f"arn:aws:dynamodb:{REGION}:123456789012:table/new-orders"}, "not of the source table"),
        ({"itemCount": 7}, "do not count the same items"),
    ],
    ids=lambda value: str(value),
)
def test_an_export_that_cannot_be_taken_is_refused_before_anything_is_written(
    shell: Shell, world: TableWorld, more: dict[str, Any], said: str
) -> None:
    world.put("old-orders", "a")
    ran = backfill(shell, put_export(world, more=more))
    assert ran.code == 2
    assert said in ran.envelope["data"]["message"]
    assert world.items("new-orders") == {}
    assert world.rows(f"backfill#{PAIR}") == []


def test_an_export_older_than_the_mirror_is_refused(shell: Shell, world: TableWorld) -> None:
    world.put("old-orders", "a")
    uri = put_export(world, time="2024-01-01T00:00:00Z")
    ran = backfill(shell, uri)
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "export_too_old")
    assert "2024-01-01" in ran.envelope["data"]["cause"]
    assert backfill(shell, uri, "--without-mirror").code == 0
    assert world.items("new-orders") == world.items("old-orders")


def test_a_damaged_file_is_partly_done_and_says_which(shell: Shell, world: TableWorld) -> None:
    world.put("old-orders", "a")
    uri = put_export(world)
    key = f"{uri.removeprefix('s3://exports/')}/data/file0000.json.gz"
    boto3.client("s3", region_name="us-east-1").put_object(Bucket="exports", Key=key, Body=b"")
    ran = backfill(shell, uri, "--patience", "0")
    assert ran.code == 6
    assert "checksum differs" in ran.envelope["data"]["cause"]
    assert "--keys-from" in ran.envelope["next"]


def test_an_export_has_as_many_segments_as_files(shell: Shell, world: TableWorld) -> None:
    assert backfill(shell, put_export(world), "--segments", "4").code == 2


def test_a_place_that_is_none_is_a_usage_error(shell: Shell, world: TableWorld) -> None:
    assert backfill(shell, "exports/2026").code == 2
    assert backfill(shell, "s3://exports/2026").code == 2


@pytest.mark.parametrize("option", ["--keys-from", "--export"])
def test_an_empty_place_starts_no_copy_of_the_whole_table(
    shell: Shell, world: TableWorld, option: str
) -> None:
    """As a shell gives it where a variable is not set."""
    ran = shell.run("backfill", *STACK, option, "", "--yes", "--patience", "0")
    assert (ran.code, world.items("new-orders")) == (2, {}), ran.err


def test_an_item_of_the_export_that_was_never_in_the_source_does_not_come(
    shell: Shell, world: TableWorld
) -> None:
    world.put("old-orders", "a")
    assert backfill(shell, put_export(world, [*items_now(world), item("ghost", "v")])).code == 0
    assert world.items("new-orders") == world.items("old-orders")


def start(shell: Shell, *words: str, typed: str = "") -> Ran:
    return shell.run("backfill", *words, *STACK, "--output", "json", typed=typed)


def exports(world: TableWorld) -> list[str]:
    table = world.dynamodb.describe_table(TableName="old-orders")["Table"]["TableArn"]
    return [one["ExportArn"] for one in world.dynamodb.list_exports(TableArn=table)["ExportSummaries"]]


def recoverable(world: TableWorld) -> None:
    world.dynamodb.update_continuous_backups(
        TableName="old-orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )


def test_an_export_is_started_and_the_next_command_takes_its_keys(shell: Shell, world: TableWorld) -> None:
    recoverable(world)
    ran = start(shell, "--export", "s3://exports/shop", "--yes")
    assert ran.code == 0
    (arn,) = exports(world)
    folder = f"s3://exports/shop/AWSDynamoDB/{arn.rsplit('/', 1)[-1]}"
    assert ran.envelope["data"]["export"] == folder
    assert f"--keys-from {folder}" in ran.envelope["next"]


def test_a_dry_run_starts_no_export(shell: Shell, world: TableWorld) -> None:
    recoverable(world)
    assert start(shell, "--export", "s3://exports/shop", "--dry-run").code == 0
    assert start(shell, "--export", "s3://exports/shop", typed="n\n").code == 1
    assert exports(world) == []


def test_a_table_without_point_in_time_recovery_cannot_be_exported(shell: Shell, world: TableWorld) -> None:
    ran = start(shell, "--export", "s3://exports/shop", "--yes")
    assert ran.code == 2
    assert "point-in-time recovery" in ran.envelope["data"]["message"]


@pytest.mark.parametrize(
    "words", [("--export", "exports"), ("--export", "s3://x", "--keys-from", "s3://x/y")]
)
def test_what_cannot_be_exported_is_a_usage_error(
    shell: Shell, world: TableWorld, words: tuple[str, ...]
) -> None:
    assert start(shell, *words, "--yes").code == 2
