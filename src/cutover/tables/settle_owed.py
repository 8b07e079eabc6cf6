"""What is owed, settled by a full verify that found the pair equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cutover.tables.kinds import Kind
from cutover.tables.owed import Owed, OwedBook
from cutover.tables.parking import Reason
from cutover.tables.recheck import BATCH, Probing, look
from cutover.tables.suspects import Suspect
from cutover.tables.verification import Verification

SCAN_LAG = 900.0
"""Seconds: a scan that is not consistent may not have seen what was written shortly before."""
NEVER = (Reason.UNMAPPED, Reason.AMBIGUOUS)
"""The first wait for a user who has not come over. The second are writes without a reply: the target may be
right now and wrong when such a write lands, so only their own later look settles them."""


def settle_owed(book: OwedBook, pair_id: str, how: Probing, result: Verification, started_at: float) -> int:
    """Removes what was owed before the verify began and is owed no longer; gives how many rows.

    Each row's keys are looked at once more, by consistent reads, and it goes where the target is right for
    all of them: the verify itself may have read an old item of the source. A row without keys (a batch that
    nobody could read) goes with the verify itself, if that left nothing open: what the batch had may be a
    deletion, whose item is extra now, or a key of a user who has not come over. Raises TableFault.
    """
    if result.sampled is not None or result.wrong or result.counts[Kind.IN_FLIGHT]:
        return 0
    settled = 0
    for owed in how.patience(lambda: list(_older(book, pair_id, started_at))):
        over = _right(owed, how) if owed.keys else _nothing_open(owed, result, started_at)
        if over:
            how.patience(_settling(book, pair_id, owed.name))
            settled += 1
    return settled


def _older(book: OwedBook, pair_id: str, started_at: float) -> Iterator[Owed]:
    for reason in Reason:
        if reason not in NEVER:
            yield from (owed for owed in book.rows(pair_id, reason) if owed.since < started_at)


def _settling(book: OwedBook, pair_id: str, name: str) -> Callable[[], None]:
    return lambda: book.settle(pair_id, [name])


def _nothing_open(owed: Owed, result: Verification, started_at: float) -> bool:
    return (
        owed.since < started_at - SCAN_LAG and result.differences == 0 and result.counts[Kind.UNMAPPED] == 0
    )


def _right(owed: Owed, how: Probing) -> bool:
    """Whether the target is right for all keys at one look."""
    wrong: list[Kind] = []
    for start in range(0, len(owed.keys), BATCH):
        batch = [Suspect(key) for key in owed.keys[start : start + BATCH]]
        if look(batch, how, lambda kind, _suspect, _source: wrong.append(kind)) or wrong:
            return False
    return True
