"""What a turn of a backfill tells the operator: counts and reasons, never a key or an item."""

from __future__ import annotations

from cutover.handlers.telemetry import count, logger
from cutover.tables.backfill_task import Outcome, Task, Turn


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
