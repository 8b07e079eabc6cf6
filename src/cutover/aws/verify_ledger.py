"""The ledger's rows of a pair's last verifies, and how far the mirror is behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cutover.aws.ledger_table import LedgerTable
from cutover.aws.metrics import iterator_age
from cutover.aws.session import Aws
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.copying import BackfillLedger
from cutover.tables.owed import OwedBook
from cutover.tables.parking import Reason
from cutover.tables.ports import Key
from cutover.tables.verify_report import Verified

ROWS = {"full": "last", "sample": "sample"}
"""A sample never takes the place of a full verify."""


def save_verified(ledger: LedgerTable, verified: Verified) -> None:
    """Writes `verify#<pair>` / `last`, or `sample`. Raises TableFault."""
    row: dict[str, Any] = {"pk": {"S": f"verify#{verified.pair_id}"}, "sk": {"S": ROWS[verified.scope]}}
    for name, value in verified.summary().items():
        if isinstance(value, bool):
            row[name] = {"BOOL": value}
        elif isinstance(value, str):
            row[name] = {"S": value}
        elif isinstance(value, int | float):
            row[name] = {"N": str(value)}
    ledger.write([row])


def named_by_ledger(owed: OwedBook, backfills: BackfillLedger, pair_id: str) -> Iterator[Key]:
    """Source keys that are owed or pending: they were the source's. Raises TableFault.

    (Keys that wait for a user have no target key yet.)
    """
    for reason in Reason:
        if reason is not Reason.UNMAPPED:
            for row in owed.rows(pair_id, reason):
                yield from row.keys
    for page in backfills.pending():
        yield from page.keys


def mirror_lag(aws: Aws, function: str, at: int) -> float | None:
    """Seconds that the mirror was behind at most in the last five minutes; None where nobody knows."""
    try:
        return iterator_age(aws.client("cloudwatch", attempts=2), function, at)
    except AWS_ERRORS:
        return None
