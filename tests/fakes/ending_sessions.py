"""An STS and the tables behind it: sessions of a role end when the test says so, whatever their expiry is.

It answers AssumeRole itself and passes every other call on to the engine, unless it is signed by a session
that has ended: DynamoDB refuses that with ExpiredTokenException and does nothing.
"""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.fakes.sts import ShortLivedSts

PASSED_ON = ("Authorization", "Content-Type", "X-Amz-Target", "X-Amz-Date", "X-Amz-Security-Token")


DENIED = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"


@dataclass
class EndingSessions:
    """`ends` is asked before each call of a role's session: its number among them, and the operation."""

    engine: str
    url: str = ""
    sts: ShortLivedSts = field(default_factory=lambda: ShortLivedSts(seconds=3600))
    ends: Callable[[int, str], bool] = lambda _number, _operation: False
    calls: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    denied: bool = False
    """Whether the role may not be taken any more."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def judge(self, key: str, operation: str) -> bool:
        """Whether the call may be done."""
        with self.lock:
            if not key.startswith("ASIA"):
                return True
            self.calls.append(operation)
            if self.ends(len(self.calls), operation):
                self.ended.add(key)
            if key in self.ended:
                self.refused.append(operation)
            return key not in self.ended


@contextmanager
def ending_sessions(engine: str) -> Iterator[EndingSessions]:
    world = EndingSessions(engine)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            authorization = self.headers.get("Authorization", "")
            if "/sts/" in authorization:
                self._sts(body.decode(), authorization)
                return
            key = authorization.partition("Credential=")[2].partition("/")[0]
            operation = self.headers.get("X-Amz-Target", "").split(".")[-1]
            if world.judge(key, operation):
                self._engine(body)
            else:
                said = {"__type": "com.amazon.coral.service#ExpiredTokenException", "message": "expired"}
                self._reply(400, json.dumps(said).encode())

        def _sts(self, body: str, authorization: str) -> None:
            if world.denied:
                self._reply(403, DENIED)
            else:
                self._reply(200, world.sts.answer(body, authorization).encode())

        def _engine(self, body: bytes) -> None:
            headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
            request = urllib.request.Request(world.engine + self.path, body, headers)
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:
                    self._reply(reply.status, reply.read())
            except urllib.error.HTTPError as error:
                self._reply(error.code, error.read())

        def _reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        world.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield world
        server.shutdown()
