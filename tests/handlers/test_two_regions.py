"""A pair whose tables are in two Regions: each is met in its own; ledger and queue are the function's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.handlers.table_world import REGION, World, table_world
from tests.handlers.test_mirror_table import DONE

FAR = "us-west-2"
STREAM = "stream/2026-11-20T09:00:00.000"


def make(region: str, name: str) -> tuple[Any, str]:
    """A client of the Region, and the ARN of a table made there."""
    dynamodb = boto3.client("dynamodb", region_name=region)
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "order", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb, str(made["TableDescription"]["TableArn"])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with table_world(monkeypatch) as made:
        yield made


@pytest.mark.parametrize(("source", "target"), [(REGION, FAR), (FAR, REGION)], ids=["away", "home"])
def test_a_change_goes_from_one_region_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch, source: str, target: str
) -> None:
    here, source_arn = make(source, "invoices")
    there, target_arn = make(target, "invoices-2026")
    monkeypatch.setenv("TABLES", json.dumps([{"source": source_arn, "target": target_arn}]))
    item = {"order": {"S": "o-1"}, "total": {"N": "7"}}
    here.put_item(TableName="invoices", Item=item)
    record = {
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": f"{source_arn}/{STREAM}",
        "dynamodb": {"Keys": {"order": {"S": "o-1"}}, "NewImage": item, "SequenceNumber": "1" * 21},
    }
    assert world.mirror({"Records": [record]}) == DONE
    assert there.scan(TableName="invoices-2026")["Items"] == [item]


def test_a_table_of_the_same_name_in_the_function_s_region_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, source_arn = make(REGION, "invoices")
    _, target_arn = make(FAR, "invoices-2026")
    twin, _ = make(REGION, "invoices-2026")
    monkeypatch.setenv("TABLES", json.dumps([{"source": source_arn, "target": target_arn}]))
    here.put_item(TableName="invoices", Item={"order": {"S": "o-1"}})
    record = {
        "eventName": "INSERT",
        "eventSourceARN": f"{source_arn}/{STREAM}",
        "dynamodb": {"Keys": {"order": {"S": "o-1"}}, "SequenceNumber": "1" * 21},
    }
    assert world.mirror({"Records": [record]}) == DONE
    assert twin.scan(TableName="invoices-2026")["Count"] == 0
