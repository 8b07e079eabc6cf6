"""Which rule plays which Cognito call.

What has no rule goes to the emulator, with names folded where the pool knows no case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cutover.rehearsal.clients import client
from cutover.rehearsal.front import users
from cutover.rehearsal.front.forward import Reply, Request, Upstream, refusal
from cutover.rehearsal.front.import_jobs import ImportJobs
from cutover.rehearsal.front.migration import Migration
from cutover.rehearsal.front.names import folded, folds
from cutover.rehearsal.front.pools import Pools
from cutover.rehearsal.front.resets import client_update, pool_update, without_empties
from cutover.rehearsal.front.sign_in import SignIn
from cutover.rehearsal.front.sign_up import SignUps
from cutover.rehearsal.front.trigger import ANSWER_SECONDS

PoolRule = Callable[[Request, Upstream, Mapping[str, Any]], Reply]


class Cognito:
    """`url` is the emulator's own address."""

    def __init__(self, url: str) -> None:
        self._pools = Pools(client("cognito-idp", url))
        functions = client("lambda", url, read_timeout=ANSWER_SECONDS)
        sign_ups = SignUps(self._pools, functions)
        sign_in = SignIn(self._pools, Migration(self._pools, functions, sign_ups))
        self._imports = ImportJobs(self._pools, client("logs", url))
        self._rules: dict[str, PoolRule] = {
            "InitiateAuth": sign_in.initiate,
            "AdminInitiateAuth": sign_in.initiate,
            "ForgotPassword": sign_in.forgot,
            "SignUp": sign_ups.sign_up,
            "AdminCreateUser": sign_ups.admin_create_user,
            "ListUsers": users.list_users,
            "GetCSVHeader": self._imports.csv_header,
            "CreateUserImportJob": self._imports.create,
            "StartUserImportJob": self._imports.start,
            "StopUserImportJob": self._imports.stop,
            "DescribeUserImportJob": self._imports.describe,
            "ListUserImportJobs": self._imports.list,
            "UpdateUserPool": self._update_pool,
            "UpdateUserPoolClient": _update(client_update),
            "DescribeUserPool": _describe("UserPool"),
            "DescribeUserPoolClient": _describe("UserPoolClient"),
        }

    def play(self, request: Request, upstream: Upstream) -> Reply | None:
        """The rule's reply; None for a request that is not Cognito's or names no pool."""
        action = request.cognito_action
        if action is None:
            return self._imports.upload(request)
        data = request.json()
        pool_id = self._pools.pool_id(data)
        pool = self._pools.pool(pool_id) if pool_id else None
        if pool is None:
            return None
        rule = self._rules.get(action, _forward)
        if folds(pool) and action not in ("InitiateAuth", "AdminInitiateAuth", "ForgotPassword"):
            request = request.with_json(folded(data))
        return rule(request, upstream, pool)

    def _update_pool(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:
        if self._imports.is_running(str(pool["Id"])):
            return refusal("UserImportInProgressException", "A user import job is in progress.")
        return _update(pool_update)(request, upstream, pool)


def _forward(request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG001
    return upstream.send(request)


def _update(completed: Callable[[Mapping[str, Any]], dict[str, Any] | Reply]) -> PoolRule:
    def update(request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG001
        data = completed(request.json())
        return data if isinstance(data, Reply) else upstream.send(request.with_json(data))

    return update


def _describe(member: str) -> PoolRule:
    def describe(request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG001
        reply = upstream.send(request)
        found = reply.json()
        return reply.with_json({member: without_empties(found[member])}) if reply.ok else reply

    return describe
