"""What a mapping does with one batch: invoke, bisect, retry, give up.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html. They leave open what
becomes of the records behind a failing one that has used up its retries; here they are given up with it,
because a function must not rely on better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cutover.rehearsal.pump.events import Record, created_at, sequence
from cutover.rehearsal.pump.invoke import Invocation
from cutover.rehearsal.pump.mapping import UNLIMITED, StreamMapping

BACKOFF_SECONDS = 0.2
LONGEST_BACKOFF_SECONDS = 5.0


class GaveUp(StrEnum):
    """The `condition` of an on-failure record."""

    RETRIES = "RetryAttemptsExhausted"
    AGE = "RecordAgeExceeded"


@dataclass(frozen=True)
class Delivery:
    """Where batches go and come from; everything that touches the world."""

    invoke: Callable[[list[Record]], Invocation]
    give_up: Callable[[list[Record], GaveUp, int], None]
    """Records, why, and how often they were tried."""
    wanted: Callable[[], bool]
    """False once the mapping was disabled, changed or deleted."""
    clock: Callable[[], float]
    sleep: Callable[[float], None]


def deliver(batch: list[Record], mapping: StreamMapping, world: Delivery) -> bool:
    """True when every record was taken or given up; False when the mapping is not wanted any more, and the
    whole batch is to come again."""
    waiting = [batch]
    while waiting:
        part = waiting.pop(0)
        if not _deliver_part(part, mapping, world, waiting):
            return False
    return True


def _deliver_part(
    part: list[Record], mapping: StreamMapping, world: Delivery, waiting: list[list[Record]]
) -> bool:
    tries = 0
    while True:
        part = _without_old(part, mapping, world, tries)
        if not part:
            return True
        if not world.wanted():
            return False
        came = world.invoke(part)
        rest = part if came.failed else _rest(part, came.answer, mapping)
        if not rest:
            return True
        if came.failed and mapping.bisect and len(rest) > 1:
            middle = len(rest) // 2
            waiting[:0] = [rest[:middle], rest[middle:]]
            return True
        tries = 1 if len(rest) < len(part) else tries + 1
        part = rest
        if mapping.retries != UNLIMITED and tries > mapping.retries:
            world.give_up(part, GaveUp.RETRIES, tries)
            return True
        world.sleep(min(BACKOFF_SECONDS * 2**tries, LONGEST_BACKOFF_SECONDS))


def _without_old(part: list[Record], mapping: StreamMapping, world: Delivery, tries: int) -> list[Record]:
    if mapping.record_age_seconds == UNLIMITED:
        return part
    oldest = world.clock() - mapping.record_age_seconds
    old = [record for record in part if created_at(record) < oldest]
    if old:
        world.give_up(old, GaveUp.AGE, tries)
    return [record for record in part if created_at(record) >= oldest]


def _rest(part: list[Record], answer: Any, mapping: StreamMapping) -> list[Record]:
    """What is to come again: everything from the lowest reported number on.

    A null answer or an empty list is a success; a number that is not of this batch fails all of it.
    """
    if not mapping.partial or answer is None:
        return []
    failures = answer.get("batchItemFailures") if isinstance(answer, Mapping) else None
    if not failures:
        return []
    numbers = [sequence(record) for record in part]
    reported = [
        failure.get("itemIdentifier") if isinstance(failure, Mapping) else None for failure in failures
    ]
    if any(number not in numbers for number in reported):
        return part
    return part[min(numbers.index(str(number)) for number in reported) :]
