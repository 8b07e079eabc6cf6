"""What a network and a busy table do to calls, done to them on purpose and by chance.

It stands between the SDK and a real engine (an event of the client, `before-send`), so all that is above is
the real thing: the SDK's own errors, its own parsing. A call on a table is, by the shares asked for,

- throttled: refused, nothing was done;
- halved: one half is done, the other comes back as UnprocessedItems or UnprocessedKeys;
- lost: a write is done, and its reply never comes;
- late: a write's reply never comes, and it is done seconds later;
- expired: refused, as with credentials that have run out.
"""

from __future__ import annotations

import io
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

BATCHES = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}
REFUSALS = {"throttled": "ProvisionedThroughputExceededException", "expired": "ExpiredTokenException"}


@dataclass
class FaultyWire:
    """`shares` maps a fault to its share of the calls that read or write items of `tables`.

    Threads may share it.
    """

    tables: Collection[str]
    shares: Mapping[str, float]
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    late_seconds: float | None = 1.0
    """None: a late write is done when `landed` is called."""
    now: Callable[[str], bool] = lambda fault: True
    """Whether this fault may happen at this moment."""
    done: Counter[str] = field(default_factory=Counter)
    """How often each fault happened."""
    _session: URLLib3Session = field(default_factory=lambda: URLLib3Session(max_pool_connections=20))
    _late: list[threading.Timer] = field(default_factory=list)
    _held: list[AWSPreparedRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def onto(self, client: Any) -> Any:
        """The client, with this between it and its engine."""
        client.meta.events.register("before-send.dynamodb", self)
        return client

    def landed(self) -> None:
        """Returns when every write that was late is done."""
        for timer in self._late:
            timer.join()
        while self._held:
            self._session.send(self._held.pop())

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        operation = _operation(request)
        if operation not in {*BATCHES, "Scan"}:
            return None
        body = json.loads(request.body or b"{}")
        named = {body.get("TableName"), *body.get("RequestItems", ())}
        if not named & set(self.tables):
            return None
        fault = self._drawn()
        if fault in REFUSALS:
            return self._noted(fault, _refusal(REFUSALS[fault]))
        if fault == "halved" and operation in BATCHES:
            return self._halved(request, body, BATCHES[operation])
        if operation != "BatchWriteItem":
            return None
        if fault == "lost":
            self._session.send(request)
            raise self._noted("lost", ReadTimeoutError(endpoint_url=request.url))
        if fault == "late":
            self._hold(request)
            raise self._noted("late", ReadTimeoutError(endpoint_url=request.url))
        return None

    def _hold(self, request: AWSPreparedRequest) -> None:
        if self.late_seconds is None:
            self._held.append(request)
            return
        timer = threading.Timer(self.late_seconds, self._session.send, (request,))
        self._late.append(timer)
        timer.start()

    def _drawn(self) -> str:
        with self._lock:
            drawn = self.rng.random()
        for fault, share in self.shares.items():
            if drawn < share:
                return fault if self.now(fault) else ""
            drawn -= share
        return ""

    def _noted(self, fault: str, outcome: Any) -> Any:
        with self._lock:
            self.done[fault] += 1
        return outcome

    def _halved(self, request: AWSPreparedRequest, body: dict[str, Any], member: str) -> AWSResponse | None:
        ((table, wanted),) = body["RequestItems"].items()
        members = wanted if isinstance(wanted, list) else wanted["Keys"]
        middle = len(members) // 2
        if not middle:
            return None

        def part(some: list[Any]) -> dict[str, Any]:
            return {table: some if isinstance(wanted, list) else {**wanted, "Keys": some}}

        reply = self._session.send(_with_body(request, {**body, "RequestItems": part(members[:middle])}))
        if reply.status_code != 200:
            return reply
        left = json.loads(reply.content)
        assert not left.get(member), "the engine left something over by itself"
        return self._noted("halved", _response(200, {**left, member: part(members[middle:])}))


def everywhere(wire: Callable[..., AWSResponse | None], service: str = "dynamodb") -> None:
    """Puts `wire` under every client that this process makes from now on."""
    from botocore.handlers import BUILTIN_HANDLERS

    BUILTIN_HANDLERS.append((f"before-send.{service}", wire))


def _operation(request: AWSPreparedRequest) -> str:
    target = request.headers["X-Amz-Target"]
    return str(target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]


def _with_body(request: AWSPreparedRequest, body: Any) -> AWSPreparedRequest:
    """The engines of the tests check no signature."""
    raw = json.dumps(body).encode()
    headers = {**request.headers, "Content-Length": str(len(raw))}
    return AWSPreparedRequest(request.method, request.url, headers, raw, False)


def _refusal(code: str) -> AWSResponse:
    return _response(400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "on purpose"})


def _response(status: int, body: Any) -> AWSResponse:
    return response("http://on-purpose", status, json.dumps(body).encode())


def response(url: str, status: int, body: bytes) -> AWSResponse:
    """A reply as the SDK is given one."""

    class Raw(io.BytesIO):
        def stream(self, *_: Any, **__: Any) -> list[bytes]:
            return [body]

    return AWSResponse(url, status, {}, Raw(body))
