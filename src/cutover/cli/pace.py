"""`cutover pace`: how fast the live mirror of a pair may go, and whether it goes at all."""

from __future__ import annotations

import time
from typing import Any

import rich_click as click

from cutover.aws.open_pairs import pairs_of
from cutover.aws.pair_limits import PairLimitsRow
from cutover.aws.pair_workers import PairWorkers
from cutover.cli.options import Invocation, common_options, dry_run_option, refuse_blank_reason
from cutover.cli.pace_view import plan_text, shown_data, shown_text
from cutover.errors import UsageError
from cutover.tables.pace_plan import PacePlan, Wanted, plan_pace


@click.command("pace")
@click.option("--pair", "pairs", multiple=True, help="Only this pair, by its id. Repeatable.")
@click.option("--table", "tables", multiple=True, help="Only the pair with this table. Repeatable.")
@click.option(
    "--read-units", type=click.FloatRange(0), help="Read units/s on each table of the pair; 0 is no limit."
)
@click.option("--write-units", type=click.FloatRange(0), help="Write units/s on the target; 0 is no limit.")
@click.option("--pause", metavar="REASON", help="Nothing is written until --resume.")
@click.option("--resume", is_flag=True, help="End the pause.")
@click.option("--show", is_flag=True, help="Show what is in force, and why. As without an option.")
@dry_run_option
@common_options
def command(
    invocation: Invocation,
    pairs: tuple[str, ...],
    tables: tuple[str, ...],
    dry_run: bool,
    show: bool,
    **given: Any,
) -> int:
    """Show or change how fast the live mirror of a pair may read and write, or pause it.

    A limit trades lag for capacity. It holds for the mirror, the retry, a backfill and a verify together;
    `backfill --pace-only` sets what the backfill alone may use of it.
    """
    wanted = Wanted(**given)
    _check(wanted, show)
    deployment = invocation.deployment()
    chosen = pairs_of(deployment, invocation.aws, pairs, tables)
    client, ledger = invocation.aws.client("dynamodb", attempts=3), deployment.output("LedgerTable")
    row, now = PairLimitsRow(client, ledger), int(time.time())
    plans = [plan_pace(pair.id, row.read(pair.id), wanted, now) for pair in chosen]
    changing = [plan for plan in plans if plan.changes]
    if changing and not dry_run:
        _agree(invocation, changing)
        for plan in changing:
            row.change(plan)
    workers = PairWorkers(client, ledger)
    shown = [(plan, *workers.read(plan.pair_id, now)) for plan in plans]
    changed = bool(changing) and not dry_run
    invocation.render.result(
        "pace",
        {"dry_run": dry_run, "changed": changed, "pairs": [shown_data(*one) for one in shown]},
        text=plan_text(changing) if changing and dry_run else "\n".join(shown_text(*one) for one in shown),
        next_command=_resume(invocation, changing) if changed else None,
    )
    return 0


def _check(wanted: Wanted, show: bool) -> None:
    if wanted.pause is not None and wanted.resume:
        raise UsageError("--pause and --resume go against each other", fix="give one of them")
    refuse_blank_reason(wanted.pause, "the nightly import")
    if show and not wanted.nothing:
        raise UsageError("--show changes nothing", fix="leave it out, or what is to be changed")


def _agree(invocation: Invocation, changing: list[PacePlan]) -> None:
    invocation.render.say(plan_text(changing))
    names = changing[0].pair_id if len(changing) == 1 else f"{len(changing)} pairs"
    invocation.confirm(f"Change the pace of {names}?")


def _resume(invocation: Invocation, changing: list[PacePlan]) -> str | None:
    paused = [plan.pair_id for plan in changing if plan.after.paused is not None]
    words = [word for pair in paused for word in ("--pair", pair)]
    return invocation.command("pace", *words, "--resume") if paused else None
