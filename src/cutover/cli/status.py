"""`cutover status`: one look at everything, and what to do next."""

from __future__ import annotations

import time

import rich_click as click

from cutover.aws.status_reader import read_status
from cutover.cli.lag_follow import follow as follow_lag
from cutover.cli.options import Invocation, common_options
from cutover.cli.status_screen import screen
from cutover.control.status_data import Command, as_data, next_command
from cutover.errors import UsageError


@click.command("status")
@common_options
@click.option("--ledger", help="The ledger's table, where the stack is gone.")
@click.option("--new-pool", help="The new pool's id, where the stack is gone.")
@click.option(
    "--follow",
    type=click.FloatRange(min=1.0),
    is_flag=False,
    flag_value=10.0,
    metavar="[SECONDS]",
    help="Watch how far the mirror is behind and where that is heading, every so many seconds (10).",
)
@click.option("--count-all", is_flag=True, help="Count every user, however long it takes.")
def command(
    invocation: Invocation, ledger: str | None, new_pool: str | None, count_all: bool, follow: float | None
) -> int:
    """See how far the migration is, how far the mirror lags, what blocks and what is next.

    It only looks. Numbers of users are the ledger's own and exact unless they say "at least"; what Cognito
    and SQS estimate is said to be about that. What AWS does not let this caller read is named and left out.
    """
    if invocation.stack and (ledger or new_pool):
        raise UsageError(
            "--stack and --ledger, --new-pool do not go together",
            cause="the stack names its ledger and its pool itself",
            fix="give --ledger and --new-pool only where the stack is gone",
        )
    if new_pool and not ledger:
        raise UsageError("--new-pool needs --ledger", fix="give the name of the ledger's table, too")
    if follow is not None:
        if ledger:
            raise UsageError(
                "--follow needs the stack",
                cause="the mirror and its metrics go with it",
                fix="leave --ledger out",
            )
        follow_lag(invocation, follow)
        return 0
    facts = read_status(
        invocation.aws,
        int(time.time()),
        deployment=None if ledger else invocation.deployment(),
        ledger=ledger,
        new_pool=new_pool,
        all_pages=count_all,
    )
    line = _without_stack(invocation, ledger, new_pool) if ledger else invocation.command
    invocation.render.result(
        "status", as_data(facts, line), text=screen(facts), next_command=next_command(facts, line)
    )
    return 0


def _without_stack(invocation: Invocation, ledger: str, new_pool: str | None) -> Command:
    """Makes the commands that do without a stack, and names them the ledger and the pool."""
    where = ("--ledger", ledger, *(("--new-pool", new_pool) if new_pool else ()))

    def command(*words: str) -> str | None:
        return invocation.command(*words, *where) if words[0] in ("detach", "status") else None

    return command
