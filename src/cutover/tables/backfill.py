"""The backfill of one segment: read a page, save its keys, converge them, move on.

    scan a page -> save its keys as pending -> converge them -> save the segment's place -> remove the pending

Kill it anywhere and nothing is lost. A key that may have been written stands in a pending page until it has
converged, and whoever backfills the pair next converges those pages first: a scan does not show an item that
was deleted meanwhile, so scanning again instead would let a half-done write bring that item back.

A page is read strongly consistently, so its items are as good as `converge`'s own first read and spare it
that read (a quarter of a unit for a 1 KB item instead of one). Keys that are tried again, and pending pages,
are read anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cutover.tables.backfill_rows import PendingPage, Place, Run
from cutover.tables.copying import Copying
from cutover.tables.items import key_id, key_of, strip_replication
from cutover.tables.paging import page_behind
from cutover.tables.patience import Stopped
from cutover.tables.ports import ScanPage
from cutover.tables.settle_keys import CutShort, settle


def copy_segment(work: Copying, run: Run, place: Place) -> Place:
    """Copies a segment from `place` to its end, or until `work.stop` or `work.enough`.

    Gives where it stands then.

    Raises TableFault when a table or the ledger stays at fault, AuthorityLost when the pair may not be
    written any more. The ledger holds the place and the pending keys whatever happens.
    """
    try:
        while not place.done:
            place = _copy_page(work, run, place)
    except Stopped:
        return place
    return place


def _copy_page(work: Copying, run: Run, place: Place) -> Place:
    if work.stop() or work.enough():
        raise Stopped
    work.gate.ready()
    page = work.patience(
        lambda: page_behind(work.source, place.segment, run.segments, place.next_start, consistent=True)
    )
    names = work.source.key_names
    items = {key_id(key_of(item, names)): item for item in page.items}
    keys = [key_of(item, names) for item in items.values()]
    pending = work.patience(lambda: work.ledger.save_pending(run.run_id, place.segment, keys)) if keys else ()
    try:
        done = settle(work, keys, {identity: strip_replication(item) for identity, item in items.items()})
    except CutShort as cut:
        return _cut_page(work, run, place, page, pending, cut)
    after = replace(
        place,
        next_start=page.next_start,
        done=page.next_start is None,
        items=place.items + len(keys),
        written=place.written + done.written,
        parked=place.parked + done.parked,
    )
    work.patience(lambda: work.ledger.save_place(run.run_id, after))
    work.patience(lambda: work.ledger.remove_pending(pending))
    work.report(replace(done, items=len(keys)))
    return after


def _cut_page(
    work: Copying, run: Run, place: Place, page: ScanPage, pending: Sequence[PendingPage], cut: CutShort
) -> Place:
    """The place behind the last key before which all are settled: at a slow pace a page may take longer than
    a function may run. A scan starts behind whatever key it is given:
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html"""
    keys = [key_of(item, work.source.key_names) for item in page.items]
    left = {key_id(key) for key in cut.left}
    settled = next(at for at, key in enumerate(keys) if key_id(key) in left)
    if not settled:
        raise cut
    after = replace(
        place,
        next_start=(page.starts or keys)[settled - 1],
        items=place.items + settled,
        written=place.written + cut.done.written,
        parked=place.parked + cut.done.parked,
    )
    again = {key_id(key): key for key in keys[settled:]}
    work.patience(lambda: work.ledger.save_pending(run.run_id, place.segment, list(again.values())))
    work.patience(lambda: work.ledger.save_place(run.run_id, after))
    work.patience(lambda: work.ledger.remove_pending(pending))
    work.report(replace(cut.done, items=settled))
    return after
