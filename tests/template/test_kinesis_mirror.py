"""Kinesis records through the real template and function, on the local stack.

The records are put into the Kinesis stream as AWS's service writes them; the local stack's own destination of
a table writes another shape, without the table's name. Its poller of Kinesis streams takes a whole batch or
none, so `batchItemFailures` is not seen at work here: tests/handlers has that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cutover.rehearsal.deploy import deploy
from cutover.rehearsal.local import Local
from tests.rehearsal.probes import until
from tests.template.expanding import TEMPLATE

pytestmark = [pytest.mark.slow, pytest.mark.local_stack]

ACCOUNT = "000000000000"
BUCKET = "kinesis-code"


def _record(table: str, name: str, new: dict[str, Any] | None = None) -> bytes:
    images = {} if new is None else {"NewImage": new}
    change = {
        "awsRegion": "us-east-1",
        "eventID": "6f773704-d244-414f-9590-5e9e90454090",
        "eventName": name,
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table,
        "dynamodb": {"ApproximateCreationDateTime": 1795423221474, "Keys": {"id": {"S": "a"}}, **images},
        "eventSource": "aws:dynamodb",
    }
    return json.dumps(change).encode()


class Shop:
    def __init__(self, local: Local, name: str, **more: str) -> None:
        self.local, self.source, self.target = local, name, f"{name}-new"
        self.dynamodb, self.kinesis = local.client("dynamodb"), local.client("kinesis")
        for table in (self.source, self.target):
            self.dynamodb.create_table(
                TableName=table,
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
            )
        self.kinesis.create_stream(StreamName=name, ShardCount=1)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        described = self.kinesis.describe_stream_summary(StreamName=name)
        self.stream_arn = str(described["StreamDescriptionSummary"]["StreamARN"])
        local.client("s3").create_bucket(Bucket=BUCKET)
        table_arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/"
        deploy(
            local.client,
            TEMPLATE,
            name,
            {
                "Tables": json.dumps([{"source": self.source, "target": self.target}]),
                "SourceTableArns": f"{table_arn}{self.source}",
                "TargetTableArns": f"{table_arn}{self.target}",
                "SourceKinesisArns": self.stream_arn,
                "OnAws": "false",
                **more,
            },
            bucket=BUCKET,
        )

    def tell(self, data: bytes) -> None:
        self.kinesis.put_record(StreamName=self.source, PartitionKey="a", Data=data)

    def arrived(self) -> Any:
        return self.dynamodb.get_item(TableName=self.target, Key={"id": {"S": "a"}}).get("Item")


@pytest.fixture
def shop(running_stack: Local, unique: Callable[[str], str]) -> Iterator[Shop]:
    made = Shop(running_stack, unique("kinesis"))
    yield made
    running_stack.client("cloudformation").delete_stack(StackName=made.source)


def test_changes_that_come_by_kinesis_reach_the_target(shop: Shop) -> None:
    first, second = ({"id": {"S": "a"}, "n": {"N": number}} for number in "12")
    shop.dynamodb.put_item(TableName=shop.source, Item=second)
    shop.tell(_record(shop.source, "MODIFY", second))
    until(lambda: shop.arrived() == second)
    shop.tell(_record(shop.source, "INSERT", first))  # late: what it tells is long overwritten
    shop.dynamodb.delete_item(TableName=shop.source, Key={"id": {"S": "a"}})
    shop.tell(_record(shop.source, "REMOVE"))
    until(lambda: shop.arrived() is None)


def test_a_shared_stream_s_records_of_other_tables_are_passed_over(
    running_stack: Local, unique: Callable[[str], str]
) -> None:
    name = unique("kinesis")
    shop = Shop(running_stack, name, KinesisTables=f"{name},another-of-ours")
    stranger, ours = ({"id": {"S": "a"}, "of": {"S": whose}} for whose in ("theirs", "ours"))
    shop.tell(_record("theirs", "INSERT", stranger))
    shop.dynamodb.put_item(TableName=shop.source, Item=ours)
    shop.tell(_record(shop.source, "INSERT", ours))
    until(lambda: shop.arrived() == ours)
    running_stack.client("cloudformation").delete_stack(StackName=name)
