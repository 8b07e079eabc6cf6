"""`cutover doctor`: will this migration work, and if not, why and what to do."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import rich_click as click

from cutover.cli.attach import pace_option
from cutover.cli.doctor_facts import Look, look
from cutover.cli.doctor_screen import screen
from cutover.cli.doctor_tables import DEFAULT_SAMPLE, TablesLook
from cutover.cli.options import Invocation, common_options
from cutover.cli.table_access import access_options, roles_for
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
@click.option("--table", "tables", multiple=True, metavar="SOURCE=TARGET", help="A pair, without a stack.")
@click.option("--skip-users", is_flag=True, help="Do not list the users of the pools.")
@click.option("--skip-items", is_flag=True, help="Read no item of the source tables.")
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    help="Look at so many old users, and items of each source table, at most. "
    f"Default: all users, {DEFAULT_SAMPLE} items.",
)
@click.option("--show-users", is_flag=True, help="Name squatters; otherwise they are shown by their subs.")
@click.option("--old-profile", help="The AWS profile that may read the old pool.")
@access_options
@pace_option
def command(invocation: Invocation, **options: Any) -> int:
    """Look at everything that the migration depends on, and say what is wrong.

    It changes nothing. Before the stack is deployed it takes the pools by --new-pool and --old-pool, the
    tables by --table. What AWS does not let this caller read is a finding itself. Exit code 3 says that
    errors were found.
    """
    deployment = _deployment(invocation, options)
    show_users: bool = options["show_users"]
    facts = look(invocation, deployment, _how(deployment, options))
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


def _how(deployment: Deployment, options: Mapping[str, Any]) -> Look:
    at = int(time.time())
    items = 0 if options["skip_items"] else options["sample"] or DEFAULT_SAMPLE
    roles = roles_for(deployment, options["source_role"], options["target_role"])
    return Look(
        at,
        options["calls_per_second"],
        options["old_profile"],
        users=not options["skip_users"],
        sample=options["sample"],
        tables=TablesLook(at, roles, items, options["sample_units"]),
    )


def _deployment(invocation: Invocation, options: Mapping[str, Any]) -> Deployment:
    named = {
        "NewUserPoolId": options["new_pool"],
        "OldUserPoolId": options["old_pool"],
        "OldClientId": options["old_client"],
        "Tables": _pairs(options["tables"]),
    }
    if not any(named.values()):
        return invocation.deployment()
    if invocation.stack:
        raise UsageError(
            "--stack and --new-pool, --old-pool, --old-client, --table do not go together",
            cause="the stack names its pools and tables itself",
            fix="name them only where no stack is deployed yet",
        )
    if (named["NewUserPoolId"] is None) != (named["OldUserPoolId"] is None) or (
        named["OldClientId"] and not named["NewUserPoolId"]
    ):
        raise UsageError("without a stack both pools are needed", fix="give --new-pool and --old-pool")
    return Deployment("", {name: value for name, value in named.items() if value})


def _pairs(tables: Sequence[str]) -> str | None:
    pairs = [table.partition("=") for table in tables]
    if not all(source and target for source, _, target in pairs):
        raise UsageError("--table takes SOURCE=TARGET", fix="write --table orders=orders-new")
    rows = [{"source": source, "target": target} for source, _, target in pairs]
    return json.dumps(rows) if rows else None


def _without_stack(invocation: Invocation) -> Command:
    """Of the verbs only `init` runs without a stack."""
    return lambda *words: invocation.command(*words) if words[0] == "init" else None
