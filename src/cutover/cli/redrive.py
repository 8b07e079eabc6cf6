"""`cutover redrive`: make the targets right for every key that is owed to them."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from cutover.aws.open_pairs import pairs_of
from cutover.aws.owed_parts import OwedParts, owed_parts
from cutover.cli.options import Invocation, common_options, dry_run_option
from cutover.cli.pair_options import (
    PairChoice,
    forward_epoch,
    open_pairs,
    pair_options,
    termination_interrupts,
)
from cutover.cli.redrive_screen import notes, pair_data, plan_text, report_document, result_table
from cutover.cli.redrive_work import PairRedriven, RedrivePlan, redrive_pair
from cutover.cli.report_file import ReportFile
from cutover.control.deployment import Deployment
from cutover.errors import PartlyDone
from cutover.tables.converge import never
from cutover.tables.dead_letters import Letters, take_in
from cutover.tables.ingest import Ingested
from cutover.tables.parking import NotParked, Reason
from cutover.tables.ports import TableFault


@click.command("redrive")
@pair_options
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    type=click.Choice([reason.value for reason in Reason]),
    help="Only these. Repeatable.",
)
@click.option("--reconcile", is_flag=True, help="Then converge every key of both tables; for long outages.")
@click.option(
    "--keys",
    "most_keys",
    type=click.IntRange(0),
    default=1000,
    show_default=True,
    help="Keys of a pair in the report.",
)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write a JSON report (0600).")
@dry_run_option
@common_options
def command(
    invocation: Invocation,
    choice: PairChoice,
    reasons: tuple[str, ...],
    reconcile: bool,
    most_keys: int,
    report: Path | None,
    dry_run: bool,
) -> int:
    """Converge everything that is owed: what the ledger, the dead-letter queue and the failure bucket hold.

    By keys alone, in any order, as often as you like; it may be stopped at any moment and run again. Exit
    code 6 says that something is still owed.
    """
    deployment = invocation.deployment()
    opened = open_pairs(invocation, deployment, choice)
    parts = owed_parts(deployment, invocation.aws)
    again = (*choice.words(), *_again(reasons, reconcile))
    plans = [
        RedrivePlan(
            opened=one,
            epoch=forward_epoch(invocation, one),
            owed=one.owed.summary(one.pair.id),
            reasons=reasons,
            reconcile=reconcile,
            workers=choice.workers,
            patience=choice.patience,
            again=again,
        )
        for one in opened
    ]
    dead, lost = parts.dead_letters.about(), parts.bucket.holds_any()
    text = plan_text(plans, dead=dead, lost=lost)
    if dry_run:
        data = {"dry_run": True, "dead_letters": dead, "failed_batches": lost}
        invocation.render.result("redrive", {**data, "pairs": [plan.data() for plan in plans]}, text=text)
        return 0
    invocation.render.say(text)
    invocation.confirm("Redrive now?")
    file = ReportFile.claim(report) if report else None
    with termination_interrupts():
        ingested, letters = _take_in(invocation, deployment, parts, plans)
        done = [redrive_pair(invocation, plan, most_keys) for plan in plans]
    if file:
        file.write(report_document(done))
    return _end(invocation, done, letters, ingested)


def _again(reasons: tuple[str, ...], reconcile: bool) -> tuple[str, ...]:
    words = [word for reason in reasons for word in ("--reason", reason)]
    return (*words, *(("--reconcile",) if reconcile else ()))


def _take_in(
    invocation: Invocation, deployment: Deployment, parts: OwedParts, plans: list[RedrivePlan]
) -> tuple[Ingested, Letters]:
    """Everything that the bucket and the queue hold becomes rows first, so that nothing rests on them."""
    chosen = [plan.pair_id for plan in plans]
    try:
        ingested = parts.intake(pairs_of(deployment, invocation.aws), chosen).run(never, strangers=True)
        letters = Letters()
        if parts.dead_letters.about():  # one that SQS does not count yet has its row in the ledger
            letters = take_in(parts.dead_letters, parts.silent_owing(), chosen, never)
    except NotParked as fault:
        raise TableFault(fault.who, fault.reason) from fault
    return ingested, letters


def _end(invocation: Invocation, done: list[PairRedriven], letters: Letters, ingested: Ingested) -> int:
    for note in notes(done, letters, ingested):
        invocation.render.say(note)
    left = sum(_left(one) for one in done) + letters.malformed
    invocation.render.result(
        "redrive",
        {
            "still_owed": left,
            "pairs": [pair_data(one) for one in done],
            "dead_letters": vars(letters),
            "failed_batches": vars(ingested),
        },
        text=result_table(done),
        next_command=_next(invocation, done, left),
        ok=left == 0,
    )
    return PartlyDone.exit_code if left else 0


def _left(one: PairRedriven) -> int:
    """Of what this redrive was about, without the keys that wait for a user: no redrive brings him over."""
    wanted = one.plan.reasons or one.left.keys
    return sum(one.left.keys.get(reason, 0) for reason in wanted if reason != Reason.UNMAPPED)


def _next(invocation: Invocation, done: list[PairRedriven], left: int) -> str:
    if not left:
        return invocation.command("verify")
    unreadable = sum(one.redriven.unknown for one in done)
    return invocation.command("verify" if unreadable == left else "redrive")
