"""A backfill that runs on AWS, followed: how it gets on, why it waits, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cutover.aws.executions import RUNNING, Executions, Look
from cutover.cli.backfill_work import Job
from cutover.cli.options import Invocation
from cutover.cli.progress import Bar
from cutover.errors import CutoverError, InterlockRefused, Interrupted, PartlyDone
from cutover.tables.backfill_rows import Run, RunState
from cutover.tables.backfill_task import LONGEST_WAIT
from cutover.tables.patience import Patience
from cutover.tables.ports import TableFault

LOOK_SECONDS = 2.0
SILENCE = 2 * LONGEST_WAIT
"""Seconds without a word of a worker that are worth telling."""
REFUSALS = frozenset({"authority", "export_unfit", "lease_held", "lease_lost", "run_over"})
"""Errors of an execution that are interlocks."""


@dataclass(frozen=True)
class Started:
    """`arn` is the execution; `joined` that it ran already."""

    job: Job
    arn: str
    joined: bool


def follow(
    invocation: Invocation,
    executions: Executions,
    started: Started,
    *,
    clock: Callable[[], float] = time.time,
) -> Run:
    """Shows how it gets on until it ends; gives the run that is done. `clock` gives epoch seconds.

    Raises PartlyDone, InterlockRefused and Interrupted, with what to run next.
    """
    job = started.job
    left = max(job.plan.estimate - job.plan.items_done, 0)
    waits = invocation.waits
    patience = Patience(job.patience, say=invocation.render.say, clock=waits.clock, sleep=waits.sleep)
    with _running_on(invocation, job), invocation.render.progress(job.plan.pair_id, left or None) as bar:
        shown = job.plan.items_done
        while True:
            look = patience(lambda: executions.look(started.arn))
            run = patience(lambda: _run_of(job))
            shown = _show(bar, run, shown, clock)
            if look.status != RUNNING:
                break
            waits.sleep(LOOK_SECONDS)
    return _ended(invocation, job, look, run)


def _run_of(job: Job) -> Run:
    runs = job.opened.backfill_ledger.runs()
    return next((run for run in runs if run.run_id == job.plan.run.run_id), job.plan.run)


def _show(bar: Bar, run: Run, shown: int, clock: Callable[[], float]) -> int:
    silent = clock() - run.why_at
    note = run.why if silent < SILENCE or not run.why_at else f"no word for {silent // 60:.0f} minutes"
    bar.advance(run.items - shown, note=note)
    return run.items


@contextmanager
def _running_on(invocation: Invocation, job: Job) -> Iterator[None]:
    """Whatever ends the following leaves the backfill running, and says so."""
    pair = job.plan.pair_id
    fix = "it runs on without you; " + invocation.command("backfill", "--stop", "--pair", pair) + " stops it"
    command = invocation.command("backfill", "--on", "aws", "--pair", pair, *job.again)
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(
            f"no longer following the backfill of {pair}", fix=fix, next_command=command
        ) from None
    except TableFault as fault:
        raise PartlyDone(
            f"the backfill of {pair} cannot be followed any longer",
            cause=f"{fault.table}: {fault.reason}",
            fix=fix,
            next_command=command,
        ) from fault


def _ended(invocation: Invocation, job: Job, look: Look, run: Run) -> Run:
    if run.state is RunState.DONE:
        return run
    raise _end(invocation, job, look, run)


def _end(invocation: Invocation, job: Job, look: Look, run: Run) -> CutoverError:
    pair = job.plan.pair_id
    command = invocation.command("backfill", "--on", "aws", "--pair", pair, *job.again)
    kept = "its place and the keys about to be written are in the ledger"
    if look.status == "SUCCEEDED" or look.error == "stopped":
        return PartlyDone(
            f"the backfill of {pair} was stopped",
            cause=kept,
            fix="go on whenever you like",
            next_command=command,
        )
    cause = run.error or look.cause or look.error or f"the execution is {look.status}"
    if look.error in REFUSALS:
        return InterlockRefused(
            look.error,
            f"the backfill of {pair} has stopped: it may not go on",
            cause=cause,
            fix="see who rules the pair, and what else is running",
            next_command=invocation.command("status"),
        )
    return PartlyDone(
        f"the backfill of {pair} has failed",
        cause=cause,
        fix=f"see what is wrong, then go on: {kept}",
        next_command=command,
    )
