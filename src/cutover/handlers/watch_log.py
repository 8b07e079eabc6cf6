"""What the watch tells the operator: its heartbeat, what drifted, how many squatters there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cutover.control.squatted import SquattedCount
from cutover.control.watch import Drift
from cutover.handlers.telemetry import count, kind_and_place, logger


def wait(text: str) -> None:
    """AWS makes us wait."""
    logger.info("watch", extra={"waiting": text})


def drift(found: Iterable[Drift]) -> None:
    """A count in any case, so that the alarm ends by itself; and one for each thing that differs."""
    found = tuple(found)
    count("WatchDrift", len(found))
    for one in found:
        count("WatchDrift", what=one.what)
        logger.error("watch", extra={"drift": one.what, "detail": one.detail})


def squatted(counted: SquattedCount | None) -> None:
    if counted is None:
        return
    count("Squatted", counted.count)
    done = {"squatted": counted.count, "complete": counted.complete, "next_shard": counted.shard}
    logger.info("watch", extra=done)


def all_of(looks: Iterable[Callable[[], None]]) -> None:
    """Every look is taken, whatever became of the others. Raises the first fault."""
    faults: list[Exception] = []
    for look in looks:
        try:
            look()
        except Exception as error:  # noqa: BLE001 - the other look is worth as much
            logger.error("watch", extra={"fault": kind_and_place(error)})
            faults.append(error)
    if faults:
        raise faults[0]
    count("WatchRan")
