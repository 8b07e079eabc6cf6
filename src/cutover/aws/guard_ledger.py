"""The users' rows of the ledger as the sign-up guard needs them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import State, UserRow, user_key
from cutover.users.ledger_writes import IS_OPEN, OPEN_VALUES, STATE_NAME

READ_BATCH = 100
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html"""
_FOR_GOOD = frozenset({State.CONFIRMED, State.IMPORTED})
_UNUSED = (
    f"{IS_OPEN} AND last_offered_at = :offered_at AND new_pool = :new_pool AND "
    "(attribute_not_exists(passed_at) OR passed_at <> :offered_at OR passed_attempt <> attempts)"
)


class GuardLedger:
    """`users` and `client` are of the same table."""

    def __init__(self, client: Any, table: str, users: UserLedger) -> None:
        self._client = client
        self._table = table
        self._users = users

    def row(self, old_sub: str) -> UserRow | None:
        return self._users.row(old_sub) if old_sub else None

    def settled(self, old_subs: Iterable[str]) -> frozenset[str]:
        """By one consistent BatchGetItem; of more users than it takes, the rest counts as not settled."""
        keys = [user_key(old_sub) for old_sub in sorted(old_subs)[:READ_BATCH]]
        if not keys:
            return frozenset()
        request = {self._table: {"Keys": keys, "ConsistentRead": True}}
        try:
            reply = self._client.batch_get_item(RequestItems=request)
        except AWS_ERRORS as error:
            raise our_fault("ledger", error) from None
        if reply.get("UnprocessedKeys"):
            raise Stop(Decision.MISCONFIGURED, "ledger throttled")
        rows = reply["Responses"].get(self._table, ())
        return frozenset(
            row["pk"]["S"].removeprefix("user#") for row in rows if row.get("state", {}).get("S") in _FOR_GOOD
        )

    def use_offer(self, row: UserRow) -> bool:
        """An offer is told from the next one by its time and, within a second, by its number."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=user_key(row.old_sub),
                UpdateExpression="SET passed_at = last_offered_at, passed_attempt = attempts",
                ConditionExpression=_UNUSED,
                ExpressionAttributeNames=STATE_NAME,
                ExpressionAttributeValues={
                    **OPEN_VALUES,
                    ":offered_at": {"N": str(row.last_offered_at)},
                    ":new_pool": {"S": row.new_pool},
                },
            )
        except AWS_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise our_fault("ledger", error) from None
            return False
        return True
