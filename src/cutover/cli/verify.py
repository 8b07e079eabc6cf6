"""`cutover verify`: say whether the target tables hold what the source tables ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import rich_click as click

from cutover.aws.open_pairs import OpenedPair
from cutover.aws.verify_ledger import mirror_lag
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import PairChoice, open_pairs, pair_options, termination_interrupts
from cutover.cli.report_file import ReportFile
from cutover.cli.verify_screen import findings_text, plan_text, result_table
from cutover.cli.verify_work import VerifyPlan, verify_pair
from cutover.control.deployment import Deployment
from cutover.errors import DifferencesFound, UsageError
from cutover.tables.verify_report import Verified

UNKNOWN_LAG = 10.0
LAG_FACTOR = 2.0


@dataclass(frozen=True)
class Wanted:
    """The verb's own options."""

    probes: int
    spacing: float | None
    read_units: float | None
    consistent: bool
    most_keys: int
    show_keys: bool
    repair: bool


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
@click.option("--repair", is_flag=True, help="Converge missing and different items. Extra ones stay.")
@dry_run_option
@common_options
def command(
    invocation: Invocation,
    choice: PairChoice,
    report: Path | None,
    dry_run: bool,
    probes: int,
    spacing: float | None,
    read_units: float | None,
    consistent: bool,
    most_keys: int,
    show_keys: bool,
    repair: bool,
) -> int:
    """Compare source and target, item by item, while writes go on.

    Missing, different and extra items count once several consistent looks agree; what changes at every look
    is in flight and no difference. Exit code 3 says that there are differences.
    """
    if repair and invocation.no_input and not invocation.yes:
        raise UsageError(
            "a repair has to be agreed to", cause="--no-input was given", fix="add --yes to agree beforehand"
        )
    wanted = Wanted(probes, spacing, read_units, consistent, most_keys, show_keys, repair)
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


def _plan(
    invocation: Invocation, deployment: Deployment, opened: OpenedPair, wanted: Wanted, choice: PairChoice
) -> VerifyPlan:
    lag = mirror_lag(invocation.aws, deployment.output("MirrorTableFunction"), int(time.time()))
    spacing = max(UNKNOWN_LAG, LAG_FACTOR * (lag or 0.0)) if wanted.spacing is None else wanted.spacing
    return VerifyPlan(
        opened=opened,
        workers=choice.workers,
        patience=choice.patience,
        probes=wanted.probes,
        spacing=spacing,
        lag=lag,
        read_units=wanted.read_units,
        consistent=wanted.consistent,
        most_keys=wanted.most_keys,
        repair=wanted.repair,
    )


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
