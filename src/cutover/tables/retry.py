"""A parked message comes back: converge its keys once more, from the source itself and never from a guess.

By the pair's authority (`authority.judge`): of an older epoch, or with the other side ruling: dropped and
counted. Paused, nobody rules, or no time for it at the pair's pace: sent anew with a delay, so that waiting
uses up no receives. Else its keys
converge; what still cannot stays on the queue with growing pauses and ends in its dead-letter queue.

The ledger's row of the keys goes last: once they have converged, were dropped, or are owed by rows of their
own. Whoever dies before that leaves the row and the message, and all of it is done again.

A message that stays is itself the later look that a lost write is owed: it is hidden long enough for that,
and sends no second message, for then each receive of an outage would double what waits.

A message that asks for one look (`second_look`) does not stay, unless a write of its look was lost: its row
does, and the watch sends for it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cutover.errors import UsageError
from cutover.tables.authority import Direction, PairState, Verdict, judge
from cutover.tables.converge import converge
from cutover.tables.pairs import TablePair
from cutover.tables.parking import MalformedMessage, NotParked, Reason, RetryMessage, parcels, parse
from cutover.tables.parts import TableParts
from cutover.tables.ports import AuthorityLost, Convergence, FaultReason, TableFault
from cutover.tables.tuning import retry_pause


class NotYet(Exception):
    """The message stays on the queue, unseen for `pause` seconds. The text never holds a key."""

    def __init__(self, why: str, pause: int) -> None:
        super().__init__(why)
        self.pause = pause


@dataclass(frozen=True)
class RetryReport:
    """What became of a message that leaves the queue: `verdict` is `write`, `drop` or `hold`."""

    pair: str
    verdict: str
    keys: int
    age: float
    """Seconds since its keys were first parked."""


def retry(body: str, receives: int, parts: TableParts, *, stop: Callable[[], bool]) -> RetryReport:
    """Work off one message that has been received `receives` times. Raises NotYet when it must stay."""
    tuning = parts.tuning
    pause = retry_pause(receives, tuning)
    try:
        message = parse(body)
    except MalformedMessage as error:
        raise NotYet(str(error), tuning.retry_base) from error
    try:
        return _Retry(message, _pair(message, parts), parts, stop).run()
    except (UsageError, NotParked) as error:
        raise NotYet(str(error), pause) from error
    except (TableFault, AuthorityLost, _Remains) as error:
        lost = error.so_far and error.so_far.ambiguous
        if message.once and not lost:
            return _report(message, Verdict.HOLD, parts)
        raise NotYet(str(error), max(pause, tuning.ambiguous_delay if lost else 0)) from error


class _Remains(Exception):
    def __init__(self, why: str, so_far: Convergence) -> None:
        super().__init__(why)
        self.so_far: Convergence | None = so_far


def _pair(message: RetryMessage, parts: TableParts) -> TablePair:
    for pair in parts.pairs:
        if pair.id == message.pair:
            return pair
    raise UsageError(f"no pair {message.pair} in TABLES", fix="deploy the pair again, or delete the message")


def _report(message: RetryMessage, verdict: Verdict, parts: TableParts) -> RetryReport:
    age = max(parts.clock() - message.first_parked_at, 0.0)
    return RetryReport(message.pair, verdict, len(message.keys), age)


@dataclass(frozen=True)
class _Retry:
    message: RetryMessage
    pair: TablePair
    parts: TableParts
    stop: Callable[[], bool]

    def run(self) -> RetryReport:
        message, ledger = self.message, self.parts.ledger
        state = ledger.state(self.pair.id)
        verdict = judge(state, message.direction, message.epoch)
        if verdict is Verdict.DROP:
            ledger.count(self.pair.id, dropped_old_epoch=len(message.keys))
            self._paid()
        elif verdict is Verdict.HOLD:
            self._again(self.parts.tuning.hold_delay)
        elif (result := self._converge(state)) is None:
            verdict = Verdict.HOLD
            self._again(self.parts.tuning.unsettled_delay)
        else:
            self._settle(result)
        return _report(message, verdict, self.parts)

    def _again(self, delay: int) -> None:
        if not self.message.once:
            self.parts.park(self.message, delay)

    def _converge(self, state: PairState) -> Convergence | None:
        """None where the pair's pace leaves no time for it."""
        message, parts = self.message, self.parts
        if message.direction != Direction.FORWARD:
            raise UsageError(
                "nothing here copies in reverse", fix="deploy the version that sent the message, or delete it"
            )
        tables = parts.open(self.pair, state)
        with tables.pace.governs(state, self.stop):
            if not tables.pace.ready():
                return None
            return converge(
                message.keys,
                source=tables.source,
                target=tables.target,
                transform=tables.transform,
                permit=parts.ledger.permit(self.pair.id, message.direction, message.epoch),
                tuning=parts.tuning,
                stop=self.stop,
                sleep=parts.sleep,
                rng=parts.rng,
            )

    def _settle(self, result: Convergence) -> None:
        if result.unsettled:
            raise _Remains(f"{len(result.unsettled)} keys are unsettled", result)
        if len(self.message.keys) == 1 and self.message.owed:
            self._stay_for_the_same(result)
        self._park(result)  # each fault on its own, so that the others are done with
        self._paid()

    def _stay_for_the_same(self, result: Convergence) -> None:
        """A key alone, whose fault is the one that its row tells of."""
        for fault in result.faults:
            if fault.reason == self.message.reason and fault.reason is not FaultReason.UNMAPPED:
                raise _Remains(f"item fault: {fault.reason} ({fault.detail})", result)

    def _paid(self) -> None:
        if self.message.owed:
            self.parts.owed.settle(self.pair.id, [self.message.owed])

    def _park(self, result: Convergence) -> None:
        message = self.message
        for parcel in parcels(
            result,
            pair=message.pair,
            direction=message.direction,
            epoch=message.epoch,
            first_parked_at=message.first_parked_at,
            tuning=self.parts.tuning,
        ):
            owe = parcel.message
            if owe.reason == Reason.AMBIGUOUS:  # this write was lost now, whenever its key was parked
                owe = replace(owe, first_parked_at=self.parts.clock())
            self.parts.park(owe, parcel.delay)
