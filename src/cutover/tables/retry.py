"""A parked message comes back: converge its keys once more, from the source itself and never from a guess.

By the pair's authority (`authority.judge`): of an older epoch, or with the other side ruling: dropped and
counted. Paused, or nobody rules: sent anew with a delay, so that waiting uses up no receives. Else its keys
converge; what still cannot stays on the queue with growing pauses and ends in its dead-letter queue.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cutover.errors import UsageError
from cutover.tables.authority import Verdict, judge
from cutover.tables.converge import converge
from cutover.tables.pairs import TablePair
from cutover.tables.parking import MalformedMessage, NotParked, RetryMessage, parcels, parse
from cutover.tables.parts import TableParts
from cutover.tables.ports import AuthorityLost, Convergence, TableFault
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
    pause = retry_pause(receives, parts.tuning)
    try:
        message = parse(body)
        return _Retry(message, _pair(message, parts), parts, stop).run()
    except MalformedMessage as error:
        raise NotYet(str(error), parts.tuning.retry_base) from error
    except (TableFault, AuthorityLost, UsageError, NotParked) as error:
        raise NotYet(str(error), pause) from error
    except _Remains as error:
        raise NotYet(str(error), pause) from None


class _Remains(Exception):
    pass


def _pair(message: RetryMessage, parts: TableParts) -> TablePair:
    for pair in parts.pairs:
        if pair.id == message.pair:
            return pair
    raise UsageError(f"no pair {message.pair} in TABLES", fix="deploy the pair again, or delete the message")


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
        elif verdict is Verdict.HOLD:
            self.parts.park(message, self.parts.tuning.hold_delay)
        else:
            tables = self.parts.open(self.pair, state)
            try:
                result = converge(
                    message.keys,
                    source=tables.source,
                    target=tables.target,
                    transform=tables.transform,
                    permit=ledger.permit(self.pair.id, message.direction, message.epoch),
                    tuning=self.parts.tuning,
                    stop=self.stop,
                    sleep=self.parts.sleep,
                    rng=self.parts.rng,
                )
            except (TableFault, AuthorityLost) as fault:
                if fault.so_far is not None:
                    self._park(Convergence(ambiguous=fault.so_far.ambiguous))
                raise
            self._settle(result)
        age = max(self.parts.clock() - message.first_parked_at, 0.0)
        return RetryReport(self.pair.id, verdict, len(message.keys), age)

    def _settle(self, result: Convergence) -> None:
        self._park(Convergence(ambiguous=result.ambiguous))
        if result.unsettled:
            raise _Remains(f"{len(result.unsettled)} keys are unsettled")
        if len(self.message.keys) > 1:
            self._park(replace(result, ambiguous=()))  # each on its own, so that the others are done with
        elif result.faults:
            raise _Remains(f"item fault: {result.faults[0].reason} ({result.faults[0].detail})")

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
            self.parts.park(parcel.message, parcel.delay)
