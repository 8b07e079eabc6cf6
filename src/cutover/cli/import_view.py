"""What the operator sees of an import: the plan before it, what became of the lines after it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table

from cutover.control.import_outcome import Outcome
from cutover.control.import_plan import ImportPlan
from cutover.control.import_runs import ImportRun


def import_view(plan: ImportPlan) -> str:
    lines = [
        f"new pool: {plan.new_pool}",
        f"role:     {plan.role_arn} writes the jobs' logs",
        f"coming:   {plan.confirmed_a_day:g} users a day still come over by themselves",
    ]
    for file in plan.files:
        state = f" ({file.state})" if file.state else ""
        lines.append(f"file:     {file.csv}, {file.rows:,} users{state}")
    lines += [
        f"{plan.lose_the_seamless_way:,} users lose the seamless way: each has to reset the password",
        "while a job runs nobody can change the pool, attach and detach included",
    ]
    lines += [f"refused ({refusal.code}): {refusal.message}" for refusal in plan.refusals]
    return "\n".join(lines)


def outcome_view(done: Sequence[ImportRun]) -> RenderableType:
    table = Table("file", "job", *(outcome.value.replace("_", " ") for outcome in Outcome), box=None)
    for run in done:
        counts = [f"{run.counts.get(outcome.value, 0):,}" for outcome in Outcome]
        table.add_row(run.file, str(run.job.get("status", "")), *counts)
    return table
