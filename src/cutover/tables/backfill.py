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

from dataclasses import replace

from cutover.tables.backfill_rows import Place, Run
from cutover.tables.copying import Copying
from cutover.tables.items import key_id, key_of, strip_replication
from cutover.tables.patience import Stopped
from cutover.tables.ports import ScannableTable, ScanPage
from cutover.tables.settle_keys import settle


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
    page = work.patience(lambda: _next_page(work.source, run.segments, place))
    names = work.source.key_names
    items = {key_id(key_of(item, names)): item for item in page.items}
    keys = [key_of(item, names) for item in items.values()]
    pending = work.patience(lambda: work.ledger.save_pending(run.run_id, place.segment, keys)) if keys else ()
    done = settle(work, keys, {identity: strip_replication(item) for identity, item in items.items()})
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


def _next_page(source: ScannableTable, segments: int, place: Place) -> ScanPage:
    pages = source.scan(place.segment, segments, start=place.next_start, consistent=True)
    return next(iter(pages), ScanPage(()))
