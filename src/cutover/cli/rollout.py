"""`cutover rollout`: which share of the users may come over, and the switch that stops everybody."""

from __future__ import annotations

import time

import rich_click as click

from cutover.aws.rollout_row import RolloutRow
from cutover.cli.attach_facts import new_pool_of
from cutover.cli.options import Invocation, common_options, dry_run_option, refuse_blank_reason
from cutover.control.rollout_plan import IN_FORCE, RolloutPlan, RolloutState, plan_rollout
from cutover.errors import UsageError


@click.command("rollout")
@common_options
@dry_run_option
@click.option("--percent", type=click.IntRange(0, 100), help="The share of the old users who may come over.")
@click.option("--pause", metavar="REASON", help="Nobody comes over until --resume.")
@click.option("--resume", is_flag=True, help="End the pause.")
def command(
    invocation: Invocation, dry_run: bool, percent: int | None, pause: str | None, resume: bool
) -> int:
    """Show or change who may come over yet, within seconds and without a deployment.

    Without an option it shows. A greater share takes nobody out; a smaller one sends back nobody who has
    come over. The guard of sign-ups takes no notice of it.
    """
    if pause is not None and resume:
        raise UsageError("--pause and --resume go against each other", fix="give one of them")
    refuse_blank_reason(pause, "the old pool is down")
    deployment = invocation.deployment()
    pool_id = new_pool_of(deployment)
    row = RolloutRow(invocation.aws.client("dynamodb", attempts=3), deployment.output("LedgerTable"))
    default = int(deployment.parameter("RolloutPercent") or 100)
    plan = plan_rollout(pool_id, default, row.read(pool_id), percent=percent, pause=pause, resume=resume)
    changed = plan.changes and not dry_run
    if changed:
        invocation.render.say(_plan_text(plan))
        invocation.confirm(f"Change the rollout of {pool_id}?")
        row.change(plan, int(time.time()))
    invocation.render.result(
        "rollout",
        {"dry_run": dry_run, "changed": changed, **plan.as_json()},
        text=_text(plan, plan.after) if changed or not plan.changes else _plan_text(plan),
        next_command=invocation.command("rollout", "--resume") if changed and plan.after.paused else None,
    )
    return 0


def _plan_text(plan: RolloutPlan) -> str:
    lines = [
        f"before: {_text(plan, plan.before)}",
        f"after:  {_text(plan, plan.after)}",
        f"        {IN_FORCE}",
    ]
    if plan.lowers:
        lines.append("        whoever has come over stays; whoever has not may be kept out again")
    return "\n".join(lines)


def _text(plan: RolloutPlan, state: RolloutState) -> str:
    whose = "" if state.percent is not None else " (the stack's own share)"
    share = f"{plan.pool_id}: {state.share(plan.default)} percent of the old users may come over{whose}"
    return share if state.paused is None else f"{share}, but it is paused: {state.paused}"
