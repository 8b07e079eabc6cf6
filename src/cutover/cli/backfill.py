"""`cutover backfill`: bring over what was in the source tables before the mirror followed them."""

from __future__ import annotations

from typing import Any

import rich_click as click

from cutover.aws.open_pairs import OpenedPair, new_run
from cutover.cli.backfill_end import tell_end, tell_start
from cutover.cli.backfill_export import (
    AWS,
    check_keys_from,
    export_words,
    from_export,
    keys_from_option,
    refuse_unreadable,
)
from cutover.cli.backfill_export_start import export_option
from cutover.cli.backfill_export_start import start as start_export
from cutover.cli.backfill_machine import (
    executions_of,
    follow_all,
    refuse_beside_execution,
    refuse_beside_other,
    runs_already,
    start_all,
)
from cutover.cli.backfill_pace import set_pace, typed_pace, wished_pace
from cutover.cli.backfill_screen import plan_table
from cutover.cli.backfill_stop import stop
from cutover.cli.backfill_work import Job, work_off
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import (
    PairChoice,
    forward_epoch,
    open_pairs,
    pair_options,
    termination_interrupts,
)
from cutover.control.deployment import Deployment
from cutover.errors import InterlockRefused, UsageError
from cutover.tables.backfill_hand import THREADS
from cutover.tables.backfill_plan import Wish, plan_backfill
from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.backfill_task import MOST_CONCURRENCY

WITHOUT_MIRROR = "without-mirror"


@click.command("backfill")
@pair_options
@click.option(
    "--on",
    "engine",
    type=click.Choice(["here", AWS]),
    default="here",
    show_default=True,
    help="Copy by this process, or by many functions of the stack. Either goes on with what the other began.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, MOST_CONCURRENCY),
    default=10,
    show_default=True,
    help="With --on aws: functions at once.",
)
@click.option("--detach", is_flag=True, help="With --on aws: start it, and end.")
@click.option("--segments", type=click.IntRange(1, 100_000), help="Scan segments. Default: ten a thread.")
@click.option(
    "--read-units", type=click.FloatRange(0), help="Read units/s on each table of a pair; 0 is no limit."
)
@click.option("--write-units", type=click.FloatRange(0), help="Write units/s on the target; 0 is no limit.")
@click.option("--pause", metavar="REASON", help="Hold the running backfill, and end.")
@click.option("--unpause", is_flag=True, help="Let a held backfill go on.")
@click.option("--stop", "stops", is_flag=True, help="Stop the running backfill, wherever it runs, and end.")
@click.option("--pace-only", is_flag=True, help="Set pace and pause for the backfill that runs, and end.")
@click.option("--without-mirror", is_flag=True, help="Copy though no mirror follows the source's stream.")
@keys_from_option
@export_option
@dry_run_option
@common_options
def command(invocation: Invocation, choice: PairChoice, **options: Any) -> None:
    """Copy what the source tables hold to their targets, beside the running mirror.

    It may be stopped at any moment and run again: it goes on where it was, first with the keys that were
    about to be written. A running backfill picks up a new pace within seconds.
    """
    deployment = invocation.deployment()
    opened = open_pairs(invocation, deployment, choice)
    if options["export"] is not None:
        start_export(invocation, opened, options)
        return
    if options["stops"]:
        stop(invocation, lambda: executions_of(invocation, deployment), opened, options["dry_run"])
        return
    check_keys_from(options, opened)
    if options["keys_from"] is not None and options["engine"] == AWS:
        refuse_unreadable(invocation, deployment, opened[0], options)
    paces = [wished_pace(one, options) for one in opened]
    if options["pause"] is not None or options["pace_only"]:
        set_pace(invocation, opened, paces, options["dry_run"])
        return
    if options["detach"] and options["engine"] != AWS:
        raise UsageError("--detach is of a backfill on AWS", fix="add --on aws, or leave out --detach")
    jobs = [_job(invocation, one, pace, choice, options) for one, pace in zip(opened, paces, strict=True)]
    table = plan_table([job.plan for job in jobs])
    if options["dry_run"]:
        data = {"dry_run": True, "pairs": [job.plan.data() for job in jobs]}
        invocation.render.result("backfill", data, text=table)
        return
    invocation.render.say(table)
    if options["engine"] == AWS:
        _on_aws(invocation, deployment, jobs, options)
    else:
        _here(invocation, deployment, jobs, options)


def _here(invocation: Invocation, deployment: Deployment, jobs: list[Job], options: dict[str, Any]) -> None:
    for job in jobs:
        refuse_beside_execution(invocation, deployment, job)
    _agree(invocation, jobs, options["without_mirror"])
    with termination_interrupts():
        tell_end(invocation, jobs, [work_off(invocation, job) for job in jobs])


def _on_aws(invocation: Invocation, deployment: Deployment, jobs: list[Job], options: dict[str, Any]) -> None:
    executions = executions_of(invocation, deployment)
    for job in jobs:
        refuse_beside_other(invocation, executions, job)
    if not all(runs_already(executions, job) for job in jobs):
        _agree(invocation, jobs, options["without_mirror"])
    started = start_all(invocation, executions, jobs)
    if options["detach"]:
        tell_start(invocation, started)
        return
    with termination_interrupts():
        tell_end(invocation, jobs, follow_all(invocation, executions, started))


def _job(
    invocation: Invocation,
    opened: OpenedPair,
    pace: BackfillPace,
    choice: PairChoice,
    options: dict[str, Any],
) -> Job:
    epoch = forward_epoch(invocation, opened)
    problem = opened.mirror_problem()
    if problem and not options["without_mirror"]:
        raise InterlockRefused(
            "mirror_not_running",
            f"no mirror follows {opened.source.name}",
            cause=problem,
            fix="deploy with MirrorState=on and the source's stream, wait until the mapping is enabled, or "
            f"give --{WITHOUT_MIRROR}: what changes while or after its page is copied then stays old",
            next_command=invocation.command("status"),
        )
    on_aws = options["engine"] == AWS
    workers = options["concurrency"] * THREADS if on_aws else choice.workers
    wish = Wish(
        workers,
        options["segments"],
        pace,
        options["concurrency"] if on_aws else None,
        unmirrored=bool(problem),
    )
    if options["keys_from"] is not None:
        opened, wish = from_export(invocation, opened, wish, options)
    plan = plan_backfill(
        opened.pair.id, opened.backfill_ledger, wish, opened.source_facts, opened.target_facts, new_run
    )
    again = (*choice.words(), *((f"--{WITHOUT_MIRROR}",) if problem else ()), *export_words(options))
    folder, typed = options["keys_from"] or "", typed_pace(options)
    return Job(opened, plan, epoch, problem, choice.patience, again, folder, typed)


def _agree(invocation: Invocation, jobs: list[Job], without_mirror: bool) -> None:
    open_ = [job for job in jobs if job.mirror_problem]
    if without_mirror and open_:
        for job in open_:
            invocation.render.say(f"{job.plan.pair_id}: {job.mirror_problem}")
        invocation.confirm(
            "Without a mirror, a change made in the source while or after its page is copied stays out of "
            "the target, and an item deleted there stays in it.",
            typed=WITHOUT_MIRROR,
        )
    else:
        invocation.confirm("Copy now?")
