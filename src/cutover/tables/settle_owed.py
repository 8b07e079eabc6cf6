"""What is owed, settled by a full verify that found the pair equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from cutover.tables.kinds import Kind
from cutover.tables.owed import Owed, OwedBook
from cutover.tables.parking import Reason
from cutover.tables.ports import Key, TableFault
from cutover.tables.recheck import BATCH, Probing, look
from cutover.tables.redrive import NO_KEY
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
    nobody could read), or with what is no key of the source, goes with the verify itself, if that left
    nothing open: what the batch had may be a deletion, whose item is extra now, or a key of a user who has
    not come over. Raises TableFault.
    """
    if result.sampled is not None or result.wrong or result.counts[Kind.IN_FLIGHT]:
        return 0
    settled = 0
    nothing_open = result.differences == 0 and result.counts[Kind.UNMAPPED] == 0
    for owed in _older(book, pair_id, how, started_at):
        seen = nothing_open and owed.since < started_at - SCAN_LAG
        if _right(owed.keys, how, seen=seen):
            how.patience(_settling(book, pair_id, owed.name))
            settled += 1
    return settled


def _older(book: OwedBook, pair_id: str, how: Probing, started_at: float) -> Iterator[Owed]:
    """Page by page: there may be more than fit into memory."""
    for reason in Reason:
        more, place = reason not in NEVER, ""
        while more:
            page, place = how.patience(_page(book, pair_id, reason, place))
            yield from (owed for owed in page if owed.since < started_at)
            more = bool(place)


def _page(
    book: OwedBook, pair_id: str, reason: Reason, place: str
) -> Callable[[], tuple[Sequence[Owed], str]]:
    return lambda: next(book.pages(pair_id, reason, place))


def _settling(book: OwedBook, pair_id: str, name: str) -> Callable[[], None]:
    return lambda: book.settle(pair_id, [name])


def _right(keys: Sequence[Key], how: Probing, *, seen: bool) -> bool:
    """Whether the target is right for all keys at one look. Where there are none, or one that is no key of
    the source (of a table that had its name before), it is what the verify has `seen`."""
    ours = [key for key in keys if key.keys() == set(how.source.key_names)]
    if not seen and (len(ours) < len(keys) or not keys):
        return False
    batches = (ours[start : start + BATCH] for start in range(0, len(ours), BATCH))
    return all(_looked_at(batch, how, seen=seen) for batch in batches)


def _looked_at(keys: Sequence[Key], how: Probing, *, seen: bool) -> bool:
    wrong: list[Kind] = []
    try:
        again = look([Suspect(key) for key in keys], how, lambda kind, _suspect, _source: wrong.append(kind))
    except TableFault as fault:
        if fault.reason != NO_KEY:
            raise
        if len(keys) == 1:
            return seen
        half = len(keys) // 2
        return all(_looked_at(part, how, seen=seen) for part in (keys[:half], keys[half:]))
    return not (again or wrong)
