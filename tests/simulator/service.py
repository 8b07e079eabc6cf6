"""The simulator itself: pools, clients and what happens between two calls, reached by boto3 clients."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from tests.fakes.cognito import REGION, AwsError, response
from tests.simulator import admin, groups, listing, profile, recovery, sign_in, sign_up
from tests.simulator.mail import Mail
from tests.simulator.pool import Client, Pool, User
from tests.simulator.tokens import Tokens
from tests.simulator.triggers import Functions

NOWHERE = "http://127.0.0.1:9"
"""Never called: every request is answered before it is sent."""
Rule = Callable[["Simulator", dict[str, Any]], dict[str, Any]]
RULES: dict[str, Rule] = {
    **sign_in.OPERATIONS,
    **sign_up.OPERATIONS,
    **recovery.OPERATIONS,
    **profile.OPERATIONS,
    **admin.OPERATIONS,
    **groups.OPERATIONS,
    **listing.OPERATIONS,
}


@dataclass(frozen=True)
class Call:
    """One request: who made it, and what came of it (`error` is a code, empty for none)."""

    caller: str
    operation: str
    asked: dict[str, Any]
    reply: dict[str, Any]
    error: str = ""


class Simulator:
    """`clock` gives epoch seconds. `before[operation]` holds what happens right before its next calls."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.pools: dict[str, Pool] = {}
        self.functions = Functions()
        self.tokens = Tokens(self.functions)
        self.mail = Mail()
        self.sessions: dict[str, tuple[Pool, Client, User, str]] = {}
        self.before: dict[str, list[Callable[[], None]]] = defaultdict(list)
        self.weather: Callable[[str, str, dict[str, Any]], None] = lambda *_: None
        """Called with caller, operation and parameters; what it raises is what the caller gets."""
        self.calls: list[Call] = []
        self.listeners: list[Callable[[Call], None]] = []
        """Told of each call once it is answered."""
        self.page_size = 60
        self.listing_lag = 0.0
        self.sign_up_source_of_migration = ""
        """As which source PreSignUp runs while a migrated user is created; empty where it does not. No page
        says so; users reported that it runs."""
        self._numbers = itertools.count(1)

    def add_pool(self, pool_id: str = "", **settings: Any) -> Pool:
        made = Pool(pool_id or f"{REGION}_Sim{next(self._numbers):06}", **settings)
        self.pools[made.id] = made
        return made

    def add_client(self, pool: Pool, client_id: str = "", **settings: Any) -> Client:
        made = {"ClientId": client_id or f"client{next(self._numbers):06}", "UserPoolId": pool.id, **settings}
        pool.clients[made["ClientId"]] = made
        return made

    def client(self, caller: str = "") -> Any:
        """A boto3 client whose requests are answered here; `caller` is who the weather and the log see."""
        once = Config(retries={"total_max_attempts": 1})
        made = boto3.client("cognito-idp", region_name=REGION, endpoint_url=NOWHERE, config=once)
        return self.attach(made, caller)

    def attach(self, client: Any, caller: str) -> Any:
        def answer(request: Any, **_: Any) -> AWSResponse:
            return self._answer(caller, request)

        client.meta.events.register_first("before-send.cognito-identity-provider", answer)
        return client

    def pool_of(self, asked: dict[str, Any]) -> Pool:
        found = self.pools.get(asked["UserPoolId"])
        if found is None:
            raise AwsError("ResourceNotFoundException", f"User pool {asked['UserPoolId']} does not exist.")
        return found

    def client_of(self, asked: dict[str, Any]) -> tuple[Pool, Client]:
        pools = [self.pool_of(asked)] if "UserPoolId" in asked else self.pools.values()
        for pool in pools:
            if asked["ClientId"] in pool.clients:
                return pool, pool.clients[asked["ClientId"]]
        raise AwsError("ResourceNotFoundException", f"User pool client {asked['ClientId']} does not exist.")

    def happen(self, moment: str) -> None:
        if self.before[moment]:
            self.before[moment].pop(0)()

    def page(
        self, name: str, rows: list[Any], token: str, limit: int, asked: dict[str, Any]
    ) -> dict[str, Any]:
        start = int(asked.get(token) or 0)
        end = start + min(limit, self.page_size)
        more = {token: str(end)} if end < len(rows) else {}
        return {name: rows[start:end], **more}

    def _answer(self, caller: str, request: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().split(".")[-1]
        asked = json.loads(request.body)
        self.happen(operation)
        try:
            self.weather(caller, operation, asked)
            reply, status = RULES[operation](self, asked), 200
        except AwsError as error:
            reply, status = {"__type": error.code, "message": error.message}, 400
        answered = response(request.url, status, reply)
        self._note(Call(caller, operation, asked, reply, reply.get("__type", "") if status != 200 else ""))
        return answered

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        for listener in self.listeners:
            listener(call)
