"""How a verb that only looks reaches the tables: by the stack's roles, or by what the operator names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import roles_of
from cutover.aws.table_pairs import Roles
from cutover.cli.pair_options import OWN_CREDENTIALS
from cutover.control.deployment import Deployment

SAMPLE_UNITS = 25.0
"""Read units a second: a table with a minimum of capacity still serves its application beside that."""


def access_options(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --source-role --target-role --sample-units."""
    for option in (
        click.option(
            "--sample-units",
            type=click.FloatRange(min=0, min_open=True),
            default=SAMPLE_UNITS,
            show_default=True,
            help="Read units a second that a sample takes from each source.",
        ),
        click.option("--target-role", metavar="ARN", help="As --source-role, for the target tables."),
        click.option(
            "--source-role",
            metavar="ARN",
            help="The role that reaches the source tables. Default: the stack's parameter; "
            "`none` uses your own credentials.",
        ),
    ):
        verb = option(verb)
    return verb


def roles_for(deployment: Deployment, source_role: str | None, target_role: str | None) -> Roles:
    stack = roles_of(deployment)
    return Roles(_chosen(source_role, stack.source), _chosen(target_role, stack.target), stack.external_id)


def sub_map_table(deployment: Deployment) -> str:
    """The ledger that knows the users; empty where there is none yet."""
    return deployment.parameter("SubMapTableArn") or deployment.outputs.get("LedgerTable", "")


def _chosen(given: str | None, stack: str | None) -> str | None:
    if given is None:
        return stack
    return None if given == OWN_CREDENTIALS else given
