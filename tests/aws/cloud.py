"""A deployed stack on moto, as far as a status looks at it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from cutover.aws.session import Aws
from cutover.control.deployment import Deployment
from cutover.tables.pairs import TablePair, TableRef
from tests.fakes.ledger_table import create_ledger, put_row

REGION = "eu-west-1"
AWS = Aws(region=REGION)
PAIR = TablePair(TableRef("orders"), TableRef("orders-new"))


class Cloud:
    """A deployed stack, as far as a status looks at it."""

    def __init__(self) -> None:
        self.dynamodb = AWS.client("dynamodb")
        self.sqs = AWS.client("sqs")
        self.s3 = AWS.client("s3")
        self.cloudwatch = AWS.client("cloudwatch")
        create_ledger(self.dynamodb, "ledger")
        self.old, self.new = self._pool("old"), self._pool("new")
        self.s3.create_bucket(Bucket="failures", CreateBucketConfiguration={"LocationConstraint": REGION})
        self.queues = {
            output: self.sqs.create_queue(QueueName=output)["QueueUrl"]
            for output in (
                "SettleQueueUrl",
                "SettleDeadLetterQueueUrl",
                "RetryQueueUrl",
                "RetryDeadLetterQueueUrl",
            )
        }
        self.deployment = Deployment(
            "people",
            parameters={"OldUserPoolId": self.old},
            outputs={
                **self.queues,
                "LedgerTable": "ledger",
                "NewUserPoolId": self.new,
                "MirrorTableFunction": "mirror",
                "FailureBucket": "failures",
            },
            status="CREATE_COMPLETE",
        )

    def _pool(self, name: str) -> str:
        pools = AWS.client("cognito-idp")
        return str(pools.create_user_pool(PoolName=name)["UserPool"]["Id"])

    def row(self, **attributes: Any) -> None:
        put_row(self.dynamodb, "ledger", **attributes)

    def mirror(self) -> str:
        """The function, its alias and its mapping on the source's stream; answers the mapping's id."""
        stream = self.dynamodb.create_table(
            TableName="orders",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]["LatestStreamArn"]
        role = AWS.client("iam").create_role(
            RoleName="mirror", AssumeRolePolicyDocument=json.dumps({"Statement": []})
        )["Role"]["Arn"]
        functions = AWS.client("lambda")
        functions.create_function(
            FunctionName="mirror",
            Runtime="python3.13",
            Handler="a.b",
            Role=role,
            Code={"ZipFile": zipped()},
            Publish=True,
        )
        functions.create_alias(FunctionName="mirror", Name="live", FunctionVersion="1")
        return str(
            functions.create_event_source_mapping(
                FunctionName="mirror:live", EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
            )["UUID"]
        )


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.py", "def b(event, context): ...")
    return content.getvalue()
