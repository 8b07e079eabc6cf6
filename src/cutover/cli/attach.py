"""`cutover attach`: the stack's functions become triggers of the new pool."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import rich_click as click

from cutover.aws.old_sign_up import old_sign_up
from cutover.cli.attach_facts import attach_facts, flow_clients, new_pool_of, pool_site, stack_protection
from cutover.cli.attach_users import old_side, taken_names
from cutover.cli.attach_words import CALLS_PER_SECOND, given_words, next_of
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pool_plan_view import attach_view
from cutover.cli.snapshot_file import snapshot_path, write_snapshot
from cutover.control.attach import Attached, AttachPorts, attach
from cutover.control.attach_facts import Accepted
from cutover.control.attach_plan import AttachPlan, plan_attach, with_taken
from cutover.control.refusals import raise_first
from cutover.errors import InterlockRefused

pace_option = click.option(
    "--calls-per-second",
    type=click.FloatRange(min=0, min_open=True),
    default=CALLS_PER_SECOND,
    show_default=True,
    help="The pace of the calls to each pool. Its applications share the same quotas.",
)


@click.command("attach")
@common_options
@dry_run_option
@click.option(
    "--without-guard",
    is_flag=True,
    help="Leave the sign-up guard out, and accept sign-ups by strangers under old users' names.",
)
@click.option("--without-claims", is_flag=True, help="Leave the function out that adds claims to tokens.")
@click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="ID",
    help="Allow this app client the password flow, which fires the trigger; repeat it.",
)
@click.option("--add-attribute", is_flag=True, help="Add the attribute for the old sub. Cannot be undone.")
@click.option("--allow-taken-names", is_flag=True, help="Accept new users who hold an old user's name.")
@click.option("--old-sign-up-open", is_flag=True, help="Accept that people can sign up in the old pool.")
@click.option("--skip-name-check", is_flag=True, help="Do not compare the users of the two pools.")
@click.option("--show-users", is_flag=True, help="Name these users; otherwise they are shown by their subs.")
@click.option("--snapshot-file", help="Where the settings are saved. Default: below ~/.local/state/cutover.")
@click.option("--old-profile", help="The AWS profile that may list the old pool's users.")
@pace_option
def command(invocation: Invocation, **options: Any) -> int:
    """Attach the migration trigger, the sign-up guard and the claims to the new user pool.

    Changes these entries of LambdaConfig and nothing else: every other setting is sent back as it was read,
    and compared afterwards. `--dry-run` prints the plan that the run executes.
    """
    deployment = invocation.deployment()
    pool_id = new_pool_of(deployment)
    site = pool_site(invocation, pool_id, deployment.output("LedgerTable"), options["calls_per_second"])
    old = old_side(
        invocation, deployment, per_second=options["calls_per_second"], profile=options["old_profile"]
    )
    facts = attach_facts(
        site,
        deployment,
        old_sign_up(old.calls, old.pool_id),
        flow_clients(site, options["clients"]),
    )
    accepted = Accepted(
        no_guard=options["without_guard"],
        no_claims=options["without_claims"],
        add_attribute=options["add_attribute"],
        taken_names=options["allow_taken_names"],
        old_sign_up_open=options["old_sign_up_open"],
    )
    plan = plan_attach(facts, accepted)
    if plan.updates_pool and not plan.refusals and not options["skip_name_check"]:
        taken = taken_names(invocation, site, facts, old)
        plan = with_taken(plan, taken, accepted)
    following = next_of(invocation, deployment, plan, given_words(options))
    path = snapshot_path(options["snapshot_file"], pool_id, datetime.now(UTC))
    if options["dry_run"]:
        return _show(invocation, plan, following, show_users=options["show_users"])
    told_as_error = replace(plan, refusals=plan.refusals[1:])
    invocation.render.say(attach_view(told_as_error, show_users=options["show_users"]))
    raise_first(plan.refusals, next_command=following)
    ports = AttachPorts(
        pool=site.pool,
        ledger=site.ledger,
        protection=stack_protection(site.aws, deployment.stack),
        keep=partial(write_snapshot, path),
        clock=time.time,
        sleep=time.sleep,
        client=site.client,
    )
    return _run(invocation, plan, ports, show_users=options["show_users"])


def _show(invocation: Invocation, plan: AttachPlan, following: str | None, *, show_users: bool) -> int:
    invocation.render.result(
        "attach",
        {"dry_run": True, "plan": plan.as_json(show_users=show_users)},
        text=attach_view(plan, show_users=show_users),
        next_command=following,
        ok=not plan.refusals,
    )
    return InterlockRefused.exit_code if plan.refusals else 0


def _run(invocation: Invocation, plan: AttachPlan, ports: AttachPorts, *, show_users: bool) -> int:
    attached = Attached(None)
    if plan.steps:
        _ask(invocation, plan)
        attached = attach(plan, ports)
    for change in attached.changed_elsewhere:
        invocation.render.say(f"warning: {change.path} changed too; nothing that we sent can set it")
    invocation.render.result(
        "attach",
        {
            "dry_run": False,
            "plan": plan.as_json(show_users=show_users),
            "already_attached": not plan.updates_pool,
            "snapshot_file": attached.snapshot_file,
            "changed_elsewhere": [change.as_json() for change in attached.changed_elsewhere],
        },
        text=_done(plan, attached),
        next_command=invocation.command("status"),
    )
    return 0


def _ask(invocation: Invocation, plan: AttachPlan) -> None:
    if plan.updates_pool:
        invocation.confirm(f"This changes the live user pool {plan.pool_id}.", typed=plan.pool_id)
    elif plan.clients:
        invocation.confirm(
            f"This changes app clients of the live user pool {plan.pool_id}.", typed=plan.pool_id
        )
    else:
        invocation.confirm("The triggers are attached already. Finish the steps above?")
    if plan.adds_attribute:
        name = plan.facts.attribute.name
        invocation.confirm(f"{name} can never be removed from the pool again.", typed=name)
    if plan.taken:
        count = str(len(plan.taken))
        invocation.confirm(f"{count} users of the new pool keep old users out.", typed=count)


def _done(plan: AttachPlan, attached: Attached) -> str:
    if not plan.updates_pool and not plan.clients:
        return f"{plan.pool_id} was attached already"
    return f"{plan.pool_id} is attached; its settings before are in {attached.snapshot_file}"
