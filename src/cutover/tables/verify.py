"""Verify: is the target, key by key, what the source asks for?

Both tables are scanned in parallel segments, the source's items are transformed, and what is kept of an item
is a digest, on disk (`spill`). The two sides are joined partition by partition; a key that is not equal is
only a suspect, because writes went on all the while; suspects are looked at again (`recheck`).

Memory is bounded whatever the tables hold: 64 buffers of 64 KB; one page for each thread, of 1 MB as DynamoDB
counts and two to sixty times that as Python objects, the more the smaller its items and their values are; one
partition of at most 16 MB on disk, about 64 MB as objects, when the pages are gone. Disk is 34 bytes and the
key for each item of both tables.

Where it is kept (`verify_keep`), a verify that was killed goes on: with the segments at their last
checkpoint, or with the round of looks that it was in. That its two sides were then read at times further
apart makes more suspects and no wrong answer, since a suspect is judged by what it is at its looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.tables.digest import DIGEST_BYTES, LONG_BYTES
from cutover.tables.extras import LedgerNames, nobody
from cutover.tables.judging import Judging
from cutover.tables.kinds import Kind
from cutover.tables.ports import Key
from cutover.tables.recheck import Looked, Probing
from cutover.tables.spill import Damaged
from cutover.tables.spill_join import Side, join
from cutover.tables.suspects import Suspect, SuspectFile
from cutover.tables.verification import Verification
from cutover.tables.verify_checkpoint import drop_scan, keeping_scan
from cutover.tables.verify_keep import Keep, Unkept
from cutover.tables.verify_reading import Reading
from cutover.tables.verify_scan import Scanning, scan_both


def verify(
    scanning: Scanning,
    probing: Probing,
    *,
    most_keys: int = 1000,
    accept_native: bool = False,
    repairable: SuspectFile | None = None,
    keep: Keep | None = None,
    named: LedgerNames = nobody,
    looked: Looked = lambda _: None,
) -> Verification:
    """Compares the tables of `scanning`, going on where `keep` says that it stands.

    The source keys of what can be repaired go into `repairable`. `named` gives the source keys that the
    ledger names as owed or pending. Raises TableFault and Stopped, with its place kept; OSError; Damaged
    where what was kept does not fit. Nothing was changed then.
    """
    keep = keep or Unkept(probing.open_file)
    repairable = repairable or SuspectFile(probing.open_file)
    blank = Verification(most_keys=most_keys, accept_native=accept_native)
    document = keep.load() or {}
    if document.get("segments", scanning.segments) != scanning.segments:
        raise Damaged(f"{document['segments']} segments were kept, not {scanning.segments}")
    if document.get("phase") == "look":
        judging = Judging.resumed(probing, keep, document, blank, repairable)
    else:
        judging = Judging.begun(probing, keep, scanning.segments, blank, repairable)
        _compare(scanning, probing, keep, document, judging)
    return judging.judge(named, looked)


def _compare(
    scanning: Scanning, probing: Probing, keep: Keep, document: Mapping[str, Any], judging: Judging
) -> None:
    """Reads both tables and hands over the suspects."""
    left, right = (
        Reading.begin(
            side,
            table,
            keep,
            probing.open_file,
            scanning.bounds,
            LONG_BYTES if scanning.sealed else DIGEST_BYTES,
            document.get(side),
        )
        for side, table in ((Side.SOURCE, scanning.source), (Side.TARGET, scanning.target))
    )
    try:
        with keeping_scan(keep, left, right, scanning) as kept:
            scan_both(kept, probing, left, right)
        _join(scanning, left, right, judging)
    finally:
        left.spill.close()
        right.spill.close()
    judging.save()
    drop_scan(keep)


def _join(scanning: Scanning, left: Reading, right: Reading, judging: Judging) -> None:
    def suspect(key: Key, side: Side) -> None:
        judging.suspect(Suspect(key, side=side))

    result = judging.result
    result.source_items, result.target_items = left.items, right.items
    result.counts[Kind.UNMAPPED] = left.unmapped
    result.spilled_bytes = left.spill.bytes + right.spill.bytes
    joined = join(left.spill, right.spill, scanning.bounds, suspect)
    result.compared, result.suspects = joined.compared, joined.suspects
    result.wanted, result.held, result.else_held = joined.wanted, joined.held, joined.else_held
