"""A deployment on a local stack that enforces IAM, and what each of its functions called there."""

from __future__ import annotations

import hashlib
import json
import re
import time
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.executions import RUNNING, Executions
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.rehearsal.deploy import deploy
from cutover.rehearsal.local import Local
from cutover.rehearsal.world.pools import Pools, make_pools
from cutover.tables.backfill_rows import Run
from cutover.tables.ledger_rows import pair_key
from cutover.tables.owed import Owed, owed_name
from cutover.tables.parking import Reason, RetryMessage
from cutover.users.ledger_rows import user_key
from tests.fakes.exports import Export
from tests.fakes.failures import lost_object
from tests.rehearsal.probes import until
from tests.template.expanding import TEMPLATE

ACCOUNT = "000000000000"
PASSWORD = "Correct-horse-7"
PAIRS = json.dumps(
    [
        {"source": "orders", "target": "orders-new", "subs": ["owner"]},
        {"source": "papers", "target": "papers-new", "transform": "copy:copy", "inverse": "copy:copy"},
    ]
)
"""One whose items hold a sub, and one by a function that may change keys, whose items are written singly."""
PAIR, PAPERS = "orders=orders-new", "papers=papers-new"
OWNER = "3f0d2c1a-0000-4000-8000-000000000001"
GOOD = {"id": {"S": "good"}, "kind": {"S": "letter"}, "owner": {"S": OWNER}}
BAD = {"id": {"S": "bad"}, "kind": {"N": "1"}}
"""An item that the target's index refuses."""
EXPORTS = "measured-exports"
LAMBDA_PATHS = (
    (re.compile(r"GET /2015-03-31/functions/[^/]+/configuration.*"), "GetFunctionConfiguration"),
    (re.compile(r"GET /2015-03-31/functions/[^/]+/aliases/?"), "ListAliases"),
    (re.compile(r"GET /2015-03-31/event-source-mappings/?"), "ListEventSourceMappings"),
    (re.compile(r"POST /2015-03-31/functions/.*/invocations"), "InvokeFunction"),
)
S3_PATHS = (
    (re.compile(r"GET /[^/]+/?"), "ListBucket"),
    (re.compile(r"GET /[^/]+/.+"), "GetObject"),
    (re.compile(r"PUT /[^/]+/.+"), "PutObject"),
    (re.compile(r"DELETE /[^/]+/.+"), "DeleteObject"),
)
IN_A_TRANSACTION = {
    "MigrateUser": {"dynamodb:PutItem", "dynamodb:UpdateItem"},
    "SettleUser": {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""


@dataclass(frozen=True)
class World:
    """Two pools with three people in the old one, and a pair of tables whose source streams."""

    local: Local
    pools: Pools
    parameters: Mapping[str, str]

    @classmethod
    def made(cls, local: Local) -> World:
        pools = make_pools(local.client)
        local.client("cognito-idp").update_user_pool_client(
            UserPoolId=pools.old_pool,
            ClientId=pools.old_client,
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        )
        for name in ("ann", "bob", "cat"):
            _move_in(local, pools, name)
        streams = _make_tables(local)
        local.client("ssm").put_parameter(Name="/measured/tables", Value=PAIRS, Type="String")
        for bucket in ("measured-code", EXPORTS):
            local.client("s3").create_bucket(Bucket=bucket)
        table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/"
        values = {
            "NewUserPoolId": pools.new_pool,
            "OldUserPoolId": pools.old_pool,
            "OldClientId": pools.old_client,
            "OldClientSecretArn": pools.old_client_secret,
            "Tables": "ssm:/measured/tables",
            "SourceTableArns": f"{table}orders,{table}papers",
            "TargetTableArns": f"{table}orders-new,{table}papers-new",
            "SourceStreamArns": streams,
            "SubMapTableArn": f"{table}people-ledger",
            "OnAws": "false",
        }
        return cls(local, pools, values)

    def deploy(self, stack: str, **values: str) -> Measured:
        described = deploy(
            self.local.client, TEMPLATE, stack, {**self.parameters, **values}, bucket="measured-code"
        )
        outputs = {row["OutputKey"]: row["OutputValue"] for row in described["Outputs"]}
        return Measured(self, outputs)

    def sub(self, name: str) -> str:
        """The old pool's sub of a person."""
        found = self.local.client("cognito-idp").admin_get_user(UserPoolId=self.pools.old_pool, Username=name)
        return next(str(row["Value"]) for row in found["UserAttributes"] if row["Name"] == "sub")

    def put(self, item: Mapping[str, Any], table: str = "orders") -> None:
        self.local.client("dynamodb").put_item(TableName=table, Item=item)

    def delete(self, item: Mapping[str, Any], table: str = "orders") -> None:
        self.local.client("dynamodb").delete_item(TableName=table, Key={"id": item["id"]})

    def mirrored(self, item: Mapping[str, Any], table: str = "orders") -> bool:
        found = self.local.client("dynamodb").get_item(TableName=f"{table}-new", Key={"id": item["id"]})
        return bool(found.get("Item") == item)

    def gone(self, item: Mapping[str, Any], table: str = "orders") -> bool:
        found = self.local.client("dynamodb").get_item(TableName=f"{table}-new", Key={"id": item["id"]})
        return "Item" not in found


@dataclass(frozen=True)
class Measured:
    """One deployment of the real template with the real code."""

    world: World
    outputs: Mapping[str, str]

    def used(self, function: str) -> set[str]:
        """The actions that this function called so far."""
        with urllib.request.urlopen(f"{self.world.local.url}/_rehearsal/uses", timeout=5) as reply:
            seen = json.load(reply)
        keys = self._access_keys(function)
        actions = {
            f"{service}:{_operation(operation)}" for caller, service, operation in seen if caller in keys
        }
        if "dynamodb:TransactWriteItems" in actions:
            actions = actions - {"dynamodb:TransactWriteItems"} | IN_A_TRANSACTION[function]
        return actions

    def attach(self) -> None:
        self.world.local.client("cognito-idp").update_user_pool(
            UserPoolId=self.world.pools.new_pool,
            LambdaConfig={"UserMigration": self.outputs["MigrateUserArn"]},
        )

    def sign_in(self, name: str) -> Mapping[str, Any]:
        """Through Cognito, as the application does."""
        return dict(
            self.world.local.client("cognito-idp").initiate_auth(
                ClientId=self.world.pools.new_app,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
            )
        )

    def ask(self, name: str) -> Mapping[str, Any]:
        """The trigger's answer, which no Cognito acts upon."""
        event = {
            "version": "1",
            "triggerSource": "UserMigration_Authentication",
            "region": "us-east-1",
            "userPoolId": self.world.pools.new_pool,
            "userName": name,
            "callerContext": {"awsSdkVersion": "test", "clientId": self.world.pools.new_app},
            "request": {"password": PASSWORD, "validationData": None, "clientMetadata": None},
            "response": {"userAttributes": None, "finalUserStatus": None, "messageAction": None},
        }
        reply = self.world.local.client("lambda").invoke(
            FunctionName=self.outputs["MigrateUserArn"], Payload=json.dumps(event)
        )
        return dict(json.load(reply["Payload"]))

    def look(self) -> None:
        """One round of the watch: sixteen runs. Raises AssertionError where one of them fails."""
        ledger = {"TableName": self.outputs["LedgerTable"]}
        state = {"started_at": {"N": "1"}, "built_at": {"N": "2"}}
        index = {"pk": {"S": f"index#{self.world.pools.new_pool}"}, "sk": {"S": "state"}, **state}
        attached = {
            "pk": {"S": f"pool#{self.world.pools.new_pool}"},
            "sk": {"S": "attached"},
            "state": {"S": "attached"},
            "trigger": {"S": self.outputs["MigrateUserArn"]},
            "stack": {"S": "measured"},
            "at": {"N": "1"},
        }
        for row in (index, attached):
            self.world.local.client("dynamodb").put_item(**ledger, Item=row)
        self.world.local.client("cognito-idp").create_identity_provider(
            UserPoolId=self.world.pools.new_pool,
            ProviderName="theirs",
            ProviderType="OIDC",
            ProviderDetails={"client_id": "c", "oidc_issuer": "https://example.com"},
        )
        # The bucket's policy asks for TLS, which the local stack does not speak.
        self.world.local.client("s3").delete_bucket_policy(Bucket=self.outputs["FailureBucket"])
        for _ in range(16):
            reply = self.world.local.client("lambda").invoke(
                FunctionName=f"{self.outputs['WatchFunction']}:live", Payload=b"{}"
            )
            assert "FunctionError" not in reply, reply["Payload"].read()

    def remind(self, name: str) -> None:
        self._send("SettleQueueUrl", json.dumps({"v": 1, "old_sub": self.world.sub(name), "attempt": 0}))

    def offered_before(self, name: str) -> None:
        """An offer of long ago, under a name by which nobody was created."""
        row = {"old_sub": self.world.sub(name), "state": "offered", "new_pool": self.world.pools.new_pool}
        names = {"target_name": "another", "name_key": "another", "target_by": "username"}
        typed: dict[str, Any] = {key: {"S": value} for key, value in {**row, **names}.items()}
        self.world.local.client("dynamodb").put_item(
            TableName=self.outputs["LedgerTable"],
            Item={
                "pk": {"S": f"user#{row['old_sub']}"},
                "sk": {"S": "state"},
                **typed,
                "offered_at": {"N": "1"},
                "last_offered_at": {"N": "1"},
            },
        )

    def state(self, name: str) -> str:
        """What the ledger says of a person."""
        row = self.world.local.client("dynamodb").get_item(
            TableName=self.outputs["LedgerTable"],
            Key={"pk": {"S": f"user#{self.world.sub(name)}"}, "sk": {"S": "state"}},
        )
        return str(row["Item"]["state"]["S"])

    def retry(self, item: Mapping[str, Any], pair: str = PAIR) -> None:
        keys = ({"id": item["id"]},)
        name = owed_name(Reason.VALIDATION, keys, 0, "1")
        message = RetryMessage(pair, "forward", 0, keys, 1.0, Reason.VALIDATION, name)
        self._send("RetryQueueUrl", message.body())

    def lose(self, item: Mapping[str, Any]) -> None:
        """A batch of the stream that Lambda gave up, in the failure bucket."""
        arn = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders/stream/2026"
        body = {"Keys": {"id": item["id"]}, "SequenceNumber": "1"}
        lost = lost_object([{"eventName": "MODIFY", "eventSourceARN": arn, "dynamodb": body}])
        bucket = self.outputs["FailureBucket"]
        self.world.local.client("s3").put_object(Bucket=bucket, Key="aws/lambda/1/2", Body=lost)

    def wait_for_a_user(self, item: Mapping[str, Any], epoch: int) -> None:
        """The ledger's row of a key that waits."""
        keys = ({"id": item["id"]},)
        name = owed_name(Reason.UNMAPPED, keys, epoch, "1", OWNER)
        ledger = LedgerTable(self.world.local.client("dynamodb"), self.outputs["LedgerTable"])
        row = Owed(name, PAIR, "forward", epoch, keys, Reason.UNMAPPED, 1.0, "", OWNER)
        DynamoOwedBook(ledger).add([row])

    def leave_pending(self, item: Mapping[str, Any], pair: str) -> None:
        """The page of a backfill that died while it held this key."""
        table = LedgerTable(self.world.local.client("dynamodb"), self.outputs["LedgerTable"])
        DynamoBackfillLedger(table, pair).save_pending("died", 0, [{"id": item["id"]}])

    def backfill(self, pair: str = PAIR) -> None:
        """The state machine, from its beginning to its end. Raises AssertionError where it fails."""
        self._execute(pair, Run(f"run-{uuid.uuid4().hex}", 2, int(time.time())))

    def backfill_from_export(self) -> None:
        """As `backfill`, of the first pair, the keys being those of an export with one item."""
        local = self.world.local
        source = local.client("dynamodb").describe_table(TableName="orders")["Table"]
        export = Export(source["TableArn"], [[GOOD], []], source.get("TableId", ""))
        uri = export.put(local.client("s3"), EXPORTS)
        run = Run(f"run-{uuid.uuid4().hex}", 2, int(time.time()), keys_from=export.arn)
        self._execute(PAIR, run, uri)

    def _execute(self, pair: str, run: Run, keys_from: str = "") -> None:
        table = LedgerTable(self.world.local.client("dynamodb"), self.outputs["LedgerTable"])
        DynamoBackfillLedger(table, pair).save_run(run)
        client = self.world.local.client("stepfunctions")
        executions = Executions(client, self.outputs["BackfillStateMachine"])
        execution = executions.start(f"{run.run_id}-1", pair, run.run_id, 1, keys_from)
        until(lambda: executions.look(execution).status != RUNNING)
        assert executions.look(execution).status == "SUCCEEDED", executions.look(execution)

    def rule(self, row: str, **attributes: Any) -> None:
        """Writes the row `authority` or `pace` of the pair."""
        self.world.local.client("dynamodb").put_item(
            TableName=self.outputs["LedgerTable"], Item={**pair_key(PAIR, row), **attributes}
        )

    def _send(self, queue: str, body: str) -> None:
        self.world.local.client("sqs").send_message(QueueUrl=self.outputs[queue], MessageBody=body)

    def _access_keys(self, function: str) -> set[str]:
        """As the pinned ministack derives them (`core.lambda_runtime.execution_credentials`): for the alias
        or, where its Step Functions call the function, for the alias's version."""
        client, name = self.world.local.client("lambda"), self.outputs[f"{function}Function"]
        found = client.get_function_configuration(FunctionName=name)
        version = client.get_alias(FunctionName=name, Name="live")["FunctionVersion"]
        return {_key_of(f"{found['FunctionArn']}:{which}", found["Role"]) for which in ("live", version)}


def _key_of(arn: str, role: str) -> str:
    return f"ASIA{hashlib.sha256(f'{arn}:{role}'.encode()).hexdigest()[:16].upper()}"


def _operation(seen: str) -> str:
    """Lambda's and S3's calls are told by method and path: https://docs.aws.amazon.com/lambda/latest/api/,
    https://docs.aws.amazon.com/AmazonS3/latest/API/"""
    paths = (*LAMBDA_PATHS, *S3_PATHS)
    return next((name for path, name in paths if path.fullmatch(seen)), seen)


def _move_in(local: Local, pools: Pools, name: str) -> None:
    """With an attribute that the new application may not write: every app client is looked at."""
    cognito = local.client("cognito-idp")
    values = {"email": f"{name}@example.com", "email_verified": "true", "nickname": name.upper()}
    attributes = [{"Name": key, "Value": value} for key, value in values.items()]
    who = {"UserPoolId": pools.old_pool, "Username": name}
    cognito.admin_create_user(**who, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)


def _make_tables(local: Local) -> str:
    """The ARNs of the sources' streams, by comma."""
    dynamodb = local.client("dynamodb")
    key = {"AttributeName": "id", "AttributeType": "S"}
    plain = {
        "AttributeDefinitions": [key],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    streaming = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}
    made = [dynamodb.create_table(TableName=name, **plain, **streaming) for name in ("orders", "papers")]
    dynamodb.create_table(TableName="papers-new", **plain)
    dynamodb.create_table(
        TableName="orders-new",
        AttributeDefinitions=[key, {"AttributeName": "kind", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    _make_ledger_of_another_stack(dynamodb)
    return ",".join(str(one["TableDescription"]["LatestStreamArn"]) for one in made)


def _make_ledger_of_another_stack(dynamodb: Any) -> None:
    """In which the owner of the good item has come over, by chance under the same sub."""
    names = ("pk", "sk")
    dynamodb.create_table(
        TableName="people-ledger",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": n, "KeyType": t} for n, t in zip(names, ("HASH", "RANGE"), strict=True)],
        BillingMode="PAY_PER_REQUEST",
    )
    row = {"old_sub": OWNER, "new_sub": OWNER, "state": "confirmed"}
    dynamodb.put_item(
        TableName="people-ledger",
        Item={**user_key(OWNER), **{name: {"S": value} for name, value in row.items()}},
    )
