"""What a status shows of what is owed: the ledger's rows, and whether the failure bucket waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.failure_bucket import FailureObjects
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.control.status_facts import OwedFacts
from cutover.tables.ports import TableFault

Client = Callable[[str], Any]


def owed_facts(client: Client, ledger: str, pair_id: str, at: int) -> OwedFacts:
    """Raises ClientError where AWS refuses."""
    with _refusals():
        summary = DynamoOwedBook(LedgerTable(client("dynamodb"), ledger)).summary(pair_id)
    age = None if summary.oldest is None else max(at - summary.oldest, 0.0)
    return OwedFacts(dict(summary.keys), age, summary.exact)


def bucket_waits(client: Client, bucket: str) -> bool:
    """Whether it holds what was not taken in. Raises ClientError where AWS refuses."""
    with _refusals():
        return FailureObjects(client("s3"), bucket).holds_any()


@contextmanager
def _refusals() -> Iterator[None]:
    """A refusal is the service's own error again, which a status says and goes on."""
    try:
        yield
    except TableFault as fault:
        if isinstance(fault.__cause__, ClientError):
            raise fault.__cause__ from fault
        raise
