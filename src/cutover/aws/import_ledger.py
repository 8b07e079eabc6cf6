"""The ledger's rows of an import: its runs, and the users whom a job has made."""

from __future__ import annotations

from typing import Any

from boto3.dynamodb.types import TypeSerializer

from cutover.aws.ledger_reader import LedgerReader
from cutover.control.import_runs import RUN, ImportRun, run_pk

_to_typed = TypeSerializer().serialize


class ImportLedger:
    """`client` is a low-level DynamoDB client in the ledger's Region."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table
        self._reader = LedgerReader(client, table)

    def runs(self, new_pool: str) -> list[ImportRun]:
        return [ImportRun.of_row(row) for row in self._reader.rows(run_pk(new_pool), RUN)]

    def unfinished(self, new_pool: str) -> list[ImportRun]:
        return [run for run in self.runs(new_pool) if run.open]

    def save(self, run: ImportRun) -> None:
        """Writing it twice does no harm."""
        item = {name: _to_typed(value) for name, value in run.row().items()}
        self._client.put_item(TableName=self._table, Item=item)
