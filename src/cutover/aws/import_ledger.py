"""The ledger's rows of an import: its runs, and the users whom a job has made."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.ledger_reader import LISTING, LedgerReader
from cutover.control.import_runs import RUN, ImportRun, run_pk
from cutover.users.import_writes import import_writes
from cutover.users.ledger_rows import Offer, State, UserRow, listed, read_user_row, user_key

_to_typed = TypeSerializer().serialize
TRIES = 5


class ImportLedger:
    """`client` is a low-level DynamoDB client in the ledger's Region."""

    def __init__(self, client: Any, table: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._table, self._sleep = client, table, sleep
        self._reader = LedgerReader(client, table)

    def runs(self, new_pool: str) -> list[ImportRun]:
        return [ImportRun.of_row(row) for row in self._reader.rows(run_pk(new_pool), RUN)]

    def unfinished(self, new_pool: str) -> list[ImportRun]:
        return [run for run in self.runs(new_pool) if run.open]

    def save(self, run: ImportRun) -> None:
        """Writing it twice does no harm."""
        item = {name: _to_typed(value) for name, value in run.row().items()}
        self._client.put_item(TableName=self._table, Item=item)

    def confirmed_since(self, at: int) -> int:
        """How many came over by themselves since `at`, in epoch seconds; a second or so behind."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=LISTING,
            KeyConditionExpression="listed = :listed AND listed_at >= :at",
            ExpressionAttributeValues={":listed": {"S": listed(State.CONFIRMED)}, ":at": {"N": str(at)}},
            Select="COUNT",
        )
        return sum(int(page["Count"]) for page in pages)

    def squatted(self, new_pool: str) -> int:
        """As the watch counted them last; 0 where nobody counted."""
        row = self._reader.row(f"watch#{new_pool}", "squatted") or {}
        return int(row.get("count", 0))

    def row(self, old_sub: str) -> UserRow | None:
        reply = self._client.get_item(TableName=self._table, Key=user_key(old_sub), ConsistentRead=True)
        return read_user_row(reply["Item"]) if "Item" in reply else None

    def mark_imported(self, made: Offer, new_sub: str) -> bool:
        """Says so of a user, a name and a new sub, or of none of them. Twice is once; False where one of them
        is bound to somebody else, or the user came over by themselves."""
        for attempt in range(1, TRIES + 1):
            try:
                self._client.transact_write_items(TransactItems=import_writes(self._table, made, new_sub))
            except ClientError as error:
                reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons") or ()}
                if "ConditionalCheckFailed" in reasons:
                    return self._is_marked(made.old_sub, new_sub)
                if error_code(error) != "TransactionCanceledException" or attempt == TRIES:
                    raise
                self._sleep(0.1 * attempt)
            else:
                return True
        raise AssertionError("unreachable")

    def _is_marked(self, old_sub: str, new_sub: str) -> bool:
        row = self.row(old_sub)
        return row is not None and row.state == State.IMPORTED and row.new_sub == new_sub
