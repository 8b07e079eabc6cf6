"""A repair: the keys that a verify found missing or different, converged once more."""

from __future__ import annotations

from cutover.tables.copying import Copying
from cutover.tables.patience import Stopped
from cutover.tables.settle_keys import settle_keys, settle_pending
from cutover.tables.suspects import SuspectFile

REPAIR = "repair"
"""The name of the run whose pages its keys are while they are pending."""
BATCH = 100


def repair(work: Copying, suspects: SuspectFile) -> int:
    """Converges the keys of `suspects`, after what earlier writers left pending; gives how many were written
    or deleted.

    An extra item is never among them: what the source does not know may be the new application's own.
    Raises TableFault, AuthorityLost and Stopped.
    """
    settle_pending(work)
    changed = 0
    for batch in suspects.batches(BATCH):
        if work.stop():
            raise Stopped
        done = settle_keys(work, REPAIR, [suspect.key for suspect in batch])
        work.report(done)
        changed += done.written + done.deleted
    return changed
