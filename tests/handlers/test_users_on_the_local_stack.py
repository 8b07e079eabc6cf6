"""A person comes over on the local stack: real pools, tokens and ledger, both handlers, by environment."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from cutover.handlers import migrate_user, settle_user
from tests.canary import PASSWORD
from tests.fakes.migration import Context, event

pytestmark = pytest.mark.local_stack
REGION, LEGACY = "us-east-1", "custom:old_sub"


@pytest.fixture
def stack(local_stack: str, unique: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two pools, Ann in the old one, a ledger and a queue; returns clients and names."""
    clients = {
        name: boto3.client(name, region_name=REGION, endpoint_url=local_stack)
        for name in ("cognito-idp", "dynamodb", "sqs")
    }
    cognito = clients["cognito-idp"]
    old = cognito.create_user_pool(PoolName=unique("old"))["UserPool"]["Id"]
    new = cognito.create_user_pool(
        PoolName=unique("new"), Schema=[{"Name": "old_sub", "AttributeDataType": "String", "Mutable": False}]
    )["UserPool"]["Id"]
    app = cognito.create_user_pool_client(
        UserPoolId=old,
        ClientName="c",
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]["ClientId"]
    email = [{"Name": "email", "Value": "ann@example.com"}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=old, Username="ann", UserAttributes=email, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=old, Username="ann", Password=PASSWORD, Permanent=True)
    ledger = unique("ledger")
    clients["dynamodb"].create_table(
        TableName=ledger,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    queue = clients["sqs"].create_queue(QueueName=unique("settle"))["QueueUrl"]
    environment = {
        "AWS_ENDPOINT_URL": local_stack,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NEW_USER_POOL_ID": new,
        "OLD_USER_POOL_ID": old,
        "OLD_CLIENT_ID": app,
        "LEDGER_TABLE": ledger,
        "SETTLE_QUEUE_URL": queue,
        "LEGACY_SUB_ATTRIBUTE": LEGACY,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return cognito, new


def test_ann_comes_over_once_and_never_again(stack: Any) -> None:
    cognito, new = stack
    sent = event("ann", userPoolId=new)
    answer = migrate_user.handler(sent, Context())["response"]
    assert answer["finalUserStatus"] == "CONFIRMED"
    attributes = [{"Name": name, "Value": value} for name, value in answer["userAttributes"].items()]
    cognito.admin_create_user(
        UserPoolId=new, Username="ann", UserAttributes=attributes, MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(UserPoolId=new, Username="ann", Password=PASSWORD, Permanent=True)

    body = json.dumps({"v": 1, "old_sub": answer["userAttributes"][LEGACY], "attempt": 0})
    records = [{"messageId": "m", "body": body, "eventSource": "aws:sqs"}]
    assert settle_user.handler({"Records": records}, Context()) == {"batchItemFailures": []}

    assert migrate_user.handler(sent, Context()) == sent
    cognito.admin_delete_user(UserPoolId=new, Username="ann")
    assert migrate_user.handler(sent, Context()) == sent


def test_a_wrong_password_goes_back_untouched(stack: Any) -> None:
    _, new = stack
    sent = event("ann", userPoolId=new, request={"password": "Another-1-Passw0rd!"})
    assert migrate_user.handler(sent, Context()) == sent
