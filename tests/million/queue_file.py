"""The retry queue as a file: what a process sent is there when that process was killed right after.

It stands in for SQS under the real queue client, by the event before a request is sent. A delay is written
down and kept to in one way only: a message for a lost reply is worked off after every late write has landed,
which is what its 900 seconds are for.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.faulty_wire import response


@dataclass(frozen=True)
class QueueFile:
    path: Path

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        body = json.loads(request.body)
        if "MessageBody" not in body:  # a message that stays hidden: nobody looks at the clock here
            return response(request.url, 200, b"{}")
        line = json.dumps({"body": body["MessageBody"], "delay": body.get("DelaySeconds", 0)})
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
        digest = hashlib.md5(body["MessageBody"].encode()).hexdigest()
        reply = {"MessageId": str(uuid.uuid4()), "MD5OfMessageBody": digest}
        return response(request.url, 200, json.dumps(reply).encode())

    def messages(self, beyond: int) -> Iterator[str]:
        """The bodies behind the first so many."""
        if not self.path.exists():
            return
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines()):
            if number >= beyond:
                yield json.loads(line)["body"]


def sqs_event(bodies: list[str], receives: int) -> dict[str, Any]:
    """What Lambda hands the retry function."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": str(number),
            "body": body,
            "attributes": {"ApproximateReceiveCount": str(receives)},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:retry",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}
