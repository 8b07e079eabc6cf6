"""`cutover backfill --stop`: ask whoever backfills a pair to end, and see that it has."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from cutover.aws.executions import RUNNING, Executions
from cutover.aws.open_pairs import OpenedPair
from cutover.cli.backfill_machine import execution_of
from cutover.cli.options import Invocation
from cutover.tables.backfill_rows import RunState
from cutover.tables.lease import LeaseRow

ANSWER_SECONDS = 60.0
"""A worker hears of it at its next renewal, within seconds; one that waits in the state machine does not."""
LOOK_EVERY = 1.0


def stop(
    invocation: Invocation,
    executions: Callable[[], Executions],
    opened: Sequence[OpenedPair],
    dry_run: bool,
    *,
    sleep: Callable[[float], object] = time.sleep,
) -> None:
    """Raises TableFault, UsageError."""
    ends = [(one.pair.id, *_stopped(one, executions, dry_run, sleep)) for one in opened]
    lines = [f"{pair}: {how}" + (f" ({who})" if who else "") for pair, who, how in ends]
    rows = [{"pair": pair, "owner": who, "end": how} for pair, who, how in ends]
    invocation.render.result(
        "backfill",
        {"stop": True, "dry_run": dry_run, "pairs": rows},
        text="\n".join(lines),
        next_command=invocation.command("status"),
    )


def _stopped(
    opened: OpenedPair, executions: Callable[[], Executions], dry_run: bool, sleep: Callable[[float], object]
) -> tuple[str, str]:
    """Who was stopped, and how it ended."""
    book = opened.lease_book()
    found = book.read()
    held = found if found is not None and found.verb == "backfill" else None
    other = f"; {found.verb} is at work and goes on" if found is not None and held is None else ""
    execution = _execution(opened, executions, held)
    if not execution and held is None:
        return "", f"nothing backfills it{other}"
    owner = held.owner if held else str(execution)
    if dry_run:
        return owner, "would be stopped"
    asked = held is not None and book.ask_to_stop(held.owner)
    if execution:
        return owner, _end_execution(executions(), execution, asked, sleep)
    gone = _gone(opened, owner, sleep)
    return owner, "stopped" if gone else "does not answer: its lease runs out by itself"


def _execution(opened: OpenedPair, executions: Callable[[], Executions], held: LeaseRow | None) -> str | None:
    if held is not None and not held.owner.startswith("arn:"):
        return None
    unfinished = [run for run in opened.backfill_ledger.runs() if run.state is RunState.RUNNING]
    found = (execution_of(executions(), run) for run in reversed(unfinished))
    return next((arn for arn in found if arn), None)


def _end_execution(executions: Executions, arn: str, asked: bool, sleep: Callable[[float], object]) -> str:
    """Its workers end what they are at; then there is nothing to abort, or only what waits."""
    left = ANSWER_SECONDS if asked else 0.0
    while left > 0 and executions.look(arn).status == RUNNING:
        sleep(LOOK_EVERY)
        left -= LOOK_EVERY
    if executions.look(arn).status == RUNNING:
        executions.stop(arn, "cutover backfill --stop")
        return "aborted"
    return "stopped"


def _gone(opened: OpenedPair, owner: str, sleep: Callable[[float], object]) -> bool:
    left = ANSWER_SECONDS
    while left > 0:
        held = opened.lease_book().read()
        if held is None or held.owner != owner:
            return True
        sleep(LOOK_EVERY)
        left -= LOOK_EVERY
    return False
