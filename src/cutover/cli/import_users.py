"""`cutover import-users`: the files of an export go through user import jobs, one after the other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.aws.import_jobs import PoolJobs
from cutover.aws.import_ledger import ImportLedger
from cutover.aws.straggler_reads import import_pool
from cutover.cli.attach import pace_option
from cutover.cli.attach_facts import new_pool_of, paced_calls
from cutover.cli.export_files import check_file
from cutover.cli.import_folder import file_of, read_manifest, unfit
from cutover.cli.import_view import import_view, outcome_view
from cutover.cli.import_work import ImportSite, retry_folder, settle_file
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import termination_interrupts
from cutover.cli.progress import Bar
from cutover.control.import_facts import pool_refusals
from cutover.control.import_job import ACTIVE, POLL_SECONDS, JobPorts, JobSeen, job_name, run_job
from cutover.control.import_plan import (
    MOST_A_DAY,
    STALE_HOURS,
    Accepted,
    ImportFile,
    ImportPlan,
    counted,
    import_refusals,
)
from cutover.control.import_runs import ImportRun, RunState
from cutover.control.refusals import raise_first
from cutover.errors import InterlockRefused, Interrupted, PartlyDone, UsageError
from cutover.users.settings import region_of

DAY = 86_400


@click.command("import-users")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@common_options
@dry_run_option
@click.option("--role-arn", help="The role by which Cognito writes the job's log. Default: the stack's.")
@click.option(
    "--max-rate",
    type=click.FloatRange(min=0),
    default=MOST_A_DAY,
    show_default=True,
    help="Refuse while more users a day than that still come over by themselves.",
)
@click.option("--allow-squatted", is_flag=True, help="Go on although strangers hold old users' names.")
@click.option(
    "--max-age-hours",
    type=click.FloatRange(min=0),
    default=STALE_HOURS,
    show_default=True,
    help="Refuse an export that is older.",
)
@click.option(
    "--poll-seconds",
    type=click.FloatRange(min=0),
    default=POLL_SECONDS,
    show_default=True,
    help="How often a running job is looked at.",
)
@pace_option
def command(invocation: Invocation, folder: Path, dry_run: bool, **options: Any) -> int:
    """Import the files of `cutover export-users` into the new pool.

    An imported user has to reset the password: they have lost the seamless way. Stopped half-way, the same
    command goes on where it was.
    """
    plan, site, runs = _plan(invocation, folder, options)
    if dry_run:
        invocation.render.result(
            "import-users",
            {"dry_run": True, "plan": plan.as_json()},
            text=import_view(plan),
            ok=not plan.refusals,
        )
        return InterlockRefused.exit_code if plan.refusals else 0
    invocation.render.say(import_view(plan))
    raise_first(plan.refusals, next_command=_next(invocation, plan))
    if plan.open_files:
        count = f"{plan.lose_the_seamless_way} users lose the seamless way."
        invocation.confirm(f"This imports into the live user pool. {count}", typed=plan.new_pool)
    again = invocation.command("import-users", str(folder))
    try:
        with termination_interrupts():
            done = [_import(invocation, site, folder, file, runs) for file in plan.files]
    except KeyboardInterrupt:
        raise Interrupted(
            "interrupted; a job that was started goes on in AWS",
            fix="run the same command again: it attaches to the job",
            next_command=again,
        ) from None
    return _end(invocation, plan, done, again)


def _plan(
    invocation: Invocation, folder: Path, options: Mapping[str, Any]
) -> tuple[ImportPlan, ImportSite, dict[str, ImportRun]]:
    deployment = invocation.deployment()
    new_pool = new_pool_of(deployment)
    manifest = read_manifest(folder, new_pool)
    aws = invocation.aws.elsewhere(region=region_of(new_pool))
    calls = paced_calls(invocation, aws, options["calls_per_second"])
    pool, found = import_pool(calls, new_pool)
    ledger = ImportLedger(invocation.aws.client("dynamodb", attempts=3), deployment.output("LedgerTable"))
    role_arn = options["role_arn"] or deployment.outputs.get("ImportLogsRoleArn", "")
    if not role_arn:
        raise UsageError(
            "no role for the job's log is known",
            cause="the stack has no output ImportLogsRoleArn",
            fix="name one with --role-arn; docs/stragglers.md has its policy",
        )
    jobs = PoolJobs(calls, new_pool, role_arn)
    runs = {run.id: run for run in ledger.runs(new_pool)}
    files = tuple(file_of(folder, manifest, row, runs) for row in manifest["files"])
    for file in files:
        check_file(folder / file.csv, folder / file.people, pool, lambda rule: unfit(folder, rule))
    mine = {file.id for file in files}
    ours = {run.job_id for run in runs.values() if run.id in mine}
    now = time.time()
    rate = max(ledger.confirmed_since(int(now - DAY)), ledger.confirmed_since(int(now - 7 * DAY)) / 7)
    left_out = manifest.get("counts", {}).get("left_out", {})
    plan = ImportPlan(
        new_pool=new_pool,
        folder=str(folder),
        role_arn=role_arn,
        files=files,
        confirmed_a_day=rate,
        refusals=(
            *pool_refusals(pool, new_pool, manifest["legacy_sub"]),
            *import_refusals(
                confirmed_a_day=rate,
                squatted=max(int(left_out.get("squatted", 0)), ledger.squatted(new_pool)),
                age_hours=(now - manifest["exported_at"]) / 3600,
                active_jobs=[job.name for job in jobs.all() if job.status in ACTIVE and job.id not in ours],
                others=[run for run in runs.values() if run.open and run.id not in mine],
                begun=any(file.state for file in files),
                accepted=Accepted(options["max_rate"], options["allow_squatted"], options["max_age_hours"]),
            ),
        ),
    )
    site = ImportSite(
        new_pool=new_pool,
        pool_name=str(found["Name"]),
        new_users=int(found.get("EstimatedNumberOfUsers", 0)),
        pool=pool,
        legacy_sub=manifest["legacy_sub"],
        calls=calls,
        logs=aws.client("logs", attempts=3),
        ledger=ledger,
        ports=JobPorts(jobs, ledger.save, time.time, time.sleep, lambda _: None, options["poll_seconds"]),
    )
    return plan, site, runs


def _import(
    invocation: Invocation, site: ImportSite, folder: Path, file: ImportFile, runs: Mapping[str, ImportRun]
) -> ImportRun:
    run = runs.get(file.id) or ImportRun(
        new_pool=site.new_pool,
        id=file.id,
        state=RunState.CREATING,
        job_name=job_name(file.id, 1),
        folder=str(folder),
        file=file.csv,
        rows=file.rows,
        began_at=int(time.time()),
    )
    if not run.open:
        return run
    if run.state is not RunState.ENDED:
        with invocation.render.progress(f"import of {file.csv}", file.rows) as bar:
            run = run_job(run, str(folder / file.csv), replace(site.ports, show=_shown_on(bar)))
    with invocation.render.progress("users of the new pool", site.new_users or None) as bar:
        return settle_file(site, folder, file, run, bar)


def _shown_on(bar: Bar) -> Any:
    seen = [0]

    def show(job: JobSeen) -> None:
        bar.advance(job.done - seen[0], note=job.status)
        seen[0] = job.done

    return show


def _end(invocation: Invocation, plan: ImportPlan, done: list[ImportRun], again: str) -> int:
    folder = Path(plan.folder)
    for run in done:
        differs = counted(run.counts, run.job)
        if differs:
            invocation.render.say(f"warning: {run.file}: {differs}")
    left = [run for run in done if not run.open and retry_folder(folder, run).exists()]
    open_runs = [run for run in done if run.open]
    retry = (
        invocation.command("import-users", str(retry_folder(folder, left[0])), "--dry-run") if left else None
    )
    next_command = again if open_runs else retry or invocation.command("status")
    runs = [{"file": run.file, "job": dict(run.job), "counts": dict(run.counts)} for run in done]
    invocation.render.result(
        "import-users",
        {"dry_run": False, "plan": plan.as_json(), "runs": runs},
        text=outcome_view(done),
        next_command=next_command,
        ok=not (left or open_runs),
    )
    return PartlyDone.exit_code if left or open_runs else 0


def _next(invocation: Invocation, plan: ImportPlan) -> str | None:
    if not all(refusal.options for refusal in plan.refusals):
        return None
    words = [word for refusal in plan.refusals for word in refusal.options]
    return invocation.command("import-users", plan.folder, *words, "--dry-run")
