"""The settle queue in this process, reached by a boto3 client: at least once, late, forged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse

from tests.fakes.cognito import response

URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/settle"


@dataclass
class SimulatedQueue:
    """`waiting` holds (when it may be delivered, body); `bodies` everything that was ever sent."""

    clock: Callable[[], float]
    weather: Callable[[str], None] = lambda _: None
    waiting: list[tuple[float, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)

    def attach(self, client: Any) -> Any:
        client.meta.events.register_first("before-send.sqs", self._answer)
        return client

    def take(self, *, due_only: bool = True) -> list[str]:
        """What is due, oldest first, taken out; `due_only=False` takes what is delayed too."""
        taken = [row for row in sorted(self.waiting) if not due_only or row[0] <= self.clock()]
        self.waiting = [row for row in self.waiting if row not in taken]
        return [body for _, body in taken]

    def put_back(self, body: str, delay: float = 0) -> None:
        self.waiting.append((self.clock() + delay, body))

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.weather("SendMessage")
        asked = json.loads(request.body)
        body = asked["MessageBody"]
        self.bodies.append(body)
        self.put_back(body, asked.get("DelaySeconds", 0))
        digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
        return response(request.url, 200, {"MessageId": f"m{len(self.bodies)}", "MD5OfMessageBody": digest})
