"""The users' rows of the ledger. Every write is conditional, so that two of us never both win."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import (
    OPEN_STATES,
    FirstOwner,
    Offer,
    State,
    UserRow,
    cap_key,
    hour_of,
    read_first_owner,
    read_user_row,
    reservation_key,
    user_key,
)
from cutover.users.ledger_writes import (
    IS_OPEN,
    OPEN_VALUES,
    STATE_NAME,
    confirm_writes,
    offer_writes,
    release_writes,
)

TRIES = 3
"""Tries of a transaction that ran into another one; Cognito may try a sign-in three times at once."""
PAUSE = 0.05
"""Seconds between these tries."""


class UserLedger:
    def __init__(self, client: Any, table: str, *, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def offer(self, offer: Offer) -> None:
        """Bind user and name in one transaction. Raises Stop."""
        refused = self._transact(offer_writes(self._table, offer))
        if refused is None:
            return
        if refused[0] is not None and _stays_over(refused[0], offer.state):
            raise Stop(Decision.ALREADY_MIGRATED)
        raise Stop(Decision.NAME_COLLISION, "offered under another name" if refused[0] else "")

    def row(self, old_sub: str) -> UserRow | None:
        item = self._get(user_key(old_sub))
        return read_user_row(item) if item else None

    def confirm(self, row: UserRow, new_sub: str, now: int) -> bool:
        """Confirm the row and write the map of its subs, or neither. Raises Stop on a fault."""
        return self._transact(confirm_writes(self._table, row, new_sub, now)) is None

    def remember_reminder(self, old_sub: str, attempt: int, seen: str = "") -> None:
        """Raises Stop on a fault; a row that is settled by now is left alone."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=user_key(old_sub),
                UpdateExpression="SET reminder = :attempt" + (", seen_sub = :seen" if seen else ""),
                ConditionExpression=IS_OPEN,
                ExpressionAttributeNames=STATE_NAME,
                ExpressionAttributeValues={
                    **OPEN_VALUES,
                    ":attempt": {"N": str(attempt)},
                    **({":seen": {"S": seen}} if seen else {}),
                },
            )
        except AWS_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise our_fault("ledger", error) from None

    def release(self, row: UserRow, now: int) -> bool:
        """Let the user come over once more, to a reset; False where the row is not as it was seen.

        Raises Stop on a fault.
        """
        return self._transact(release_writes(self._table, row, now)) is None

    def count_unproven(self, new_pool: str, now: int, most: int) -> bool:
        """One conditional counter an hour, which is gone a day later. Raises Stop on a fault."""
        if most <= 0:
            return False
        hour = hour_of(now)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=cap_key(new_pool, hour),
                UpdateExpression="SET expires = :expires ADD #count :one",
                ConditionExpression="attribute_not_exists(#count) OR #count < :most",
                ExpressionAttributeNames={"#count": "count"},
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":most": {"N": str(most)},
                    ":expires": {"N": str((hour + 25) * 3600)},
                },
            )
        except AWS_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise our_fault("ledger", error) from None
            return False
        return True

    def first_owner(self, new_pool: str, kind: str, key: str) -> FirstOwner | None:
        """Raises Stop on a fault."""
        item = self._get(reservation_key(new_pool, kind, key))
        return read_first_owner(item) if item else None

    def _get(self, key: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        except AWS_ERRORS as error:
            raise our_fault("ledger", error) from None
        item: Mapping[str, Any] = reply.get("Item", {})
        return item

    def _transact(self, writes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any] | None] | None:
        """None where all was written; else, write by write, the item in its way (None where it was not)."""
        for attempt in range(TRIES):
            try:
                self._client.transact_write_items(TransactItems=list(writes))
                return None
            except ClientError as error:
                reasons = error.response.get("CancellationReasons") or []
                codes = {reason.get("Code") for reason in reasons}
                if "ConditionalCheckFailed" in codes:
                    return [_in_the_way(reason) for reason in reasons]
                if "TransactionConflict" not in codes or attempt == TRIES - 1:
                    raise our_fault("ledger", error) from None
            except AWS_ERRORS as error:
                raise our_fault("ledger", error) from None
            self._sleep(PAUSE)
        return None


def _stays_over(item: Mapping[str, Any], wanted: State) -> bool:
    """Came over before, or was released meanwhile to a reset only."""
    settled = item.get("state", {}).get("S") not in OPEN_STATES
    return settled or (wanted is State.OFFERED and "released_at" in item)


def _in_the_way(reason: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return (reason.get("Item") or {}) if reason.get("Code") == "ConditionalCheckFailed" else None
