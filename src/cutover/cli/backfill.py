"""`cutover backfill`: bring over what was in the source tables before the mirror followed them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import OpenedPair, new_run
from cutover.cli.backfill_export import check_keys_from, export_words, from_export, keys_from_option
from cutover.cli.backfill_export_start import export_option
from cutover.cli.backfill_export_start import start as start_export
from cutover.cli.backfill_screen import plan_table, result_table
from cutover.cli.backfill_work import Job, work_off
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import (
    PairChoice,
    forward_epoch,
    open_pairs,
    pair_options,
    termination_interrupts,
)
from cutover.errors import InterlockRefused, UsageError
from cutover.tables.backfill_plan import Wish, plan_backfill
from cutover.tables.backfill_rows import BackfillPace

WITHOUT_MIRROR = "without-mirror"


@click.command("backfill")
@pair_options
@click.option("--segments", type=click.IntRange(1, 1_000_000), help="Scan segments. Default: ten a thread.")
@click.option(
    "--read-units", type=click.FloatRange(0), help="Read units/s on each table of a pair; 0 is no limit."
)
@click.option("--write-units", type=click.FloatRange(0), help="Write units/s on the target; 0 is no limit.")
@click.option("--pause", metavar="REASON", help="Hold the running backfill, and end.")
@click.option("--unpause", is_flag=True, help="Let a held backfill go on.")
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
    opened = open_pairs(invocation, invocation.deployment(), choice)
    if options["export"]:
        start_export(invocation, opened, options)
        return
    check_keys_from(options, opened)
    paces = [_pace(one, options) for one in opened]
    if options["pause"] or options["pace_only"]:
        _pace_only(invocation, opened, paces, options["dry_run"])
        return
    jobs = [_job(invocation, one, pace, choice, options) for one, pace in zip(opened, paces, strict=True)]
    table = plan_table([job.plan for job in jobs])
    if options["dry_run"]:
        data = {"dry_run": True, "pairs": [job.plan.data() for job in jobs]}
        invocation.render.result("backfill", data, text=table)
        return
    invocation.render.say(table)
    _agree(invocation, jobs, options["without_mirror"])
    with termination_interrupts():
        runs = [work_off(invocation, job) for job in jobs]
    parked = sum(run.parked for run in runs)
    invocation.render.result(
        "backfill",
        {"pairs": [_data(job, run) for job, run in zip(jobs, runs, strict=True)]},
        text=result_table(list(zip((job.plan.pair_id for job in jobs), runs, strict=True))),
        next_command=invocation.command("status" if parked else "verify"),
    )


def _pace(opened: OpenedPair, options: dict[str, Any]) -> BackfillPace:
    """What the ledger holds, with what was typed in its place."""
    if options["pause"] and options["unpause"]:
        raise UsageError("--pause and --unpause exclude each other", fix="give one of them")
    pace = opened.pace_book.read()
    given = {name: options[name] for name in ("read_units", "write_units") if options[name] is not None}
    pace = replace(pace, **given)
    if options["unpause"]:
        pace = replace(pace, paused=False, reason="")
    return replace(pace, paused=True, reason=options["pause"]) if options["pause"] else pace


def _pace_only(
    invocation: Invocation, opened: list[OpenedPair], paces: list[BackfillPace], dry_run: bool
) -> None:
    rows: list[dict[str, object]] = []
    for one, pace in zip(opened, paces, strict=True):
        rows.append({"pair": one.pair.id, **vars(pace)})
        if not dry_run:
            one.pace_book.save(pace)
    lines = [
        f"{row['pair']}: read {_units(row['read_units'])}, write {_units(row['write_units'])}"
        + (f", paused ({row['reason']})" if row["paused"] else "")
        for row in rows
    ]
    invocation.render.result(
        "backfill", {"pace_only": True, "dry_run": dry_run, "pairs": rows}, text="\n".join(lines)
    )


def _units(units: object) -> str:
    return "by default" if units is None else f"{units:g} units/s" if units else "without limit"


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
    wish = Wish(choice.workers, options["segments"], pace)
    if options["keys_from"]:
        opened, wish = from_export(invocation, opened, wish, options)
    plan = plan_backfill(
        opened.pair.id, opened.backfill_ledger, wish, opened.source_facts, opened.target_facts, new_run
    )
    again = (*choice.words(), *((f"--{WITHOUT_MIRROR}",) if problem else ()), *export_words(options))
    return Job(opened, plan, epoch, problem, choice.patience, again)


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


def _data(job: Job, run: Any) -> dict[str, object]:
    counts = {name: getattr(run, name) for name in ("items", "written", "parked", "segments")}
    return {"pair": job.plan.pair_id, "run": run.run_id, "state": run.state.value, **counts}
