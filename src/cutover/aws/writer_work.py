"""What a writer of a pair works with, put together from the opened pair and its lease."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cutover.aws.open_pairs import OpenedPair
from cutover.tables.authority import Direction
from cutover.tables.copying import Copying, Progress
from cutover.tables.governor import Governor
from cutover.tables.leasing import HeldLease, Permits
from cutover.tables.patience import Patience
from cutover.tables.table_facts import default_paces
from cutover.tables.writer_work import WriterWork


def writer_work(
    opened: OpenedPair,
    epoch: int,
    lease: HeldLease,
    stop: threading.Event,
    patience: Patience,
    report: Callable[[Governor, Progress], None] = lambda _governor, _progress: None,
    *,
    share: float = 1.0,
) -> WriterWork:
    """`share` is this process's part of the pair's pace.

    Raises TableFault: the ledger is read once before anything is written.
    """
    governor = Governor(
        opened.pair.id,
        epoch,
        opened.rows,
        opened.pace_book,
        opened.paces,
        default_paces(opened.source_facts, opened.target_facts),
        stop=stop.is_set,
        say=patience.say,
        share=share,
        workers=opened.workers,
    )
    governor.refresh()
    copying = Copying(
        pair_id=opened.pair.id,
        epoch=epoch,
        source=opened.source,
        target=opened.target,
        transform=opened.transform,
        permit=Permits((opened.rows.permit(opened.pair.id, Direction.FORWARD, epoch), lease)),
        ledger=opened.backfill_ledger,
        park=opened.park,
        gate=governor,
        patience=patience,
        stop=stop.is_set,
        report=lambda progress: report(governor, progress),
    )
    return WriterWork(copying, governor, lease, stop)
