"""What a sample relies on, of a table in memory, on moto and on DynamoDB Local."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.dynamo_table import NoPace
from cutover.aws.table_sample import TableSample
from cutover.tables.ports import Key
from cutover.tables.sampling import SampledTable
from tests import dynamodb_local
from tests.fakes.sampled import FakeSampledTable

ITEMS = 60
LOCAL = [
    pytest.mark.slow,
    pytest.mark.dynamodb_local,
    pytest.mark.skipif(dynamodb_local.why_not() is not None, reason=str(dynamodb_local.why_not())),
]


def filled(client: Any) -> TableSample:
    client.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(ITEMS):
        client.put_item(TableName="table", Item={"k": {"S": f"k{number}"}})
    return TableSample(client, "table", ("k",), NoPace())


@pytest.fixture(scope="module", params=["fake", "moto", pytest.param("dynamodb_local", marks=LOCAL)])
def table(request: pytest.FixtureRequest) -> Iterator[SampledTable]:
    if request.param == "fake":
        yield FakeSampledTable(ITEMS)
    elif request.param == "moto":
        with mock_aws():
            yield filled(boto3.client("dynamodb", region_name="eu-west-1"))
    else:
        with dynamodb_local.running() as url:
            yield filled(boto3.client("dynamodb", region_name=dynamodb_local.REGION, endpoint_url=url))


def read(table: SampledTable, segment: int, segments: int, limit: int) -> list[list[str]]:
    """The pages of a segment, from its beginning to its end."""
    pages: list[list[str]] = []
    start: Key | None = None
    while True:
        page = table.page(segment, segments, limit, start)
        pages.append([item["k"]["S"] for item in page.items])
        start = page.next_start
        if start is None:
            return pages


@pytest.mark.parametrize("segments", [1, 4, 16])
def test_the_segments_together_hold_every_item_once(table: SampledTable, segments: int) -> None:
    found = [name for number in range(segments) for page in read(table, number, segments, 7) for name in page]
    assert sorted(found) == sorted(f"k{number}" for number in range(ITEMS))


def test_no_page_holds_more_than_its_limit(table: SampledTable) -> None:
    assert max(len(page) for page in read(table, 0, 1, 7)) == 7


def test_more_segments_than_items_leave_some_empty(table: SampledTable) -> None:
    assert [] in [read(table, number, 1000, 25)[0] for number in range(900, 1000)]


def test_a_read_says_its_units(table: SampledTable) -> None:
    assert table.page(0, 1, 25, None).consumed_units > 0
