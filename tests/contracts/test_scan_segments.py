"""What a sample rests on: a scan may be cut into very many segments, and each item is in exactly one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.session import get_session
from moto import mock_aws

from cutover.aws.dynamo_table import DynamoTable, describe
from cutover.tables.spill_join import Side
from cutover.tables.verify_draw import FEWEST_SEGMENTS, MOST_SEGMENTS, SampleSize, draw

REGION = "us-east-1"
KEYS = [{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]
PARTITIONS, ITEMS_EACH = 20, 3


def filled(client: Any, name: str) -> DynamoTable:
    client.create_table(
        TableName=name,
        KeySchema=KEYS,
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("k", "s")],
        BillingMode="PAY_PER_REQUEST",
    )
    table = describe(client, name)
    table.write(
        [{"k": {"S": f"k{p}"}, "s": {"S": str(n)}} for p in range(PARTITIONS) for n in range(ITEMS_EACH)], []
    )
    return table


@pytest.fixture(
    params=[
        "moto",
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ]
)
def table(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[DynamoTable]:
    if request.param == "moto":
        with mock_aws():
            yield filled(boto3.client("dynamodb", region_name=REGION), "table")
        return
    client = boto3.client(
        "dynamodb",
        endpoint_url=request.getfixturevalue(request.param),
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    yield filled(client, unique("segments"))


def keys_of(table: DynamoTable, segments: int) -> list[list[tuple[str, str]]]:
    """The keys of each segment, in the order of the scan."""
    return [
        [(item["k"]["S"], item["s"]["S"]) for page in table.scan(segment, segments) for item in page.items]
        for segment in range(segments)
    ]


@pytest.mark.parametrize("segments", [1, 7, 100])
def test_each_item_is_in_one_segment(table: DynamoTable, segments: int) -> None:
    counted = Counter(key for keys in keys_of(table, segments) for key in keys)
    assert len(counted) == PARTITIONS * ITEMS_EACH
    assert set(counted.values()) == {1}


def test_items_of_one_partition_key_come_one_after_the_other_in_one_segment(table: DynamoTable) -> None:
    """So partition keys can be counted without remembering them."""
    runs = 0
    for keys in keys_of(table, 5):
        partitions = [partition for partition, _ in keys]
        runs += sum(1 for before, now in zip(["", *partitions], partitions, strict=False) if before != now)
    assert runs == PARTITIONS


def test_a_sample_asks_for_no_more_segments_than_the_api_takes() -> None:
    shape = get_session().get_service_model("dynamodb").operation_model("Scan").input_shape
    limits = shape.members["TotalSegments"].metadata
    assert (limits["min"], limits["max"]) == (1, MOST_SEGMENTS)
    drawn = draw(SampleSize(items=1), 0, Side.SOURCE)
    assert drawn.segments == FEWEST_SEGMENTS
