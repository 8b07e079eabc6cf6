"""`cutover verify`: say whether the target tables hold what the source tables ask for."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.verify_ledger import mirror_lag
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import PairChoice, open_pairs, pair_options, termination_interrupts
from cutover.cli.report_file import ReportFile
from cutover.cli.verify_folder import state_folder
from cutover.cli.verify_plan import SampleType, VerifyPlan, Wanted, new_seed
from cutover.cli.verify_screen import findings_text, plan_text, result_table
from cutover.cli.verify_work import folder_of, verify_pair
from cutover.control.deployment import Deployment
from cutover.errors import DifferencesFound, UsageError
from cutover.tables.verify_draw import SampleSize
from cutover.tables.verify_report import Verified

UNKNOWN_LAG = 10.0
LAG_FACTOR = 2.0


@click.command("verify")
@pair_options
@click.option(
    "--probes", type=click.IntRange(1, 20), default=3, show_default=True, help="Looks at a suspect."
)
@click.option(
    "--spacing",
    type=click.FloatRange(0),
    help="Seconds between two looks. Default: twice the mirror's lag, at least 10.",
)
@click.option("--read-units", type=click.FloatRange(min=0, min_open=True), help="Read units/s on each table.")
@click.option("--consistent", is_flag=True, help="Scan strongly consistently, at twice the price.")
@click.option("--keys", "most_keys", default=1000, show_default=True, help="Keys of each kind in the report.")
@click.option("--show-keys", is_flag=True, help="Print keys on the screen. They may be personal data.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a JSON report (0600).")
@click.option(
    "--repair",
    is_flag=True,
    help="Converge what is missing, different, or proven to be left behind by the mirror.",
)
@click.option("--accept-native", is_flag=True, help="Extra items that nothing proves ours are no difference.")
@click.option("--sample", type=SampleType(), help="Only a random part of both tables: 5%, or 10000 items.")
@click.option("--seed", type=click.IntRange(0), help="Draw the sample that this seed drew before.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to keep the place (0700). Default: below XDG_STATE_HOME.",
)
@click.option("--fresh", is_flag=True, help="Begin anew, whatever is kept of an earlier verify.")
@dry_run_option
@common_options
def command(
    invocation: Invocation,
    choice: PairChoice,
    report: Path | None,
    dry_run: bool,
    sample: SampleSize | None,
    seed: int | None,
    **options: Any,
) -> int:
    """Compare source and target, item by item, while writes go on.

    Missing, different and extra items count once several consistent looks agree; what changes at every look
    is in flight and no difference. Exit code 3 says that there are differences. A verify that was stopped or
    killed goes on where it was.
    """
    wanted = Wanted(sample=_seeded(sample, seed), **options)
    _check(invocation, wanted)
    deployment = invocation.deployment()
    opened = open_pairs(invocation, deployment, choice)
    plans = [_plan(invocation, deployment, one, wanted, choice) for one in opened]
    text = "\n".join(plan_text(plan) for plan in plans)
    if dry_run:
        data = {"dry_run": True, "pairs": [plan.data() for plan in plans]}
        invocation.render.result("verify", data, text=text)
        return 0
    invocation.render.say(text)
    file = ReportFile.claim(report) if report else None
    with termination_interrupts():
        done = [verify_pair(invocation, plan) for plan in plans]
    if file:
        file.write({"schema_version": 1, "verb": "verify", "pairs": [one.report() for one in done]})
    return _end(invocation, done, wanted, report)


def _seeded(sample: SampleSize | None, seed: int | None) -> SampleSize | None:
    if sample is None:
        if seed is not None:
            raise UsageError("there is no sample", cause="--seed without --sample", fix="add --sample")
        return None
    return replace(sample, seed=new_seed() if seed is None else seed)


def _check(invocation: Invocation, wanted: Wanted) -> None:
    if wanted.repair and invocation.no_input and not invocation.yes:
        raise UsageError(
            "a repair has to be agreed to", cause="--no-input was given", fix="add --yes to agree beforehand"
        )
    if wanted.sample and (wanted.state or wanted.fresh):
        raise UsageError(
            "nothing is kept of a sample",
            cause="--state or --fresh with --sample",
            fix="leave it out: a sample begins anew",
        )


def _plan(
    invocation: Invocation, deployment: Deployment, opened: OpenedPair, wanted: Wanted, choice: PairChoice
) -> VerifyPlan:
    lag = mirror_lag(invocation.aws, deployment.output("MirrorTableFunction"), int(time.time()))
    spacing = max(UNKNOWN_LAG, LAG_FACTOR * (lag or 0.0)) if wanted.spacing is None else wanted.spacing
    names = (opened.ledger.name, opened.pair.id)
    folder = None if wanted.sample else state_folder(wanted.state, *names)
    plan = VerifyPlan(opened, choice.workers, spacing, lag, choice.patience, wanted, folder)
    keep = folder_of(plan)
    return plan if keep is None else replace(plan, kept=keep.look())


def _end(invocation: Invocation, done: list[Verified], wanted: Wanted, report: Path | None) -> int:
    differences = sum(one.result.differences for one in done)
    findings = findings_text(done, show_keys=wanted.show_keys)
    if findings:
        invocation.render.say(findings)
    repairable = any(one.result.repairable for one in done)
    invocation.render.result(
        "verify",
        {
            "differences": differences,
            "pairs": [one.summary() for one in done],
            "report": str(report) if report else None,
        },
        text=result_table(done),
        next_command=_next(invocation, differences, repairable, wanted),
        ok=differences == 0,
    )
    return DifferencesFound.exit_code if differences else 0


def _next(invocation: Invocation, differences: int, repairable: bool, wanted: Wanted) -> str:
    if repairable and not wanted.repair:
        return invocation.command("verify", "--repair")
    return invocation.command("verify" if differences else "status")
