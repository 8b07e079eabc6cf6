"""The ledger's side of a sweep. Every write is one transaction, and only where the row is as it was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.users.ledger_rows import UserRow
from cutover.users.ledger_writes import Write
from cutover.users.sweep_writes import begin_write, forget_writes, give_back_write, take_over_write


class SweepLedger:
    """`client` makes one attempt a call."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def begin(self, row: UserRow, sub: str, now: int) -> bool:
        return self._write([begin_write(self._table, row, sub, now)])

    def take_over(self, row: UserRow, now: int) -> bool:
        return self._write([take_over_write(self._table, row, now)])

    def give_back(self, row: UserRow) -> bool:
        return self._write([give_back_write(self._table, row)])

    def forget(self, row: UserRow) -> bool:
        return self._write(forget_writes(self._table, row))

    def _write(self, writes: Sequence[Write]) -> bool:
        """A conflict with another transaction is a fault: the message comes back."""
        try:
            self._client.transact_write_items(TransactItems=list(writes))
        except ClientError as error:
            codes = {reason.get("Code") for reason in error.response.get("CancellationReasons") or ()}
            if "ConditionalCheckFailed" not in codes:
                raise our_fault("ledger", error) from None
            return False
        except AWS_ERRORS as error:
            raise our_fault("ledger", error) from None
        return True
