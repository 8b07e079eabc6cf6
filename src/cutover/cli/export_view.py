"""What the operator sees of an export: the plan before it, who is in no file after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from cutover.cli.export_files import Written
from cutover.cli.export_store import LEFT_OUT, REFUSED, ROW
from cutover.control.import_facts import ExportPlan

_MEANING = {
    "came_over": "have come over by themselves, or were imported",
    "in_flight": "were offered and may yet come by themselves",
    "released": "were released: they come once more by themselves",
    "disabled": "are disabled in the old pool",
    "unconfirmed": "never confirmed their account",
    "temporary_password": "never changed their temporary password",
    "federated": "sign in through an identity provider",
    "second_factor": "have a second factor, which cannot be imported",
    "squatted": "a stranger in the new pool goes by their name, e-mail or phone",
    "status": "have a status that this version does not know",
    "no_verified_contact": "have no verified e-mail or phone of the kind the new pool verifies",
    "attributes_refused": "lack what the new pool requires, or a name for it",
    "unsafe_value": "have a value that could break the file",
    "name": "have a name that an import cannot take",
    "row_too_long": "have more than 16,000 characters",
    "no_old_sub": "have an old sub that does not fit its attribute",
    "name_collision": "have a name that an earlier user has in another spelling",
    "alias_taken": "have an e-mail or phone that somebody who came over has",
}


def export_view(plan: ExportPlan) -> str:
    lines = [
        f"old pool: {plan.old_pool}, about {plan.old_users:,} users",
        f"new pool: {plan.new_pool}, about {plan.new_users:,} users",
        f"reads:    both pools, {plan.calls_per_second:g} calls a second each; changes nothing",
        f"old sub:  goes into {plan.legacy_sub or 'no attribute'}",
        "second factors: "
        + (
            "asked for each straggler (AdminGetUser counts a monthly active user of the old pool)"
            if plan.asks_second_factors
            else "not asked: nobody can have one, or you said so"
        ),
        f"files:    in {plan.folder}, readable by you alone; they hold names and addresses",
    ]
    lines += [f"refused ({refusal.code}): {refusal.message}" for refusal in plan.refusals]
    return "\n".join(lines)


def counts_json(counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """`rows`, and by reason who is `left_out` and who is `refused`."""
    return {
        "rows": counts.get((ROW, ""), 0),
        LEFT_OUT: {reason: number for (kind, reason), number in counts.items() if kind == LEFT_OUT},
        REFUSED: {reason: number for (kind, reason), number in counts.items() if kind == REFUSED},
    }


def result_view(files: Sequence[Written], counts: Mapping[str, Any], folder: str) -> RenderableType:
    table = Table("", "reason", "users", "who", box=None)
    for kind in (LEFT_OUT, REFUSED):
        for reason, number in sorted(counts[kind].items()):
            table.add_row(kind.replace("_", " "), reason, f"{number:,}", _MEANING.get(reason, ""))
    written = (
        f"{counts['rows']:,} stragglers in {len(files)} file{'' if len(files) == 1 else 's'} in {folder}"
    )
    return Group(table, written) if table.row_count else written
