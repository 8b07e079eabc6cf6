"""A Cognito on this machine that answers whatever a test wants: any reply, challenge or error.

It speaks the service's JSON protocol over HTTP, so that the SDK, its parser and its timeouts are the real
ones.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, Any]
"""HTTP status and the JSON body (or raw bytes)."""


def error(code: str, message: str = "", status: int = 400) -> Reply:
    return status, {"__type": code, "message": message}


def tokens(sub: str | None, **claims: Any) -> Reply:
    """A sign-in's tokens, whose claims name `sub`."""
    body = {**claims, **({"sub": sub} if sub else {})}
    payload = base64.urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJub25lIn0.{payload}.c2ln"
    result = {"IdToken": token, "AccessToken": token, "RefreshToken": "r", "ExpiresIn": 3600}
    return 200, {"AuthenticationResult": result, "ChallengeParameters": {}}


def challenge(name: str, user_id: str | None = None) -> Reply:
    parameters = {"USER_ID_FOR_SRP": user_id} if user_id else {}
    return 200, {"ChallengeName": name, "Session": "s" * 20, "ChallengeParameters": parameters}


def user(
    username: str,
    sub: str,
    *,
    status: str = "CONFIRMED",
    enabled: bool | None = True,
    created: float = 1.0,
    extra: Mapping[str, Any] | None = None,
    **attributes: str,
) -> Reply:
    """An AdminGetUser reply; `custom__plan="x"` stands for the attribute `custom:plan`."""
    rows = [{"Name": "sub", "Value": sub}]
    rows += [{"Name": name.replace("__", ":"), "Value": value} for name, value in attributes.items()]
    body = {"Username": username, "UserAttributes": rows, "UserStatus": status, "UserCreateDate": created}
    return 200, {**body, **({} if enabled is None else {"Enabled": enabled}), **(extra or {})}


def attribute(name: str, kind: str = "String", **settings: Any) -> dict[str, Any]:
    """A row of `SchemaAttributes`."""
    return {"Name": name, "AttributeDataType": kind, "Mutable": True, "Required": False, **settings}


STANDARD = (
    attribute(
        "sub",
        Required=True,
        Mutable=False,
        StringAttributeConstraints={"MinLength": "1", "MaxLength": "2048"},
    ),
    attribute("email"),
    attribute("email_verified", "Boolean"),
    attribute("phone_number"),
    attribute("phone_number_verified", "Boolean"),
    attribute("name"),
    attribute("nickname"),
    attribute("birthdate", StringAttributeConstraints={"MinLength": "10", "MaxLength": "10"}),
    attribute("preferred_username"),
    attribute("updated_at", "Number", NumberAttributeConstraints={"MinValue": "0"}),
)


def pool(*schema: Mapping[str, Any], **settings: Any) -> Reply:
    """A DescribeUserPool reply: the standard attributes, those given, and the pool's other settings."""
    rows = {row["Name"]: dict(row) for row in (*STANDARD, *schema)}
    return 200, {"UserPool": {"SchemaAttributes": list(rows.values()), **settings}}


def app_client(writable: list[str] | None = None) -> Reply:
    rights = {} if writable is None else {"WriteAttributes": writable}
    return 200, {"UserPoolClient": {"ClientId": "c", "ClientSecret": "never-taken", **rights}}


@dataclass
class ScriptedCognito:
    """`on(operation, reply, pool)` sets what is answered; `calls` is what was asked."""

    url: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    replies: dict[tuple[str, str], Callable[[dict[str, Any]], Reply]] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    signed: list[tuple[str, str]] = field(default_factory=list)
    """By which access key and for which Region each call was signed."""

    def on(self, operation: str, reply: Reply | Callable[[dict[str, Any]], Reply], pool_id: str = "") -> None:
        self.replies[operation, pool_id] = reply if callable(reply) else lambda _: reply

    def forget(self) -> None:
        """Start over with an empty script."""
        self.calls.clear()
        self.replies.clear()
        self.delays.clear()
        self.signed.clear()

    def made(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of each call of `operation`."""
        return [parameters for name, parameters in self.calls if name == operation]

    def answer(self, operation: str, parameters: dict[str, Any]) -> Reply:
        self.calls.append((operation, parameters))
        time.sleep(self.delays.get(operation, 0))
        for pool_id in (parameters.get("UserPoolId", ""), ""):
            if (operation, pool_id) in self.replies:
                return self.replies[operation, pool_id](parameters)
        return error("UnknownOperationException", "not scripted")


@contextmanager
def scripted_cognito() -> Iterator[ScriptedCognito]:
    script = ScriptedCognito()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            scope = self.headers["Authorization"].partition("Credential=")[2].split("/")
            script.signed.append((scope[0], scope[2]))
            status, reply = script.answer(operation, json.loads(body))
            raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)
            except ConnectionError:
                self.close_connection = True  # the caller gave up waiting

        def log_message(self, *arguments: object) -> None:
            """Says nothing: a body holds a password."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield script
        server.shutdown()
