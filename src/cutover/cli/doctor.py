"""`cutover doctor`: will this migration work, and if not, why and what to do."""

from __future__ import annotations

import time

import rich_click as click

from cutover.cli.attach import pace_option
from cutover.cli.doctor_facts import Look, look
from cutover.cli.doctor_screen import screen
from cutover.cli.options import Invocation, common_options
from cutover.control.deployment import Deployment
from cutover.control.doctor.examine import as_data, count, examine, next_command
from cutover.control.doctor.findings import Severity
from cutover.control.status_data import Command
from cutover.errors import DifferencesFound, UsageError


@click.command("doctor")
@common_options
@click.option("--new-pool", help="The new pool's id, where no stack is deployed yet.")
@click.option("--old-pool", help="The old pool's id, where no stack is deployed yet.")
@click.option("--old-client", help="The old pool's app client, where no stack is deployed yet.")
@click.option("--skip-users", is_flag=True, help="Do not list the users of the pools.")
@click.option("--sample", type=click.IntRange(min=1), help="Look at so many old users at most.")
@click.option("--show-users", is_flag=True, help="Name squatters; otherwise they are shown by their subs.")
@click.option("--old-profile", help="The AWS profile that may read the old pool.")
@pace_option
def command(
    invocation: Invocation,
    *,
    new_pool: str | None,
    old_pool: str | None,
    old_client: str | None,
    skip_users: bool,
    sample: int | None,
    show_users: bool,
    old_profile: str | None,
    calls_per_second: float,
) -> int:
    """Look at everything that a migration of users depends on, and say what is wrong.

    It changes nothing. Before the stack is deployed it takes the pools by --new-pool and --old-pool. What AWS
    does not let this caller read is a finding itself. Exit code 3 says that errors were found.
    """
    deployment = _deployment(invocation, new_pool, old_pool, old_client)
    facts = look(
        invocation,
        deployment,
        Look(int(time.time()), calls_per_second, old_profile, users=not skip_users, sample=sample),
    )
    findings = examine(facts)
    line = invocation.command if deployment.stack else _without_stack(invocation)
    errors = count(findings)[Severity.ERROR]
    invocation.render.result(
        "doctor",
        as_data(facts, findings, line, show_users=show_users),
        text=screen(facts, findings, line, show_users=show_users),
        next_command=next_command(findings, line),
        ok=not errors,
    )
    return DifferencesFound.exit_code if errors else 0


def _deployment(
    invocation: Invocation, new_pool: str | None, old_pool: str | None, old_client: str | None
) -> Deployment:
    named = {"NewUserPoolId": new_pool, "OldUserPoolId": old_pool, "OldClientId": old_client}
    if not any(named.values()):
        return invocation.deployment()
    if invocation.stack:
        raise UsageError(
            "--stack and --new-pool, --old-pool, --old-client do not go together",
            cause="the stack names its pools itself",
            fix="name the pools only where no stack is deployed yet",
        )
    if not new_pool or not old_pool:
        raise UsageError("without a stack both pools are needed", fix="give --new-pool and --old-pool")
    return Deployment("", {name: value for name, value in named.items() if value})


def _without_stack(invocation: Invocation) -> Command:
    """Of the verbs only `init` runs without a stack."""
    return lambda *words: invocation.command(*words) if words[0] == "init" else None
