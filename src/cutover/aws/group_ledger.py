"""The ledger's rows about groups. Every write is conditional: of two workers one wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.users.decision_table import Decision, Stop
from cutover.users.group_rows import (
    By,
    GroupRow,
    Membership,
    group_item,
    group_key,
    read_group_row,
    read_membership,
)
from cutover.users.ledger_rows import State, UserRow, user_key

_SAME_USER = "#state = :confirmed AND new_sub = :new_sub"
_SAME_CLAIM = "#by = :creating AND claimed_at = :claimed_at"
_CHANGED = "the row changed meanwhile"


class GroupLedger:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, table: str, new_pool: str) -> None:
        self._client = client
        self._table = table
        self._new_pool = new_pool

    def membership(self, old_sub: str) -> Membership | None:
        item = self._item(user_key(old_sub))
        return None if item is None else read_membership(item)

    def plan(self, row: UserRow, names: frozenset[str], now: int) -> tuple[Membership, bool]:
        update = "SET groups_planned = :now" + (", groups_todo = :names" if names else "")
        once = f"{_SAME_USER} AND attribute_not_exists(groups_planned) AND attribute_not_exists(groups_done)"
        values: dict[str, dict[str, Any]] = {":now": {"N": str(now)}}
        if names:
            values[":names"] = {"SS": sorted(names)}
        if self._update_user(row, update, once, values):
            return Membership(row, planned=True, todo=names), True
        found = self.membership(row.old_sub)
        if found is None or found.row.new_sub != row.new_sub or not (found.planned or found.done):
            raise Stop(Decision.MISCONFIGURED, _CHANGED)
        return found, False

    def joined(self, row: UserRow, name: str) -> None:
        self._update_user(row, "DELETE groups_todo :name", _SAME_USER, {":name": {"SS": [name]}})

    def finish(self, row: UserRow, now: int) -> None:
        update = "SET groups_done = if_not_exists(groups_done, :now) REMOVE groups_todo"
        self._update_user(row, update, _SAME_USER, {":now": {"N": str(now)}})

    def group(self, old_name: str) -> GroupRow | None:
        item = self._item(group_key(self._new_pool, old_name))
        return None if item is None else read_group_row(item)

    def map_group(self, old_name: str, new_name: str) -> GroupRow:
        row = GroupRow(old_name, new_name, By.MAPPED)
        self._put(row, {})
        return row

    def claim_group(self, old_name: str, now: int) -> GroupRow:
        row = GroupRow(old_name, old_name, By.CREATING, now)
        return self._written(row, {"ConditionExpression": "attribute_not_exists(pk)"})

    def renew_claim(self, row: GroupRow, now: int) -> GroupRow:
        return self._written(replace(row, claimed_at=now), _while_it_is(row))

    def settle_group(self, row: GroupRow, by: str) -> GroupRow:
        return self._written(replace(row, by=by), _while_it_is(row))

    def _written(self, row: GroupRow, condition: Mapping[str, Any]) -> GroupRow:
        if self._put(row, condition):
            return row
        found = self.group(row.old_name)
        if found is None:
            raise Stop(Decision.MISCONFIGURED, _CHANGED)
        return found

    def _put(self, row: GroupRow, condition: Mapping[str, Any]) -> bool:
        return self._conditionally("put_item", Item=group_item(self._new_pool, row), **condition)

    def _update_user(
        self, row: UserRow, update: str, condition: str, values: Mapping[str, Mapping[str, Any]]
    ) -> bool:
        return self._conditionally(
            "update_item",
            Key=user_key(row.old_sub),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":confirmed": {"S": State.CONFIRMED},
                ":new_sub": {"S": row.new_sub},
                **values,
            },
        )

    def _conditionally(self, operation: str, **parameters: Any) -> bool:
        """False where the condition does not hold."""
        try:
            getattr(self._client, operation)(TableName=self._table, **parameters)
        except AWS_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise our_fault("ledger", error) from None
            return False
        return True

    def _item(self, key: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        except AWS_ERRORS as error:
            raise our_fault("ledger", error) from None
        item: Mapping[str, Any] | None = reply.get("Item")
        return item


def _while_it_is(row: GroupRow) -> dict[str, Any]:
    return {
        "ConditionExpression": _SAME_CLAIM,
        "ExpressionAttributeNames": {"#by": "by"},
        "ExpressionAttributeValues": {
            ":creating": {"S": By.CREATING},
            ":claimed_at": {"N": str(row.claimed_at)},
        },
    }
