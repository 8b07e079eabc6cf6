"""How a redrive's plan and its end look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.table import Table

from cutover.cli.redrive_work import PairRedriven, RedrivePlan
from cutover.tables.dead_letters import Letters
from cutover.tables.ingest import Ingested
from cutover.tables.items import to_json
from cutover.tables.owed import OwedSummary
from cutover.tables.parking import Reason


def plan_text(plans: Sequence[RedrivePlan], *, dead: int, lost: bool) -> str:
    lines = [
        f"redrive {plan.pair_id}: {reasons_text(plan.owed) or 'nothing is owed'}"
        + (f"; only {', '.join(plan.reasons)}" if plan.reasons else "")
        + ("; then every key of both tables is reconciled" if plan.reconcile else "")
        for plan in plans
    ]
    lines.append(f"dead-letter queue: about {dead:,} messages; failure bucket: {_bucket(lost)}")
    return "\n".join(lines)


def reasons_text(owed: OwedSummary) -> str:
    """`3 validation, 1 lost`; `at least` where not all was counted."""
    found = ", ".join(f"{number:,} {reason}" for reason, number in sorted(owed.keys.items()))
    return found if owed.exact or not found else f"at least {found}"


def result_table(done: Sequence[PairRedriven]) -> Table:
    table = Table(
        "pair", "converged", "dropped", "still owed", "reconciled", title="redrive", title_justify="left"
    )
    for one in done:
        rec = one.reconciled
        table.add_row(
            one.plan.pair_id,
            f"{one.redriven.converged:,}",
            f"{one.redriven.dropped:,}",
            reasons_text(one.left) or "nothing",
            "" if rec is None else f"{rec.compared:,} keys, {rec.changed:,} items changed",
        )
    return table


def notes(done: Sequence[PairRedriven], letters: Letters, ingested: Ingested) -> Iterator[str]:
    """What the table has no room for."""
    if letters.malformed:
        yield f"{letters.malformed:,} messages in the dead-letter queue are not ours to read, and stay there"
    if ingested.strangers:
        yield f"{ingested.strangers:,} objects of the failure bucket are of tables that no pair has"
    for one in done:
        if one.redriven.unknown:
            yield (
                f"{one.plan.pair_id}: batches were lost that nobody can read, or that hold no key of the "
                "table; only a full verify that finds the pair equal clears them"
            )
        if one.left.keys.get(Reason.AMBIGUOUS):
            yield f"{one.plan.pair_id}: replies were lost; those keys are looked at again in 15 minutes"
        if one.left.keys.get(Reason.UNMAPPED):
            yield f"{one.plan.pair_id}: keys wait for users who have not come over, and converge when they do"
        if one.reconciled and one.reconciled.extra:
            yield (
                f"{one.plan.pair_id}: {one.reconciled.extra:,} items of the target are not in the source and "
                "nothing proves whose they are; they stay (--report names them)"
            )


def pair_data(one: PairRedriven) -> dict[str, Any]:
    """For JSON; no keys."""
    counts = {name: getattr(one.redriven, name) for name in ("converged", "remain", "dropped", "waiting")}
    rec = one.reconciled
    return {
        "pair": one.plan.pair_id,
        **counts,
        "unreadable_batches": one.redriven.unknown,
        "owed": dict(one.left.keys),
        "reconciled": None
        if rec is None
        else {name: getattr(rec, name) for name in ("compared", "changed", "looked", "proven", "extra")},
    }


def report_document(done: Sequence[PairRedriven]) -> dict[str, Any]:
    """For the report file, with the keys of the items that stay."""
    pairs = [{**pair_data(one), "extra_keys": [to_json(key) for key in one.extras]} for one in done]
    return {"schema_version": 1, "verb": "redrive", "pairs": pairs}


def _bucket(holds: bool) -> str:
    return "holds batches that were given up" if holds else "empty"
