"""What the users' functions need each of their permissions for, done once on a measured deployment."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Mapping
from typing import Any

from cutover.rehearsal.local import Local
from tests.rehearsal.probes import until
from tests.template.measured import PASSWORD, Measured

BUS = "people"
TWO_DAYS = 2 * 24 * 3600
THEIRS = "def handler(event, context):\n    return event\n"


def make_neighbours(local: Local) -> dict[str, str]:
    """An event bus, and the application's own token function; the parameters that name them."""
    local.client("events").create_event_bus(Name=BUS)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = local.client("iam").create_role(
        RoleName="claims",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", THEIRS)
    made = local.client("lambda").create_function(
        FunctionName="claims",
        Runtime="python3.13",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": packed.getvalue()},
    )
    return {"EventBusName": BUS, "ChainedPreTokenArn": made["FunctionArn"], "ForgotPassword": "on"}


def put_into_a_group(stack: Measured, name: str) -> None:
    """Of the old pool; the new one does not have it."""
    cognito, pool = stack.world.local.client("cognito-idp"), stack.world.pools.old_pool
    cognito.create_group(UserPoolId=pool, GroupName="measured", Description="of the old pool")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName="measured")


def settle_everybody(stack: Measured) -> None:
    """Groups and an event for the confirmed, a deletion for the forgotten, a way back for the completed."""
    until(lambda: "events:PutEvents" in stack.used("SettleUser"))
    until(lambda: "cognito-idp:AdminAddUserToGroup" in stack.used("SettleUser"))
    forgotten = _row(stack, "forgotten", state="reset_offered", source="forgot_password")
    _create(stack, "forgotten", forgotten, reset=True)
    _remind(stack, forgotten)
    until(lambda: "cognito-idp:AdminDeleteUser" in stack.used("SettleUser"))
    completed = _row(stack, "completed", state="sweeping", source="forgot_password", swept_at=1)
    sub = _create(stack, "completed", completed, reset=False)
    _change(stack, completed, swept_sub=sub)
    who = {"UserPoolId": stack.world.pools.new_pool, "Username": "completed"}
    stack.world.local.client("cognito-idp").admin_disable_user(**who)
    _remind(stack, completed)
    until(lambda: "cognito-idp:AdminEnableUser" in stack.used("SettleUser"))


def ask_for_tokens(stack: Measured) -> Mapping[str, Any]:
    """The claims function's answer, which no Cognito acts upon."""
    event = {
        "version": "1",
        "triggerSource": "TokenGeneration_Authentication",
        "userPoolId": stack.world.pools.new_pool,
        "userName": "ann",
        "request": {"userAttributes": {"sub": "new"}, "groupConfiguration": {}},
        "response": {"claimsOverrideDetails": None},
    }
    reply = stack.world.local.client("lambda").invoke(
        FunctionName=stack.outputs["AddClaimsArn"], Payload=json.dumps(event)
    )
    return dict(json.load(reply["Payload"]))


def confirmed_before(stack: Measured) -> None:
    """Somebody whose groups were not brought over yet."""
    old_sub = _row(stack, "somebody", state="confirmed", new_sub="new")
    _remind(stack, old_sub)


def _row(stack: Measured, name: str, **attributes: str | int) -> str:
    """A user's row; the old sub."""
    old_sub = str(uuid.uuid4())
    long_ago = int(time.time()) - TWO_DAYS
    values: dict[str, str | int] = {
        "old_sub": old_sub,
        "target_name": name,
        "name_key": name,
        "target_by": "username",
        "new_pool": stack.world.pools.new_pool,
        "carried_sub_in": "custom:old_sub",
        "offered_at": long_ago,
        "last_offered_at": long_ago,
        **attributes,
    }
    typed = {key: {"N": str(v)} if isinstance(v, int) else {"S": v} for key, v in values.items()}
    stack.world.local.client("dynamodb").put_item(
        TableName=stack.outputs["LedgerTable"],
        Item={"pk": {"S": f"user#{old_sub}"}, "sk": {"S": "state"}, **typed},
    )
    return old_sub


def _change(stack: Measured, old_sub: str, *, swept_sub: str) -> None:
    stack.world.local.client("dynamodb").update_item(
        TableName=stack.outputs["LedgerTable"],
        Key={"pk": {"S": f"user#{old_sub}"}, "sk": {"S": "state"}},
        UpdateExpression="SET swept_sub = :sub",
        ExpressionAttributeValues={":sub": {"S": swept_sub}},
    )


def _create(stack: Measured, name: str, old_sub: str, *, reset: bool) -> str:
    """A user of the new pool, as the trigger would have made it; the new sub."""
    cognito = stack.world.local.client("cognito-idp")
    who = {"UserPoolId": stack.world.pools.new_pool, "Username": name}
    values = {"email": f"{name}@example.com", "email_verified": "true", "custom:old_sub": old_sub}
    attributes = [{"Name": key, "Value": value} for key, value in values.items()]
    made = cognito.admin_create_user(**who, UserAttributes=attributes, MessageAction="SUPPRESS")["User"]
    cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
    if reset:
        cognito.admin_reset_user_password(**who)
    return next(str(row["Value"]) for row in made["Attributes"] if row["Name"] == "sub")


def _remind(stack: Measured, old_sub: str) -> None:
    stack.world.local.client("sqs").send_message(
        QueueUrl=stack.outputs["SettleQueueUrl"],
        MessageBody=json.dumps({"v": 1, "old_sub": old_sub, "attempt": 0}),
    )
