"""Two tables, a ledger, a queue and a stack that names them: what the verbs on table pairs work on."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto import mock_aws

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from tests.fakes.ledger_table import create_ledger

REGION = "eu-west-1"
STACK = ("--stack", "shop", "--region", REGION, "--source-role", "none")
QUICK = (*STACK, "--spacing", "0", "--probes", "2", "--patience", "0", "--workers", "1")
"""A verify that waits for nothing."""
PAIR = "old-orders=new-orders"
FAILURES = "shop-failures"


@dataclass
class TableWorld:
    """`dynamodb` and `sqs` are clients on moto."""

    dynamodb: Any
    sqs: Any
    queue_url: str
    mapping: str
    dead_url: str = ""
    s3: Any = None

    def put(self, table: str, name: str, value: str = "v") -> None:
        self.dynamodb.put_item(TableName=table, Item={"k": {"S": name}, "v": {"S": value}})

    def delete(self, table: str, name: str) -> None:
        self.dynamodb.delete_item(TableName=table, Key={"k": {"S": name}})

    def items(self, table: str) -> dict[str, str]:
        rows = self.dynamodb.scan(TableName=table)["Items"]
        return {row["k"]["S"]: row["v"]["S"] for row in rows}

    def backfills(self) -> DynamoBackfillLedger:
        """The ledger of the pair's backfills."""
        return DynamoBackfillLedger(LedgerTable(self.dynamodb, "ledger"), PAIR)

    def rows(self, pk: str) -> list[Mapping[str, Any]]:
        rows: list[Mapping[str, Any]] = self.dynamodb.query(
            TableName="ledger",
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )["Items"]
        return rows

    def put_row(self, pk: str, sk: str, **attributes: Any) -> None:
        self.dynamodb.put_item(TableName="ledger", Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})

    def owe(self, name: str) -> None:
        """As of long ago."""
        self.put_row(
            f"owed#{PAIR}",
            "throttled#x#0",
            pair={"S": PAIR},
            direction={"S": "forward"},
            epoch={"N": "0"},
            keys={"L": [{"M": {"k": {"S": name}}}]},
            reason={"S": "throttled"},
            since={"N": "1"},
            mark={"S": "m"},
        )

    def parked(self) -> list[dict[str, Any]]:
        messages = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in messages.get("Messages", [])]

    def deploy(self, **parameters: str) -> None:
        """The stack with these parameters on top of its first ones."""
        boto3.client("cloudformation", region_name=REGION).delete_stack(StackName="shop")
        _stack(self.queue_url, self.dead_url, parameters)

    def stop_mirror(self) -> None:
        boto3.client("lambda", region_name=REGION).delete_event_source_mapping(UUID=self.mapping)

    def start_mirror(self) -> None:
        """After `stop_mirror`."""
        table = self.dynamodb.describe_table(TableName="old-orders")["Table"]
        self.mapping = _follow(table["LatestStreamArn"])


@contextmanager
def table_world(items: int = 25, **fields: str) -> Iterator[TableWorld]:
    """`items` in the source, none in the target, a mapping on the source's stream; the pair has `fields`."""
    with mock_aws():
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        stream = _table(dynamodb, "old-orders")
        _table(dynamodb, "new-orders")
        create_ledger(dynamodb, "ledger")
        sqs = boto3.client("sqs", region_name=REGION)
        queue_url = sqs.create_queue(QueueName="retry")["QueueUrl"]
        dead_url = sqs.create_queue(QueueName="dead")["QueueUrl"]
        s3 = boto3.client("s3", region_name=REGION)
        s3.create_bucket(Bucket=FAILURES, CreateBucketConfiguration={"LocationConstraint": REGION})
        mapping = _mirror(stream)
        tables = json.dumps([{"source": "old-orders", "target": "new-orders", **fields}])
        _stack(queue_url, dead_url, {"Tables": tables})
        world = TableWorld(dynamodb, sqs, queue_url, mapping, dead_url, s3)
        for number in range(items):
            world.put("old-orders", f"k{number:03}")
        yield world


@contextmanager
def equal_tables(**fields: str) -> Iterator[TableWorld]:
    """Five items on both sides, which nobody writes; the pair has `fields`."""
    with table_world(5, **fields) as world:
        for name, value in world.items("old-orders").items():
            world.put("new-orders", name, value)
        yield world


def _table(client: Any, name: str) -> str:
    reply = client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return str(reply["TableDescription"]["LatestStreamArn"])


def _mirror(stream: str) -> str:
    role = boto3.client("iam", region_name=REGION).create_role(
        RoleName="mirror", AssumeRolePolicyDocument="{}"
    )["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("mirror.py", "def handler(event, context): return {}")
    functions = boto3.client("lambda", region_name=REGION)
    functions.create_function(
        FunctionName="shop-MirrorTable",
        Runtime="python3.13",
        Role=role,
        Handler="mirror.handler",
        Code={"ZipFile": code.getvalue()},
    )
    return _follow(stream)


def _follow(stream: str) -> str:
    reply = boto3.client("lambda", region_name=REGION).create_event_source_mapping(
        EventSourceArn=stream, FunctionName="shop-MirrorTable", StartingPosition="TRIM_HORIZON"
    )
    return str(reply["UUID"])


def _stack(queue_url: str, dead_url: str, parameters: Mapping[str, str] | None = None) -> None:
    """Its `Tables` are the one pair, unless `parameters` says otherwise."""
    given = {"Tables": json.dumps([{"source": "old-orders", "target": "new-orders"}]), **(parameters or {})}
    outputs = {
        "LedgerTable": "ledger",
        "RetryQueueUrl": queue_url,
        "RetryDeadLetterQueueUrl": dead_url,
        "FailureBucket": FAILURES,
        "MirrorTableFunction": "shop-MirrorTable",
        "BackfillStateMachine": f"arn:aws:states:{REGION}:123456789012:stateMachine:shop-Backfill",
    }
    template = {
        "Parameters": {name: {"Type": "String"} for name in given},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    boto3.client("cloudformation", region_name=REGION).create_stack(
        StackName="shop",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )
