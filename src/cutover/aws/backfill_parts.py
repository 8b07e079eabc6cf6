"""What the turns of a backfill work with, from the environment of the function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from cutover.aws.open_pairs import OpenedPair, open_for_work
from cutover.aws.session import Aws
from cutover.aws.table_pairs import load_pairs
from cutover.aws.table_parts import TableSettings
from cutover.aws.writer_work import writer_work
from cutover.control.deployment import Deployment
from cutover.errors import UsageError
from cutover.tables.backfill_hand import THREADS, Desk
from cutover.tables.backfill_task import Task
from cutover.tables.lease import EXECUTION_SECONDS
from cutover.tables.leasing import Claimant
from cutover.tables.pairs import TablePair


@dataclass(frozen=True)
class BackfillParts:
    """Pairs are opened when a task first names them, and kept: an invocation that comes warm spares that."""

    pairs: tuple[TablePair, ...]
    open: Callable[[TablePair], OpenedPair]
    opened: dict[str, OpenedPair]

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
            near_end=near_end,
            enough=enough,
            claimant=Claimant(task.pair, "backfill", task.owner, say, EXECUTION_SECONDS),
        )

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
        load_pairs(settings.tables, aws),
        lambda pair: open_for_work(pair, here, aws, settings.roles, THREADS),
        {},
    )
