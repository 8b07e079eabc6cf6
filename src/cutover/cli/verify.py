"""`cutover verify`: say whether the target tables hold what the source tables ask for."""

from __future__ import annotations

from typing import Any

import rich_click as click

from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import PairChoice, pair_openings, pair_options, termination_interrupts
from cutover.cli.report_file import ReportFile
from cutover.cli.verify_certify import certify
from cutover.cli.verify_check import check
from cutover.cli.verify_end import report_of, tell
from cutover.cli.verify_options import Wanted, verify_options, wanted_of
from cutover.cli.verify_plan import VerifyPlan, make_plan
from cutover.cli.verify_screen import plans_text
from cutover.cli.verify_stuck import Stuck
from cutover.cli.verify_work import verify_pair
from cutover.errors import PartlyDone, UsageError


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
            _refuse_choice(choice)
            return check(invocation, deployment, choice, wanted, wanted.check)
        if wanted.certify is not None:
            return certify(invocation, deployment, choice, wanted, wanted.certify, dry_run=dry_run)
        openings = pair_openings(invocation, deployment, choice)
        stuck = Stuck(len(openings) == 1, (*choice.words(), *wanted.words()))
        plans = []
        for pair_id, opening in openings.items():
            with stuck.holding(invocation, pair_id):
                plans.append(make_plan(invocation, deployment, opening(), wanted, choice))
        if not dry_run:
            return _run(invocation, plans, wanted, stuck)
    data = {"dry_run": True, "pairs": [plan.data() for plan in plans], "stuck": stuck.data()}
    invocation.render.result("verify", data, text=plans_text(plans), ok=not stuck.causes)
    return PartlyDone.exit_code if stuck.causes else 0


def _refuse_choice(choice: PairChoice) -> None:
    """Raises UsageError: to look at some of a certificate's pairs would say yes to the others unseen."""
    if choice.named():
        raise UsageError(
            "--check is of all the pairs of a certificate",
            cause=f"{' '.join(choice.named())} was given",
            fix="leave it out",
        )


def _run(invocation: Invocation, plans: list[VerifyPlan], wanted: Wanted, stuck: Stuck) -> int:
    invocation.render.say(plans_text(plans))
    file = ReportFile.claim(wanted.report) if wanted.report else None
    done = []
    for plan in plans:
        with stuck.holding(invocation, plan.opened.pair.id):
            done.append(verify_pair(invocation, plan))
    if file:
        file.write(report_of(done))
    return tell(invocation, done, wanted, stuck=stuck)
