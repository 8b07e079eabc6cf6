"""What a turn of a backfill tells the operator: counts and reasons, never a key or an item."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cutover.errors import CutoverError
from cutover.handlers.telemetry import count, kind_and_place, logger
from cutover.tables.backfill_task import Outcome, Task, Turn


class Unforeseen(Exception):
    """What nobody foresaw, told by its kind and its place: its own text could hold a value of an item, and
    Step Functions keeps it in the execution's history."""


@contextmanager
def no_values_told(task: Task) -> Iterator[None]:
    """Raises Unforeseen in the place of whatever is no error of ours."""
    try:
        yield
    except CutoverError:
        raise
    except Exception as error:  # noqa: BLE001 - raised again, without its text
        what = kind_and_place(error)
        logger.error("backfill turn fails", extra={"pair": task.pair, "phase": task.phase.value, "why": what})
        raise Unforeseen(what) from None


def report_turn(task: Task, turn: Turn) -> None:
    """One line and the metrics of a turn."""
    write = logger.error if turn.outcome is Outcome.FAILED else logger.info
    write(
        "backfill turn",
        extra={
            "pair": task.pair,
            "run": task.run_id,
            "phase": task.phase.value,
            "slot": task.slot,
            "outcome": turn.outcome.value,
            "items": turn.items,
            "parked": turn.parked,
            "wait_seconds": turn.wait,
            "why": turn.why,
        },
    )
    if turn.items:
        count("BackfillItems", turn.items, pair=task.pair)
    if turn.parked:
        count("BackfillKeysParked", turn.parked, pair=task.pair)
    if turn.outcome is Outcome.FAILED:
        count("BackfillTurnsFailed", pair=task.pair, reason=turn.error)


def say(why: str) -> None:
    """What holds a worker while it works."""
    logger.info("backfill", extra={"why": why})
