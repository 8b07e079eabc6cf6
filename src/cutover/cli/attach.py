"""`cutover attach`: the stack's functions become triggers of the new pool."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import rich_click as click

from cutover.aws.index_building import WRITE_UNITS
from cutover.aws.old_sign_up import old_sign_up
from cutover.cli.attach_by_code import print_alone, print_and_wait
from cutover.cli.attach_facts import attach_facts, flow_clients, new_pool_of, pool_site, stack_protection
from cutover.cli.attach_run import Run, indexed
from cutover.cli.attach_users import Look, old_side
from cutover.cli.attach_words import CALLS_PER_SECOND, check_words, given_words, next_of
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pool_plan_view import attach_view
from cutover.cli.snapshot_file import snapshot_path, write_snapshot
from cutover.control.attach import Attached, AttachPorts, attach
from cutover.control.attach_facts import Accepted
from cutover.control.attach_plan import AttachPlan, plan_attach, with_taken
from cutover.control.refusals import raise_first
from cutover.control.snippets import TOOLS
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
@click.option(
    "--print",
    "print_for",
    type=click.Choice(list(TOOLS)),
    help="For a pool that is kept as code: print what to write there, wait until the pool shows it, note it.",
)
@click.option("--no-wait", is_flag=True, help="With --print: print it and do no more.")
@click.option("--add-attribute", is_flag=True, help="Add the attribute for the old sub. Cannot be undone.")
@click.option("--allow-taken-names", is_flag=True, help="Accept new users who hold an old user's name.")
@click.option("--old-sign-up-open", is_flag=True, help="Accept that people can sign up in the old pool.")
@click.option("--skip-name-check", is_flag=True, help="Do not compare the users of the two pools.")
@click.option("--rebuild-index", is_flag=True, help="Build the index of old users' names again.")
@click.option(
    "--index-write-units",
    type=click.FloatRange(min=0, min_open=True),
    default=WRITE_UNITS,
    show_default=True,
    help="The pace of the index, in write units of the ledger a second.",
)
@click.option("--show-users", is_flag=True, help="Name these users; otherwise they are shown by their subs.")
@click.option("--snapshot-file", help="Where the settings are saved. Default: below ~/.local/state/cutover.")
@click.option("--old-profile", help="The AWS profile that may list the old pool's users.")
@pace_option
def command(invocation: Invocation, **options: Any) -> int:
    """Attach the migration trigger, the sign-up guard and the claims to the new user pool.

    Changes these entries of LambdaConfig and nothing else: every other setting is sent back as it was read,
    and compared afterwards. `--dry-run` prints the plan that the run executes.
    """
    check_words(options)
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
        rebuild_index=options["rebuild_index"],
    )
    plan = plan_attach(facts, accepted)
    look = Look(
        invocation,
        site,
        old,
        case_sensitive=facts.case_sensitive,
        compare=plan.updates_pool and not options["skip_name_check"],
        index_units=options["index_write_units"],
    )
    only_shown = options["dry_run"] or options["no_wait"]
    if not plan.refusals and (only_shown or not plan.builds_index):
        plan = with_taken(plan, look.taken(), accepted)
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
        sleep=invocation.waits.sleep,
        client=site.client,
    )
    run = Run(invocation, look, accepted, deployment, given_words(options), options["show_users"])
    if not options["print_for"]:
        return _run(run, plan, ports)
    if options["no_wait"]:
        return print_alone(run, plan, options["print_for"])
    return print_and_wait(run, plan, ports, options["print_for"])


def _show(invocation: Invocation, plan: AttachPlan, following: str | None, *, show_users: bool) -> int:
    invocation.render.result(
        "attach",
        {"dry_run": True, "plan": plan.as_json(show_users=show_users)},
        text=attach_view(plan, show_users=show_users),
        next_command=following,
        ok=not plan.refusals,
    )
    return InterlockRefused.exit_code if plan.refusals else 0


def _run(run: Run, plan: AttachPlan, ports: AttachPorts) -> int:
    invocation, show_users = run.invocation, run.show_users
    attached = Attached(None)
    if plan.steps:
        _ask(invocation, plan)
        plan = indexed(run, plan)
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


def _done(plan: AttachPlan, attached: Attached) -> str:
    if not plan.updates_pool and not plan.clients:
        return f"{plan.pool_id} was attached already"
    return f"{plan.pool_id} is attached; its settings before are in {attached.snapshot_file}"
