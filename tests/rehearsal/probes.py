"""Functions made for a test, put into the local stack as they would be into AWS."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

from cutover.rehearsal.local import Local

ROLE = "arn:aws:iam::000000000000:role/probe"


def function(stack: Local, source: str, *, environment: dict[str, str] | None = None) -> str:
    """The ARN of a new function whose module is `source`; its handler is called `handler`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as bundle:
        bundle.writestr("probe.py", source)
    made = stack.client("lambda").create_function(
        FunctionName=f"probe-{uuid.uuid4().hex[:8]}",
        Runtime="python3.13",
        Role=ROLE,
        Handler="probe.handler",
        Code={"ZipFile": packed.getvalue()},
        Environment={"Variables": environment or {}},
        Timeout=30,
    )
    return made["FunctionArn"]


def admit_cognito(stack: Local, arn: str, pool_arn: str) -> None:
    stack.client("lambda").add_permission(
        FunctionName=arn,
        StatementId="cognito",
        Action="lambda:InvokeFunction",
        Principal="cognito-idp.amazonaws.com",
        SourceArn=pool_arn,
        SourceAccount=pool_arn.split(":")[4],
    )


def streamed_table(stack: Local, name: str) -> str:
    """The stream's ARN of a new table with the key `id`."""
    made = stack.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return made["TableDescription"]["LatestStreamArn"]


def queue(stack: Local, name: str, **attributes: str) -> tuple[str, str]:
    """URL and ARN."""
    sqs = stack.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def messages(stack: Local, url: str) -> list[Any]:
    """Every message that is there now, as JSON; they are taken off."""
    sqs, found = stack.client("sqs"), []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in batch:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def until(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What `condition` gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing within {seconds} s")
