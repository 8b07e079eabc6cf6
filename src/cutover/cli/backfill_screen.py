"""How a backfill's plan and its end look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from cutover.tables.backfill_hand import THREADS
from cutover.tables.backfill_plan import BackfillPlan
from cutover.tables.backfill_rows import Run


def plan_table(plans: Sequence[BackfillPlan]) -> Table:
    table = Table("pair", "what", title="backfill", title_justify="left", show_lines=True)
    for plan in plans:
        table.add_row(plan.pair_id, "\n".join(_lines(plan)))
    return table


def _lines(plan: BackfillPlan) -> list[str]:
    run = plan.run
    if plan.resumes:
        how = f"goes on with run {run.run_id}: {plan.segments_done:,} of {run.segments:,} segments done"
    else:
        how = f"run {run.run_id}: {run.segments:,} segments"
    lines = [
        f"{how}, {_crew(plan)}",
        f"about {plan.estimate:,} items (DynamoDB's estimate, up to six hours old), {plan.items_done:,} seen",
    ]
    if run.keys_from:
        who = "" if plan.concurrency is None else "; the functions read its files"
        lines.append(f"keys from {run.keys_from}: the source is not scanned, and read once for each key{who}")
    if plan.pending_pages:
        lines.append(
            f"first {plan.pending_keys:,} keys in {plan.pending_pages:,} pages that an earlier run was "
            "about to write"
        )
    lines += [
        f"run {old.run_id} ({old.segments:,} segments) will not go on{_unfit(old, plan.run)}"
        for old in plan.superseded
    ]
    pace, default = plan.pace, plan.defaults
    lines += _paces(
        {
            "source reads": _rate(pace.read_units, default.source_read, default.source_read_why),
            "target reads": _rate(pace.read_units, default.target_read, default.target_read_why),
            "target writes": _rate(pace.write_units, default.target_write, default.target_write_why),
        }
    )
    if pace.paused:
        lines.append(f"paused: {pace.reason}; go on with --unpause")
    return lines


def _unfit(old: Run, new: Run) -> str:
    if old.is_left_by(unmirrored=new.unmirrored):
        return ": it went without a mirror, and what changed behind it would stay old"
    return ""


def _crew(plan: BackfillPlan) -> str:
    if plan.concurrency is None:
        return f"{plan.workers} threads"
    return f"on AWS, {plan.concurrency} functions at once, {THREADS} threads each"


def _paces(rates: Mapping[str, str]) -> Iterator[str]:
    """One line for all that go at the same rate."""
    for rate in dict.fromkeys(rates.values()):
        yield f"{', '.join(name for name, given in rates.items() if given == rate)}: {rate}"


def _rate(chosen: float | None, default: float | None, why: str) -> str:
    if chosen:
        return f"{chosen:g} units/s"
    if chosen is None and default is not None:
        return f"{default:,.0f} units/s ({why})"
    return "without limit, backing off when throttled"


def result_table(runs: Sequence[tuple[str, Run]]) -> Table:
    table = Table("pair", "items", "written", "parked", title="backfill", title_justify="left")
    for pair_id, run in runs:
        table.add_row(pair_id, f"{run.items:,}", f"{run.written:,}", f"{run.parked:,}")
    return table
