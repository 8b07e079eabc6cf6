"""Turns of a backfill through the real handler, the keys being an export's in S3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.handlers import backfill_segment
from cutover.tables.backfill_rows import RunState
from tests.fakes.exports import Export
from tests.handlers.table_world import REGION, LambdaContext, World, event, table_world
from tests.handlers.test_backfill_segment import MINUTES, PAIR, RUN


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with table_world(monkeypatch) as made:
        made.put("orders", *({"order": {"S": f"o{n}"}, "v": {"S": "secret"}} for n in range(30)))
        yield made


@pytest.fixture
def s3(world: World) -> Any:
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(Bucket="exports")
    return client


def export_of(world: World, **more: Any) -> Export:
    table = world.dynamodb.describe_table(TableName="orders")["Table"]
    items = world.items("orders")
    files = [items[:11], items[11:], []]
    return Export(table["TableArn"], files, table.get("TableId", ""), more=more)


def ledger(world: World) -> DynamoBackfillLedger:
    return DynamoBackfillLedger(LedgerTable(boto3.client("dynamodb", region_name=REGION), world.ledger), PAIR)


def planned(world: World, export: Export) -> None:
    ledger(world).save_run(replace(RUN, segments=len(export.files), keys_from=export.arn))


def turn(phase: str, left: int = MINUTES, **state: Any) -> dict[str, Any]:
    happened = event(f"backfill_{phase}")
    happened["state"] |= state
    answer: dict[str, Any] = backfill_segment.handler(happened, LambdaContext(left))
    return answer


def test_its_turns_copy_the_files(world: World, s3: Any) -> None:
    export = export_of(world)
    planned(world, export)
    world.dynamodb.delete_item(TableName="orders", Key={"order": {"S": "o3"}})
    uri = export.put(s3, "exports")
    begun = turn("begin", keys_from=uri)
    assert (begun["outcome"], begun["slots"], begun["keys_from"]) == ("done", [0, 1], uri)
    for slot in begun["slots"]:
        assert turn("copy", slot=slot, keys_from=begun["keys_from"])["outcome"] == "done"
    assert turn("end", turn=begun, keys_from=uri)["outcome"] == "done"
    (run,) = ledger(world).runs()
    assert (run.state, run.items) == (RunState.DONE, 30)
    assert len(world.items("orders-new")) == 29


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keys_from": ""}, "started without it"),
        ({"keys_from": "s3://exports/elsewhere"}, "holds no manifest-summary.json"),
        ({"keys_from": "exports"}, "no place of an export"),
    ],
    ids=["none", "elsewhere", "no place"],
)
def test_an_export_that_is_not_there_is_told_at_the_beginning(
    world: World, s3: Any, change: dict[str, str], said: str
) -> None:
    export = export_of(world)
    planned(world, export)
    export.put(s3, "exports")
    answer = turn("begin", **change)
    assert (answer["outcome"], answer["error"]) == ("failed", "export_unfit")
    assert said in answer["why"]
    assert world.items("orders-new") == []


def test_the_export_of_another_table_or_of_another_run_is_not_taken(world: World, s3: Any) -> None:
    export = export_of(world, tableArn="arn:aws:dynamodb:us-east-1:123456789012:table/devices")
    planned(world, export)
    assert "not of the source table" in turn("begin", keys_from=export.put(s3, "exports"))["why"]
    export = replace(export_of(world, exportArn=f"{export.table_arn}/export/another"), prefix="other")
    answer = turn("begin", keys_from=export.put(s3, "exports"))
    assert answer["error"] == "export_unfit"
    assert "/export/another" in answer["why"]


def test_a_manifest_that_was_changed_is_not_taken(world: World, s3: Any) -> None:
    export = export_of(world)
    planned(world, export)
    answer = turn("begin", keys_from=export.put(s3, "exports", manifest_files=b'{"itemCount": 1}'))
    assert (answer["outcome"], answer["error"]) == ("failed", "export_unfit")


def test_a_bucket_that_is_not_there_fails_at_once(world: World, s3: Any) -> None:
    planned(world, export_of(world))
    answer = turn("begin", keys_from="s3://another-bucket/folder")
    assert (answer["outcome"], answer["error"]) == ("failed", "NoSuchBucket")


def test_its_answer_holds_no_key_and_no_value(world: World, s3: Any) -> None:
    export = export_of(world)
    planned(world, export)
    uri = export.put(s3, "exports")
    begun = turn("begin", keys_from=uri)
    text = json.dumps([begun, *(turn("copy", slot=slot, keys_from=uri) for slot in begun["slots"])])
    assert "secret" not in text
    assert '"o1' not in text
