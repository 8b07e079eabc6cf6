"""A sample of a real table, on moto and on DynamoDB Local."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.dynamo_table import NoPace
from cutover.aws.table_sample import TableSample
from cutover.tables.ports import TableFault
from cutover.tables.sampling import draw, plan_sample
from tests import dynamodb_local
from tests.aws.cloud import AWS


class Pace:
    def __init__(self) -> None:
        self.taken: list[float] = []

    def take(self, units: float) -> None:
        self.taken.append(units)


def filled(client: Any, items: int, pad: int) -> None:
    client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(items):
        client.put_item(TableName="orders", Item={"k": {"S": f"k{number}"}, "v": {"S": "x" * pad}})


def drawn(sample: TableSample, wanted: int, items: int, size: int) -> list[str]:
    plan = plan_sample(wanted, items, items * size)
    return [item["k"]["S"] for page in draw(sample, plan, random.Random(1)) for item in page]


@mock_aws
def test_every_read_is_paid_to_the_pace_and_counted() -> None:
    client, pace = AWS.client("dynamodb"), Pace()
    filled(client, 5, 10)
    sample = TableSample(client, "orders", ("k",), pace)
    found = drawn(sample, 100, 5, 20)
    assert sorted(found) == [f"k{number}" for number in range(5)]
    assert sample.units == sum(pace.taken) > 0


def test_a_refused_read_is_a_fault_of_the_table() -> None:
    client = AWS.client("dynamodb")
    with Stubber(client) as stubber:
        stubber.add_client_error("scan", "AccessDeniedException")
        with pytest.raises(TableFault, match="orders: AccessDeniedException"):
            TableSample(client, "orders", ("k",), NoPace()).page(0, 1, 25, None)


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    with dynamodb_local.running() as url:
        client = boto3.client("dynamodb", region_name=dynamodb_local.REGION, endpoint_url=url)
        filled(client, 300, 2000)
        yield client


@pytest.mark.slow
@pytest.mark.dynamodb_local
@pytest.mark.skipif(dynamodb_local.why_not() is not None, reason=str(dynamodb_local.why_not()))
class TestOnDynamoDbLocal:
    def test_a_small_table_is_read_to_its_end_and_no_item_twice(self, local: Any) -> None:
        found = drawn(TableSample(local, "orders", ("k",), NoPace()), 1000, 300, 2003)
        assert len(found) == len(set(found)) == 300

    def test_a_sample_is_no_larger_than_asked_for_and_costs_about_what_was_said(self, local: Any) -> None:
        sample = TableSample(local, "orders", ("k",), NoPace())
        assert len(set(drawn(sample, 100, 300, 2003))) == 100
        assert 0.5 <= sample.units / plan_sample(100, 300, 300 * 2003).units <= 2
