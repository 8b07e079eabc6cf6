"""What a pool's app clients may write.

DescribeUserPoolClient also answers with the client's secret: nothing but `WriteAttributes` is taken from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cutover.aws.cached import Cached
from cutover.aws.cognito_replies import AWS_ERRORS, our_fault, passes
from cutover.users.ports import RightsUnknown
from cutover.users.write_rights import Rights

MAX_AGE = 900.0
"""Seconds. Rights change with deployments, not by the minute."""
_PAGE = 60


class ClientRights:
    """The rights of one pool, kept client by client: a first look that ran out of time goes on later."""

    def __init__(self, client: Any, pool_id: str, *, clock: Callable[[], float]) -> None:
        self._client = client
        self._pool_id = pool_id
        self._clock = clock
        self._ids = Cached(self._read_ids, max_age=MAX_AGE, clock=clock)
        self._of: dict[str, Cached[Rights]] = {}
        self._unknown_until = 0.0

    def read(self, first: str = "") -> Iterator[Rights]:
        """Every app client's rights, `first` first. Raises Stop on a passing fault, else RightsUnknown."""
        if self._clock() < self._unknown_until:
            raise RightsUnknown
        try:
            if first:
                yield self._one(first)
            for client_id in self._ids.get():
                if client_id != first:
                    yield self._one(client_id)
        except RightsUnknown:
            self._unknown_until = self._clock() + MAX_AGE
            raise

    def _one(self, client_id: str) -> Rights:
        if client_id not in self._of:
            self._of[client_id] = Cached(
                lambda: self._read_rights(client_id), max_age=MAX_AGE, clock=self._clock
            )
        return self._of[client_id].get()

    def _read_rights(self, client_id: str) -> Rights:
        reply = self._call("describe_user_pool_client", ClientId=client_id)
        writable = reply["UserPoolClient"].get("WriteAttributes")
        return None if writable is None else frozenset(writable)

    def _read_ids(self) -> tuple[str, ...]:
        ids: list[str] = []
        token: dict[str, str] = {}
        while True:
            reply = self._call("list_user_pool_clients", MaxResults=_PAGE, **token)
            ids += [row["ClientId"] for row in reply.get("UserPoolClients") or ()]
            if not reply.get("NextToken"):
                return tuple(ids)
            token = {"NextToken": reply["NextToken"]}

    def _call(self, operation: str, **arguments: Any) -> Any:
        try:
            return getattr(self._client, operation)(UserPoolId=self._pool_id, **arguments)
        except AWS_ERRORS as error:
            if passes(error):
                raise our_fault("app clients", error) from None
        raise RightsUnknown
