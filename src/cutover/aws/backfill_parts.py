"""What the turns of a backfill work with, from the environment of the function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cutover.aws.export_files import ExportFolder, place_of
from cutover.aws.export_source import CheckedExport, checked_export
from cutover.aws.faults import error_code
from cutover.aws.open_pairs import OpenedPair, open_for_work
from cutover.aws.session import Aws
from cutover.aws.table_faults import AWS_ERRORS
from cutover.aws.table_pairs import load_pairs
from cutover.aws.table_parts import TableSettings
from cutover.aws.writer_work import writer_work
from cutover.control.deployment import Deployment
from cutover.errors import InterlockRefused, UsageError
from cutover.tables.backfill_hand import THREADS, Desk
from cutover.tables.backfill_rows import Run
from cutover.tables.backfill_task import Task
from cutover.tables.lease import EXECUTION_SECONDS
from cutover.tables.leasing import Claimant
from cutover.tables.pairs import TablePair
from cutover.tables.ports import ScannableTable, TableFault


@dataclass(frozen=True)
class BackfillParts:
    """Pairs are opened and the manifests of exports read when a task first names them, and kept: an
    invocation that comes warm spares that."""

    pairs: tuple[TablePair, ...]
    open: Callable[[TablePair], OpenedPair]
    s3: Callable[[], Any]
    opened: dict[str, OpenedPair] = field(default_factory=dict)
    exports: dict[tuple[str, str], CheckedExport] = field(default_factory=dict)

    def desk(
        self,
        task: Task,
        *,
        near_end: Callable[[], bool],
        enough: Callable[[], bool],
        say: Callable[[str], None],
    ) -> Desk:
        """Raises UsageError for a pair that the stack does not have, TableFault."""
        opened = self._opened(task.pair)
        return Desk(
            leases=opened.lease_book(),
            rows=opened.rows,
            ledger=opened.backfill_ledger,
            work=partial(writer_work, opened),
            exported=partial(self._exported, opened, task.keys_from),
            near_end=near_end,
            enough=enough,
            claimant=Claimant(task.pair, "backfill", task.owner, say, EXECUTION_SECONDS),
        )

    def _exported(self, opened: OpenedPair, uri: str, run: Run) -> ScannableTable:
        """As `Desk.exported` says."""
        if not uri:
            raise _other_export(run, "the execution was started without it")
        try:
            export = self._checked(opened, uri)
        except UsageError as unfit:
            raise _other_export(run, f"{unfit}: {unfit.cause}" if unfit.cause else str(unfit)) from unfit
        except AWS_ERRORS as error:
            raise TableFault(uri, error_code(error)) from error
        if (export.summary.export_arn, len(export.files)) != (run.keys_from, run.segments):
            raise _other_export(run, f"{uri} is {export.summary.export_arn}, of {len(export.files)} files")
        return export.over(opened.source)

    def _checked(self, opened: OpenedPair, uri: str) -> CheckedExport:
        known = (opened.pair.id, uri)
        if known not in self.exports:
            folder = ExportFolder(self.s3(), *place_of(uri))
            self.exports[known] = checked_export(folder, opened.source_facts)
        return self.exports[known]

    def _opened(self, name: str) -> OpenedPair:
        pair = next((pair for pair in self.pairs if pair.id == name), None)
        if pair is None:
            raise UsageError(
                f"no table pair is called {name}",
                cause="the stack's pairs are " + ", ".join(pair.id for pair in self.pairs),
                fix="deploy the stack with the pair, then start the backfill again",
            )
        if name not in self.opened:
            self.opened[name] = self.open(pair)
        return self.opened[name]


def _other_export(run: Run, cause: str) -> InterlockRefused:
    return InterlockRefused("export_unfit", f"the keys cannot be taken from {run.keys_from}", cause=cause)


def backfill_parts(settings: TableSettings, aws: Aws) -> BackfillParts:
    """Raises UsageError, botocore's errors where the pairs stand in a parameter that cannot be read."""
    here = Deployment(
        "",
        parameters={"SubMapTableArn": settings.sub_map_table},
        outputs={
            "LedgerTable": settings.ledger_table,
            "RetryQueueUrl": settings.retry_queue_url,
            "MirrorTableFunction": "",
        },
    )
    return BackfillParts(
        load_pairs(settings.tables, aws, settings.roles),
        lambda pair: open_for_work(pair, here, aws, settings.roles, THREADS),
        lambda: aws.client("s3", attempts=3, max_connections=THREADS + 2),
    )
