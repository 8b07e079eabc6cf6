"""Backfills on many machines: start them or join in, and follow them to their ends."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cutover.aws.executions import RUNNING, Executions
from cutover.cli.backfill_follow import Started, follow
from cutover.cli.backfill_work import Job
from cutover.cli.options import Invocation
from cutover.cli.writer_lease import writer_lease
from cutover.control.deployment import Deployment
from cutover.errors import CutoverError, InterlockRefused, Interrupted
from cutover.tables.backfill_rows import Run


def executions_of(invocation: Invocation, deployment: Deployment) -> Executions:
    """Raises UsageError where the stack is of a version without the state machine."""
    client = invocation.aws.client("stepfunctions", attempts=3)
    return Executions(client, deployment.output("BackfillStateMachine"))


def execution_of(executions: Executions, run: Run) -> str | None:
    """The execution that works on the run now. Raises TableFault."""
    if run.execution and executions.look(run.execution).status == RUNNING:
        return run.execution
    return executions.running(run.run_id)


def runs_already(executions: Executions, job: Job) -> bool:
    """Raises TableFault."""
    return job.plan.resumes and execution_of(executions, job.plan.run) is not None


def start_all(invocation: Invocation, executions: Executions, jobs: Sequence[Job]) -> list[Started]:
    """Raises TableFault."""
    started = []
    for job in jobs:
        one = start(invocation, executions, job)
        how = "runs already" if one.joined else "started"
        invocation.render.say(f"{job.plan.pair_id}: {how}, {one.arn}")
        started.append(one)
    return started


def follow_all(invocation: Invocation, executions: Executions, started: Sequence[Started]) -> list[Run]:
    """One after the other, though all of them run at once. Raises the first error once all have ended, and
    Interrupted at once."""
    runs: list[Run] = []
    errors: list[CutoverError] = []
    for one in started:
        try:
            runs.append(follow(invocation, executions, one))
        except Interrupted:
            raise
        except CutoverError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return runs


def refuse_beside_execution(invocation: Invocation, deployment: Deployment, job: Job) -> None:
    """Its lease would say the same, but only after it was watched for a minute or more.

    Raises InterlockRefused (`lease_held`) where an execution works on the run, TableFault.
    """
    run = job.plan.run
    if not (job.plan.resumes and run.execution):
        return
    execution = execution_of(executions_of(invocation, deployment), run)
    if execution:
        raise InterlockRefused(
            "lease_held",
            f"backfill is running on {job.plan.pair_id} already",
            cause=f"the execution {execution} works on it",
            fix="follow it, or end it with --stop and go on here",
            next_command=invocation.command(
                "backfill", "--on", "aws", "--pair", job.plan.pair_id, *job.again
            ),
        )


def refuse_beside_other(invocation: Invocation, executions: Executions, job: Job) -> None:
    """A new run in the ledger would be the one that is gone on with, though its execution is refused.

    Raises InterlockRefused (`lease_held`) where an execution works on another run of the pair, TableFault.
    """
    for run in job.plan.superseded:
        execution = execution_of(executions, run)
        if execution:
            takes = f"takes its keys from {run.keys_from}" if run.keys_from else "scans the source"
            unfit = run.is_left_by(unmirrored=job.plan.run.unmirrored)
            raise InterlockRefused(
                "lease_held",
                f"another backfill is running on {job.plan.pair_id}",
                cause=f"the execution {execution} works on run {run.run_id}, of {run.segments:,} segments, "
                f"and {takes}" + ("; it went without a mirror, and one runs now" if unfit else ""),
                fix="stop it and start this one"
                if unfit
                else "follow it by the words that it was started with, or stop it and start this one",
                next_command=invocation.command("backfill", "--stop", "--pair", job.plan.pair_id),
            )


def start(invocation: Invocation, executions: Executions, job: Job) -> Started:
    """Starts what the plan says, or joins in where it runs.

    Raises InterlockRefused (`lease_held`) where a new run would stand beside a writer that is at work: the
    execution would be refused, and the run would be there as the newest. Raises TableFault.
    """
    plan, opened = job.plan, job.opened
    running = execution_of(executions, plan.run) if plan.resumes else None
    job.set_pace()
    if plan.resumes and plan.run.unmirrored:
        opened.backfill_ledger.mark_unmirrored(plan.run.run_id)
    if running:
        return Started(job, running, joined=True)
    if not plan.resumes:  # the row of a run that goes on may be in use; the execution takes it over itself
        with writer_lease(invocation, opened, "backfill"):
            opened.backfill_ledger.save_run(plan.run)
    name = f"{plan.run.run_id}-{secrets.token_hex(4)}"
    width = plan.concurrency or 1
    execution = executions.start(name, plan.pair_id, plan.run.run_id, width, job.keys_from)
    return Started(job, execution, joined=False)
