"""`cutover detach`: takes our triggers out of the new pool, with the stack or without."""

from __future__ import annotations

import time
from dataclasses import replace

import rich_click as click

from cutover.aws.stack import StackMissing
from cutover.aws.stack_protection import StackProtection
from cutover.cli.attach import pace_option
from cutover.cli.attach_facts import Site, new_pool_of, pool_site, stack_protection
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pool_plan_view import detach_view
from cutover.control.deployment import Deployment
from cutover.control.detach import DetachPorts, detach
from cutover.control.detach_plan import DetachPlan, OurTriggers, plan_detach
from cutover.control.pool_diff import Change
from cutover.control.refusals import raise_first
from cutover.control.trigger_plan import CHAINED, OUTPUTS
from cutover.errors import CutoverError, InterlockRefused, UsageError


@click.command("detach")
@common_options
@dry_run_option
@click.option("--new-pool", help="The new pool's id, for a stack that is gone. Needs --ledger.")
@click.option("--ledger", help="The ledger table's name, for a stack that is gone. Needs --new-pool.")
@click.option("--force", is_flag=True, help="Take out of the live pool what its own code has set, too.")
@pace_option
def command(
    invocation: Invocation,
    dry_run: bool,
    new_pool: str | None,
    ledger: str | None,
    calls_per_second: float,
    force: bool,
) -> int:
    """Take our triggers out of the new user pool, and put back the functions that were there before.

    Every other setting stays as it is now. Running it twice does no harm, and a trigger that is not ours
    is never touched.
    """
    site, triggers, stack = _site(invocation, new_pool, ledger, calls_per_second)
    attachment = site.ledger.attachment(site.pool_id)
    stack = stack or (attachment.stack if attachment else None)
    protection = stack_protection(site.aws, stack) if stack else None
    plan = plan_detach(
        site.pool.describe(),
        site.pool.model,
        attachment,
        stack=triggers,
        protected=protection.is_on() if protection else None,
        force=force,
        clients={name: site.client(name).describe() for name in attachment.clients} if attachment else {},
    )
    if dry_run:
        invocation.render.result(
            "detach", {"dry_run": True, "plan": plan.as_json()}, text=detach_view(plan), ok=not plan.refusals
        )
        return InterlockRefused.exit_code if plan.refusals else 0
    invocation.render.say(detach_view(plan))
    raise_first(plan.refusals)
    where = ("--new-pool", new_pool, "--ledger", ledger) if new_pool and ledger else ()
    return _run(invocation, plan, site, protection, next_command=invocation.command("status", *where))


def _site(
    invocation: Invocation, new_pool: str | None, ledger: str | None, per_second: float
) -> tuple[Site, OurTriggers | None, str | None]:
    """The pool, the triggers that the stack names, and the stack; the last two only where it is asked."""
    if new_pool and ledger:
        return pool_site(invocation, new_pool, ledger, per_second), None, None
    if new_pool or ledger:
        raise UsageError("--new-pool and --ledger go together", fix="give both, or neither and the stack")
    try:
        deployment = invocation.deployment()
        pool_id, table = new_pool_of(deployment), deployment.output("LedgerTable")
        triggers = _triggers(deployment)
    except (StackMissing, UsageError) as error:
        raise _without_stack(invocation, error) from error
    return pool_site(invocation, pool_id, table, per_second), triggers, deployment.stack


def _triggers(deployment: Deployment) -> OurTriggers:
    """Raises UsageError where the stack names no trigger at all."""
    deployment.output("MigrateUserArn")
    functions = {
        kind: deployment.outputs[name] for kind, name in OUTPUTS.items() if name in deployment.outputs
    }
    chained = {kind: deployment.parameter(name) or "" for kind, name in CHAINED.items()}
    return OurTriggers(functions, chained)


def _without_stack(invocation: Invocation, error: StackMissing | UsageError) -> CutoverError:
    """The same error with the way that needs no stack."""
    return type(error)(
        error.message,
        cause=error.cause,
        fix=f"{error.fix}; where the stack is gone or broken, name the pool and the ledger themselves",
        next_command=replace(invocation, stack=None).command(
            "detach", "--new-pool", "ID", "--ledger", "TABLE"
        ),
    )


def _run(
    invocation: Invocation,
    plan: DetachPlan,
    site: Site,
    protection: StackProtection | None,
    *,
    next_command: str,
) -> int:
    elsewhere: tuple[Change, ...] = ()
    if plan.steps:
        invocation.confirm(f"This changes the live user pool {plan.pool_id}.", typed=plan.pool_id)
        sleep = invocation.waits.sleep
        ports = DetachPorts(site.pool, site.ledger, protection, time.time, sleep, site.client)
        elsewhere = detach(plan, ports)
    for change in elsewhere:
        invocation.render.say(f"warning: {change.path} changed too; nothing that we sent can set it")
    invocation.render.result(
        "detach",
        {
            "dry_run": False,
            "plan": plan.as_json(),
            "already_detached": not (plan.changes or plan.clients),
            "changed_elsewhere": [change.as_json() for change in elsewhere],
        },
        text=f"{plan.pool_id} is detached"
        if plan.changes or plan.clients
        else f"{plan.pool_id} was detached already",
        next_command=next_command,
    )
    return 0
