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


@click.command("verify")
@pair_options
@verify_options
@dry_run_option
@common_options
def command(invocation: Invocation, choice: PairChoice, dry_run: bool, **options: Any) -> int:
    """Compare source and target, item by item, while writes go on.

    Missing, different and extra items count once several consistent looks agree; what changes at every look
    is in flight and no difference. Exit code 3 says that there are differences. A verify that was stopped or
    killed goes on where it was.
    """
    wanted = wanted_of(options, may_ask=invocation.yes or not invocation.no_input)
    deployment = invocation.deployment()
    with termination_interrupts():
        if wanted.check is not None:
            return check(invocation, deployment, choice, wanted, wanted.check)
        if wanted.certify is not None:
            return certify(invocation, deployment, choice, wanted, wanted.certify, dry_run=dry_run)
        opened = open_pairs(invocation, deployment, choice)
        plans = [make_plan(invocation, deployment, one, wanted, choice) for one in opened]
        if not dry_run:
            return _run(invocation, plans, wanted)
    data = {"dry_run": True, "pairs": [plan.data() for plan in plans]}
    invocation.render.result("verify", data, text=plans_text(plans))
    return 0


def _run(invocation: Invocation, plans: list[VerifyPlan], wanted: Wanted) -> int:
    invocation.render.say(plans_text(plans))
    file = ReportFile.claim(wanted.report) if wanted.report else None
    done = [verify_pair(invocation, plan) for plan in plans]
    if file:
        file.write(report_of(done))
    return tell(invocation, done, wanted)
