"""The ledger as the claims function reads it: by keys, several at once, consistently, and never for long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.users.claims import Known
from cutover.users.decision_table import Decision, Stop
from cutover.users.group_rows import GroupRow, Membership, group_key, read_group_row, read_membership
from cutover.users.ledger_rows import new_sub_key, user_key

PAGE = 100
"""The most keys of one BatchGetItem.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
_AT_ONCE = {"ConnectionClosedError", "EndpointConnectionError"}
"""Failures that took no time, as of a kept connection that was closed meanwhile: asked once more."""

Item = Mapping[str, Mapping[str, Any]]


class ClaimsLedger:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, table: str, new_pool: str) -> None:
        self._client = client
        self._table = table
        self._new_pool = new_pool

    def known(self, new_sub: str, hint: str) -> Known:
        rows = self._read([new_sub_key(new_sub), *([user_key(hint)] if hint else [])])
        mapped, hinted = rows.get(_id(new_sub_key(new_sub))), rows.get(_id(user_key(hint)))
        return Known(
            old_sub=str(mapped["old_sub"]["S"]) if mapped else "",
            hinted=read_membership(hinted) if hinted else None,
        )

    def membership(self, old_sub: str) -> Membership | None:
        row = self._read([user_key(old_sub)]).get(_id(user_key(old_sub)))
        return read_membership(row) if row else None

    def groups(self, old_names: Iterable[str]) -> Mapping[str, GroupRow]:
        """Of more than a hundred, which is as many as a user may be in, the first in order.

        Source: https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
        """
        rows = self._read([group_key(self._new_pool, name) for name in sorted(old_names)[:PAGE]])
        found = (read_group_row(row) for row in rows.values())
        return {row.old_name: row for row in found}

    def _read(self, keys: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Item]:
        request = {self._table: {"Keys": list(keys), "ConsistentRead": True}}
        try:
            reply = self._answer(request)
        except AWS_ERRORS as error:
            raise our_fault("ledger", error) from None
        if reply.get("UnprocessedKeys"):
            raise Stop(Decision.MISCONFIGURED, "ledger left keys unread")
        return {_id(item): item for item in reply["Responses"].get(self._table, ())}

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            reply: Mapping[str, Any] = self._client.batch_get_item(RequestItems=request)
        except AWS_ERRORS as error:
            if error_code(error) not in _AT_ONCE:
                raise
            reply = self._client.batch_get_item(RequestItems=request)
        return reply


def _id(item: Item) -> tuple[str, str]:
    return str(item["pk"]["S"]), str(item["sk"]["S"])
