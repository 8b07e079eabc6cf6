"""The mirror: a batch of stream records becomes keys, and `converge` makes the target right for them.

What becomes of a record, by the pair's authority (`authority.judge`):

- the source rules: its key converges; an item fault, a hot key or a lost reply is parked in the retry queue,
  so that one bad item never holds its shard;
- the pair is paused, or nobody rules it: the batch fails and the shard holds. The records stay in the
  stream, which keeps them for 24 hours, and the lag shows it;
- the target rules: the record is dropped and counted. The forward mirror was drained before the ruler
  changed, so this is the reverse mirror's own echo, or a duplicate whose change the target already had;
- the authority changes between two slices: the batch fails, and its redelivery meets the new authority.

A table fault (throttled past the budget, denied, missing, unreachable) fails the batch too, as does a queue
that takes no message: what cannot be written and cannot be parked stays in the stream.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cutover.errors import UsageError
from cutover.tables.authority import Direction, Verdict, judge
from cutover.tables.converge import converge
from cutover.tables.items import MalformedItem, key_id
from cutover.tables.pair_pace import Held
from cutover.tables.pairs import TablePair
from cutover.tables.parking import NotParked, parcels
from cutover.tables.parts import OpenPair, TableParts
from cutover.tables.ports import AuthorityLost, Convergence, KeyId, Permit, TableFault
from cutover.tables.stream import Change, failures, hints_of, keys_of, pair_of, read_change

WORD_SECONDS = 1.0
"""For how long the word on authority that a batch begins with is good for its first write, too."""


@dataclass
class PairReport:
    """What a batch did to one pair; `stopped` says why the rest of its records is asked for again."""

    pair: str
    converged: int = 0
    parked: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    stopped: str = ""
    lag: float | None = None
    """Seconds since the oldest record of the batch was written."""
    held: Held = field(default_factory=Held)
    """What its pace did to the batch: the lag is traded for it."""


@dataclass
class MirrorReport:
    """`response` is what Lambda is answered; `pairs` is for logs and metrics; `strangers` counts records
    that belong to no pair or cannot be read."""

    response: dict[str, list[dict[str, str]]]
    pairs: list[PairReport]
    strangers: int = 0


def mirror(
    records: Sequence[Mapping[str, Any]], parts: TableParts, *, stop: Callable[[], bool]
) -> MirrorReport:
    """Work off one batch. `stop` says that the deadline is near: what has not begun is asked for again."""
    failed: set[int] = set()
    strangers: set[int] = set()
    groups: dict[str, tuple[TablePair, list[Change]]] = {}
    for position, record in enumerate(records):
        try:
            change = read_change(position, record)
            pair = pair_of(parts.pairs, change.table_arn)
        except MalformedItem:
            pair = None
        if pair is None:
            strangers.add(position)
        else:
            groups.setdefault(pair.id, (pair, []))[1].append(change)
    reports = [_PairMirror(pair, changes, parts, stop, failed).run() for pair, changes in groups.values()]
    response = {"batchItemFailures": failures(records, failed | strangers)}
    return MirrorReport(response, reports, len(strangers))


@dataclass
class _FirstWord:
    """The ledger has just been read when a batch begins: that is the word on authority for its first write,
    where no long read or wait came between. Every later write asks anew."""

    permit: Permit
    fresh_until: float
    clock: Callable[[], float]
    said: bool = False

    def check(self) -> None:
        """As the port says."""
        if self.said or self.clock() > self.fresh_until:
            self.permit.check()
        self.said = True


class _PairMirror:
    """One pair's records of one batch; the positions that did not make it go into `failed`."""

    def __init__(
        self,
        pair: TablePair,
        changes: Sequence[Change],
        parts: TableParts,
        stop: Callable[[], bool],
        failed: set[int],
    ) -> None:
        self._pair = pair
        self._changes = changes
        self._parts = parts
        self._stop = stop
        self._failed = failed
        self._began = parts.clock()
        self._report = PairReport(pair.id)

    def run(self) -> PairReport:
        waiting = dict(keys_of(self._changes))
        try:
            self._run(waiting)
        except (TableFault, AuthorityLost, UsageError) as error:
            self._report.stopped = str(error)
        self._fail(waiting)
        created = [change.created_at for change in self._changes if change.created_at is not None]
        self._report.lag = max(self._parts.clock() - min(created), 0.0) if created else None
        self._parts.ledger.count(
            self._pair.id,
            converged=self._report.converged,
            parked=self._report.parked.total(),
            dropped_old_epoch=self._report.dropped,
        )
        return self._report

    def _run(self, waiting: dict[KeyId, Any]) -> None:
        """Takes out of `waiting` what is done with."""
        fresh_until = self._parts.clock() + WORD_SECONDS
        state = self._parts.ledger.state(self._pair.id)
        verdict = judge(state, Direction.FORWARD)
        if verdict is Verdict.DROP:
            self._report.dropped = len(self._changes)
            waiting.clear()
        elif verdict is Verdict.HOLD:
            self._report.stopped = f"held: {state.reason or state.authority}"
            self._parts.sleep(self._parts.tuning.hold_nap)
        else:
            tables = self._parts.open(self._pair, state)
            with tables.pace.governs(state, self._stop) as self._report.held:
                epoch = state.authority.epoch
                permit = self._parts.ledger.permit(self._pair.id, Direction.FORWARD, epoch)
                first = _FirstWord(permit, fresh_until, self._parts.clock)
                self._converge(waiting, tables, first, epoch)

    def _converge(self, waiting: dict[KeyId, Any], tables: OpenPair, permit: Permit, epoch: int) -> None:
        size, hints = tables.pace.slice_keys(self._parts.tuning.slice_keys), hints_of(self._changes)
        keys = list(waiting)
        for part in (keys[start : start + size] for start in range(0, len(keys), size)):
            if not tables.pace.ready() or self._stop():
                self._report.stopped = tables.pace.why() or "the deadline is near"
                return
            keys_now = {identity: waiting[identity] for identity in part}
            result = self._slice(keys_now, tables, permit, epoch, hints)
            unparked = self._park(result, epoch)
            for identity in part:
                waiting.pop(identity)
            self._fail(unparked)
            self._report.converged += len(result.converged)

    def _slice(
        self,
        keys: Mapping[KeyId, Any],
        tables: OpenPair,
        permit: Permit,
        epoch: int,
        hints: Mapping[KeyId, Any],
    ) -> Convergence:
        try:
            return converge(
                list(keys.values()),
                source=tables.source,
                target=tables.target,
                transform=tables.transform,
                permit=permit,
                hints={identity: hints[identity] for identity in keys if identity in hints},
                news=True,
                tuning=self._parts.tuning,
                stop=self._stop,
                sleep=self._parts.sleep,
                rng=self._parts.rng,
            )
        except (TableFault, AuthorityLost) as fault:
            if fault.so_far is not None:  # the slice comes again, but a lost write of it may land even later
                self._park(Convergence(ambiguous=fault.so_far.ambiguous), epoch)
            raise

    def _park(self, result: Convergence, epoch: int) -> set[KeyId]:
        """Parks what is left; gives the keys that the queue did not take."""
        unparked: set[KeyId] = set()
        for parcel in parcels(
            result,
            pair=self._pair.id,
            direction=Direction.FORWARD,
            epoch=epoch,
            first_parked_at=self._began,
            tuning=self._parts.tuning,
        ):
            try:
                self._parts.park(parcel.message, parcel.delay)
            except NotParked as error:
                self._report.stopped = str(error)
                unparked |= {key_id(key) for key in parcel.message.keys}
            else:
                self._report.parked[parcel.message.reason] += len(parcel.message.keys)
        return unparked

    def _fail(self, identities: Any) -> None:
        wanted = set(identities)
        if wanted:
            self._failed |= {change.position for change in self._changes if change.identity in wanted}
