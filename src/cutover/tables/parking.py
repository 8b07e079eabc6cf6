"""Keys that wait for a later look: the message that holds them, and what a `converge` leaves to park."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cutover.tables.authority import Direction
from cutover.tables.items import MalformedItem, from_json, to_json
from cutover.tables.key_form import as_key
from cutover.tables.ports import Convergence, FaultReason, Key
from cutover.tables.tuning import TUNING, Tuning

VERSION = 1
LONGEST_BODY = 2**18
"""Characters: more than a message of ours has with its row's name, and less than what no row can hold."""
LATEST = 1e11
"""Epoch seconds that are none of our time any more: the year 5138."""
MOST_EPOCHS = 2**53


class Reason(StrEnum):
    """Why a key waits: an item fault, or what `FaultReason` does not name."""

    VALIDATION = "validation"
    TOO_LARGE = "too_large"
    TRANSFORM = "transform"
    COLLISION = "collision"
    UNMAPPED = "unmapped"
    NEW_SUB = "new_sub"
    LOST = "lost"
    UNSETTLED = "unsettled"
    AMBIGUOUS = "ambiguous"
    THROTTLED = "throttled"
    REDRIVE = "redrive"


class MalformedMessage(ValueError):
    """A queue message that is not ours; the text never holds its content."""


@dataclass(frozen=True)
class RetryMessage:
    """Source keys of one pair, to be converged in one direction and epoch. Times are epoch seconds."""

    pair: str
    direction: str
    epoch: int
    keys: tuple[Key, ...]
    first_parked_at: float
    reason: str
    owed: str = ""
    """The name of the ledger's row that stays until the keys have converged; empty before it is parked."""
    waits_for: tuple[str, ...] = ()
    """With UNMAPPED: for each key the old sub whose mapping it waits for. For the ledger, and never sent."""
    detail: str = ""
    """Of an item fault. For the ledger, and never sent."""
    once: bool = False
    """One look: what still cannot converge keeps its row, and the message goes."""

    def body(self) -> str:
        """The JSON body, binary as base64."""
        return json.dumps(
            {
                "v": VERSION,
                "pair": self.pair,
                "direction": self.direction,
                "epoch": self.epoch,
                "keys": [to_json(key) for key in self.keys],
                "first_parked_at": self.first_parked_at,
                "reason": self.reason,
                **({"owed": self.owed} if self.owed else {}),
                **({"once": True} if self.once else {}),
            },
            separators=(",", ":"),
        )


def parse(body: str) -> RetryMessage:
    """The message of a body. Raises MalformedMessage, also for what no row of the ledger could hold."""
    if len(body) > LONGEST_BODY:
        raise MalformedMessage("a message larger than any of ours")
    try:
        row = json.loads(body)
        if row["v"] != VERSION:
            raise MalformedMessage("a message of another version")
        message = RetryMessage(
            pair=_typed(row["pair"], str),
            direction=Direction(row["direction"]),
            epoch=_epoch(row["epoch"]),
            keys=tuple(as_key(from_json(key)) for key in _typed(row["keys"], list)),
            first_parked_at=_seconds(row["first_parked_at"]),
            reason=_reason(row["reason"]),
            owed=_typed(row.get("owed", ""), str),
            once=row.get("once", False) is True,
        )
    except MalformedMessage:
        raise
    except (KeyError, TypeError, MalformedItem, ValueError, OverflowError, RecursionError) as error:
        raise MalformedMessage(f"not a retry message ({type(error).__name__})") from None
    if not message.keys:
        raise MalformedMessage("a retry message without keys")
    return message


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds < LATEST:  # nor is nan
        raise MalformedMessage("a retry message of no time")
    return seconds


def _reason(value: Any) -> Reason:
    reason = Reason(value)
    if reason is Reason.UNMAPPED:  # nothing is sent for those: whom they wait for stands in the ledger alone
        raise MalformedMessage("a retry message of keys that wait for a user")
    return reason


def _epoch(value: Any) -> int:
    epoch: int = _typed(value, int)
    if not 0 <= epoch < MOST_EPOCHS:
        raise MalformedMessage("a retry message of no epoch")
    return epoch


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise MalformedMessage(f"a field of a retry message is a {type(value).__name__}")
    return value


@dataclass(frozen=True)
class Parcel:
    """A message to send, and the seconds until it may be seen."""

    message: RetryMessage
    delay: int


Park = Callable[[RetryMessage, int], None]
"""Makes the keys of one message owed, and has them looked at again after a delay in seconds; raises
`NotParked`."""


class NotParked(Exception):
    """The ledger or the queue (`who`) did not take the keys, and why: whoever has them keeps them."""

    def __init__(self, who: str, reason: str) -> None:
        super().__init__(f"{who} took nothing: {reason}")
        self.who = who
        self.reason = reason


def parcels(
    result: Convergence,
    *,
    pair: str,
    direction: str,
    epoch: int,
    first_parked_at: float,
    tuning: Tuning = TUNING,
) -> Iterator[Parcel]:
    """What a `converge` leaves for later: unsettled soon, and ambiguous (again, perhaps) much later. Each
    item fault goes alone; keys that wait for users go together, for nothing is sent for them."""
    blank = RetryMessage(pair, direction, epoch, (), first_parked_at, "")
    waiting = [fault for fault in result.faults if fault.reason is FaultReason.UNMAPPED]
    for fault in result.faults:
        if fault.reason is not FaultReason.UNMAPPED:
            message = replace(blank, keys=(fault.key,), reason=fault.reason, detail=fault.detail)
            yield Parcel(message, tuning.fault_delay)
    if waiting:
        keys = tuple(fault.key for fault in waiting)
        subs = tuple(fault.waits_for for fault in waiting)
        yield Parcel(replace(blank, keys=keys, reason=Reason.UNMAPPED, waits_for=subs), 0)
    yield from grouped(blank, result.unsettled, Reason.UNSETTLED, tuning.unsettled_delay, tuning)
    yield from grouped(blank, result.ambiguous, Reason.AMBIGUOUS, tuning.ambiguous_delay, tuning)


def grouped(
    blank: RetryMessage, keys: Sequence[Key], reason: Reason, delay: int, tuning: Tuning = TUNING
) -> Iterator[Parcel]:
    """`blank` with all of `keys`, so many in each message that it fits the queue."""
    for start in range(0, len(keys), tuning.keys_per_message):
        part = tuple(keys[start : start + tuning.keys_per_message])
        for message in _fitting(replace(blank, keys=part, reason=reason), tuning):
            yield Parcel(message, delay)


def _fitting(message: RetryMessage, tuning: Tuning) -> Iterator[RetryMessage]:
    """The message, in halves where its body is too large: JSON writes a control character as six."""
    half = len(message.keys) // 2
    if half == 0 or len(message.body()) <= tuning.message_bytes:
        yield message
        return
    for part in (message.keys[:half], message.keys[half:]):
        yield from _fitting(replace(message, keys=part), tuning)
