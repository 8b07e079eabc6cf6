"""Keys that may have been written stand in the ledger until they have converged.

So whoever dies half-way leaves a list of what to look at again, and a deleted item does not come back through
a write that nobody verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cutover.tables.authority import Direction
from cutover.tables.backfill_rows import PendingPage
from cutover.tables.converge import converge
from cutover.tables.copying import Copying, Progress
from cutover.tables.items import key_id
from cutover.tables.parking import NotParked, parcels
from cutover.tables.patience import Stopped
from cutover.tables.ports import AuthorityLost, Convergence, Item, Key, KeyId, TableFault


class CutShort(Stopped):
    """Stopped in the middle of some keys: `left` are those that come again, `done` is what was done."""

    def __init__(self, left: tuple[Key, ...], done: Progress) -> None:
        super().__init__(f"{len(left)} keys are left")
        self.left = left
        self.done = done


def settle_pending(work: Copying) -> int:
    """Converges every page that any run left pending, and removes it; gives how many there were.

    Whoever left it may have been killed with a write on the wire, which can land after we are done: so its
    keys are parked as well, to be converged once more when no such write can land any longer.
    Raises TableFault, AuthorityLost and Stopped; what is pending stays pending then.
    """
    settled = 0
    for page in _pending(work):
        _settle_page(work, page)
        settled += 1
    return settled


def _pending(work: Copying) -> Iterator[PendingPage]:
    """One after the other: what hundreds of threads left may be more than one of them can hold. Where the
    ledger fails it is begun anew, for what was settled is gone."""
    pages: Iterator[PendingPage] | None = None

    def following() -> PendingPage | None:
        nonlocal pages
        reading, pages = pages or iter(work.ledger.pending()), None
        page = next(reading, None)
        pages = reading
        return page

    while page := work.patience(following):
        yield page


def _settle_page(work: Copying, page: PendingPage) -> None:
    work.gate.ready()
    try:
        done = settle(work, page.keys, {})
    except CutShort as cut:
        _shorten(work, page, cut)
        raise
    work.patience(lambda: _again_later(work, page.keys))
    work.patience(lambda: work.ledger.remove_pending([page]))
    work.report(done)


def _shorten(work: Copying, page: PendingPage, cut: CutShort) -> None:
    """Leaves only what is left pending, or a page that takes longer than an invocation would never end."""
    if len(cut.left) == len(page.keys):
        return
    work.patience(lambda: _again_later(work, page.keys))
    work.patience(lambda: work.ledger.save_pending("left", 0, cut.left))
    work.patience(lambda: work.ledger.remove_pending([page]))
    work.report(cut.done)


def _again_later(work: Copying, keys: tuple[Key, ...]) -> None:
    try:
        _park(work, Convergence(ambiguous=keys))
    except NotParked as fault:
        raise TableFault(fault.who, fault.reason) from fault


def settle_keys(work: Copying, name: str, keys: Sequence[Key]) -> Progress:
    """Converges `keys`, pending under `name` meanwhile. Raises as `settle_pending` does."""
    work.gate.ready()
    pending = work.patience(lambda: work.ledger.save_pending(name, 0, keys))
    done = settle(work, keys, {})
    work.patience(lambda: work.ledger.remove_pending(pending))
    return done


def settle(work: Copying, keys: Sequence[Key], hints: Mapping[KeyId, Item]) -> Progress:
    """Converges `keys` and parks what must wait. Raises CutShort when it was stopped before their end."""
    guesses = dict(hints)
    doubts: dict[KeyId, Key] = {}

    def attempt() -> Progress:
        try:
            _park_doubts(work, doubts)
            result = _converge(work, keys, guesses, doubts)
        except NotParked as fault:
            raise TableFault(fault.who, fault.reason) from fault
        finally:
            guesses.clear()
        return result

    while True:
        try:
            return work.patience(attempt)
        except AuthorityLost as fault:
            work.gate.lost(fault)
            work.gate.ready()


def _converge(
    work: Copying, keys: Sequence[Key], hints: Mapping[KeyId, Item], doubts: dict[KeyId, Key]
) -> Progress:
    """`doubts` are keys with a lost write that nothing but this process knows of: until they are parked, they
    outlive the attempt, for the next one finds their targets right and would not know."""
    try:
        result = converge(
            keys,
            source=work.source,
            target=work.target,
            transform=work.transform,
            permit=work.permit,
            hints=hints,
            tuning=work.tuning,
            stop=work.stop,
            sleep=work.sleep,
            rng=work.rng,
        )
    except (TableFault, AuthorityLost) as fault:
        if fault.so_far is not None:  # the keys come again, but a lost write of them may land even later
            doubts.update((key_id(key), key) for key in fault.so_far.ambiguous)
            _park_doubts(work, doubts)
        raise
    doubts.update((key_id(key), key) for key in result.ambiguous)
    left = result.unsettled if work.stop() else ()
    counts = result.counts
    done = Progress(
        written=counts.get("written", 0),
        deleted=counts.get("deleted", 0),
        equal=counts.get("equal", 0),
        parked=_park(work, replace(result, unsettled=()) if left else result),
    )
    doubts.clear()
    if left:
        raise CutShort(left, done)
    return done


def _park_doubts(work: Copying, doubts: dict[KeyId, Key]) -> None:
    _park(work, Convergence(ambiguous=tuple(doubts.values())))
    doubts.clear()


def _park(work: Copying, result: Convergence) -> int:
    parked = 0
    for parcel in parcels(
        result,
        pair=work.pair_id,
        direction=Direction.FORWARD,
        epoch=work.epoch,
        first_parked_at=work.clock(),
        tuning=work.tuning,
    ):
        work.park(parcel.message, parcel.delay)
        parked += len(parcel.message.keys)
    return parked
