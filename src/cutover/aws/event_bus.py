"""The event bus that is told of confirmed users, and the mark in the ledger that it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.aws.faults import error_code
from cutover.users.announcing import DETAIL_TYPE, SOURCE, Announced, read_announced
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import State, UserRow, user_key


class EventBridgeBus:
    """`client` makes one attempt a call; `bus` is a name."""

    def __init__(self, client: Any, bus: str) -> None:
        self._client = client
        self._bus = bus

    def put(self, detail: Mapping[str, str]) -> None:
        """A call that succeeds may still have refused its entry.

        Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        """
        entry = {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPE,
            "Detail": json.dumps(detail),
            "EventBusName": self._bus,
        }
        try:
            reply = self._client.put_events(Entries=[entry])
        except AWS_ERRORS as error:
            raise our_fault("event bus", error) from None
        if reply.get("FailedEntryCount"):
            code = next(
                (row["ErrorCode"] for row in reply.get("Entries", ()) if "ErrorCode" in row), "refused"
            )
            raise Stop(Decision.MISCONFIGURED, f"event bus {code}")


class AnnouncementLedger:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def announced(self, old_sub: str) -> Announced | None:
        try:
            reply = self._client.get_item(TableName=self._table, Key=user_key(old_sub), ConsistentRead=True)
        except AWS_ERRORS as error:
            raise our_fault("ledger", error) from None
        return read_announced(reply["Item"]) if "Item" in reply else None

    def mark(self, row: UserRow) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=user_key(row.old_sub),
                UpdateExpression="SET event_sent = :new_sub",
                ConditionExpression="#state = :confirmed AND new_sub = :new_sub",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":confirmed": {"S": State.CONFIRMED},
                    ":new_sub": {"S": row.new_sub},
                },
            )
        except AWS_ERRORS as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise our_fault("ledger", error) from None
