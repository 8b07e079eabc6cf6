"""Requests as they came in, replies as they go out, and the plain way through to the emulator."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that belong to one connection: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""
COGNITO = "AWSCognitoIdentityProviderService."
JSON = "application/x-amz-json-1.1"


@dataclass(frozen=True)
class Request:
    """One HTTP request; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def cognito_action(self) -> str | None:
        """`InitiateAuth`, …, or None for a request to another service."""
        target = self.headers.get("x-amz-target", "")
        return target.removeprefix(COGNITO) if target.startswith(COGNITO) else None

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            data = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    def with_json(self, data: Mapping[str, Any]) -> Request:
        return replace(self, body=json.dumps(data).encode())


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", JSON),)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        return Request("", "", body=self.body).json()

    def with_json(self, data: Mapping[str, Any]) -> Reply:
        kept = tuple(pair for pair in self.headers if pair[0].lower() != "content-length")
        return replace(self, body=json.dumps(data).encode(), headers=kept)


def refusal(code: str, message: str) -> Reply:
    """A service error of the JSON protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html"""
    return Reply(400, json.dumps({"__type": code, "message": message}).encode())


class Upstream:
    """One kept connection to the emulator; not to be shared between threads."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._connection: http.client.HTTPConnection | None = None

    def send(self, request: Request) -> Reply:
        """The emulator's reply. The Host header stays the caller's: it is part of what was signed.

        A kept connection that the emulator has closed meanwhile is opened again, once, and only where
        nothing of a reply had come.
        """
        fresh = self._connection is None
        try:
            return self._exchange(request)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if fresh:
                raise
            return self._exchange(request)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, request: Request) -> Reply:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._address, timeout=120)
        headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        headers["content-length"] = str(len(request.body))
        self._connection.request(request.method, request.path, body=request.body, headers=headers)
        answer = self._connection.getresponse()
        body = answer.read()
        kept = tuple(pair for pair in answer.getheaders() if pair[0].lower() not in HOP_BY_HOP)
        return Reply(answer.status, body, kept)
