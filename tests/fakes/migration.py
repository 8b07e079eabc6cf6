"""A world for the migration trigger: a scripted Cognito; moto's ledger, queue, secrets; the environment."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.handlers import migrate_user, settle_user
from tests.canary import PASSWORD
from tests.fakes.scripted_cognito import ScriptedCognito, app_client, pool, scripted_cognito, tokens, user

OLD, NEW = "eu-west-1_OldPool01", "eu-west-1_NewPool01"
OLD_CLIENT, NEW_CLIENT = "old-client", "new-client"
SUB, NEW_SUB = "0a1b2c3d-0000-4000-8000-00000000000a", "0a1b2c3d-0000-4000-8000-00000000000b"
LEGACY = "custom:old_sub"
SIGN_IN, FORGOT = "UserMigration_Authentication", "UserMigration_ForgotPassword"

_RUNNING = ExitStack()


class Context:
    """What Lambda hands over beside the event."""

    aws_request_id = "request-1"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:the-function:live"

    def __init__(self, seconds: float = 5.0) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def event(name: str = "ann", source: str = SIGN_IN, **changes: Any) -> dict[str, Any]:
    """A real event's shape: null where nothing was said."""
    request: dict[str, Any] = {"validationData": None, "userAttributes": None}
    if source == SIGN_IN:
        request["password"] = PASSWORD
    response = dict.fromkeys(
        (
            "userAttributes",
            "forceAliasCreation",
            "enableSMSMFA",
            "finalUserStatus",
            "messageAction",
            "desiredDeliveryMediums",
        )
    )
    return {
        "version": "1",
        "triggerSource": source,
        "region": "eu-west-1",
        "userPoolId": NEW,
        "userName": name,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": NEW_CLIENT},
        "request": request,
        "response": response,
        **changes,
    }


@dataclass
class Migration:
    """The world of one test. `cognito` is both pools; `table` and `queue` are moto's."""

    cognito: ScriptedCognito
    patch: pytest.MonkeyPatch
    queue_url: str
    table: str

    def setting(self, **variables: str) -> None:
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def trigger(self, sent: Any = None, context: Any = None) -> Any:
        return migrate_user.handler(
            event() if sent is None else sent, Context() if context is None else context
        )

    def settle(self, *bodies: Any) -> Any:
        records = [
            {
                "messageId": f"m{n}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "eventSource": "aws:sqs",
            }
            for n, body in enumerate(bodies)
        ]
        return settle_user.handler({"Records": records}, Context())

    def rows(self) -> dict[str, dict[str, Any]]:
        """The ledger by `pk`, plain values."""
        items = client("dynamodb").scan(TableName=self.table, ConsistentRead=True)["Items"]
        return {item["pk"]["S"]: {k: next(iter(v.values())) for k, v in item.items()} for item in items}

    def user_row(self, sub: str = SUB) -> dict[str, Any]:
        return self.rows()[f"user#{sub}"]

    def set_row(self, sub: str, **values: dict[str, Any]) -> None:
        """Overwrite attributes of a user's row, typed (`offered_at={"N": "1"}`)."""
        client("dynamodb").update_item(
            TableName=self.table,
            Key={"pk": {"S": f"user#{sub}"}, "sk": {"S": "state"}},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        )

    def messages(self) -> list[dict[str, Any]]:
        """What waits in the settle queue (delayed ones too), taken out."""
        from moto.sqs.models import sqs_backends

        waiting = sqs_backends["123456789012"]["eu-west-1"].queues["settle"]
        found = [
            {**json.loads(message.body), "delay": message.delayed_until}
            for message in waiting._messages  # noqa: SLF001
        ]
        waiting._messages.clear()  # noqa: SLF001
        return found


@lru_cache
def client(service: str) -> Any:
    """One client a service for the whole run: making one takes longer than most tests."""
    return boto3.client(service)


@lru_cache
def _shared_cognito() -> ScriptedCognito:
    """One server for the whole run; each test starts with an empty script."""
    return _RUNNING.enter_context(scripted_cognito())


@contextmanager
def migration(patch: pytest.MonkeyPatch) -> Iterator[Migration]:
    """Ann (`ann`, ann@example.com, verified) may sign in with the canary password; nobody else is known."""
    patch.setenv("AWS_REGION", "eu-west-1")
    patch.setenv("POWERTOOLS_SERVICE_NAME", "test-stack")
    table = f"ledger-{uuid.uuid4().hex[:8]}"
    cognito = _shared_cognito()
    cognito.forget()
    with mock_aws():
        client("dynamodb").create_table(
            TableName=table,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        queue_url = client("sqs").create_queue(QueueName="settle")["QueueUrl"]
        world = Migration(cognito, patch, queue_url, table)
        world.setting(
            NEW_USER_POOL_ID=NEW,
            OLD_USER_POOL_ID=OLD,
            OLD_CLIENT_ID=OLD_CLIENT,
            LEDGER_TABLE=table,
            SETTLE_QUEUE_URL=queue_url,
            LEGACY_SUB_ATTRIBUTE=LEGACY,
            AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=cognito.url,
        )
        ann = user("ann", SUB, email="ann@example.com", email_verified="true", name="Ann")
        cognito.on("AdminInitiateAuth", tokens(SUB))
        cognito.on("AdminGetUser", ann, OLD)
        cognito.on("AdminGetUser", error_unknown(), NEW)
        cognito.on("DescribeUserPool", pool(), OLD)
        cognito.on(
            "DescribeUserPool", pool({"Name": LEGACY, "AttributeDataType": "String", "Mutable": False}), NEW
        )
        cognito.on("DescribeUserPoolClient", app_client())
        cognito.on("AdminListGroupsForUser", (200, {"Groups": []}))
        cognito.on("ListUserPoolClients", (200, {"UserPoolClients": [{"ClientId": "c"}]}))
        yield world


def error_unknown() -> tuple[int, dict[str, str]]:
    return 400, {"__type": "UserNotFoundException", "message": "User does not exist."}
