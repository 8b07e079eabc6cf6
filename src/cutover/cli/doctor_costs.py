"""What each backfill takes, as a table of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cutover.control.doctor.table_cost import Cost, cost_of
from cutover.control.doctor.table_facts import TablesView

_HEADS = ("pair", "items", "MB", "source read units", "target read units", "target write units", "hours")


def cost_table(tables: TablesView) -> Iterator[str]:
    """Lines; none where no pair could be read. Hours are at the pace in force, by DynamoDB's own counts."""
    costs = [cost for pair in tables.pairs if (cost := cost_of(pair)) is not None]
    if not costs:
        return
    yield "BACKFILL, in capacity units"
    rows = [_HEADS, *(_row(cost) for cost in costs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(_padded(row, widths)).rstrip()
    for cost in costs:
        yield f"  {cost.pair}: {_pace(cost)}"


def _row(cost: Cost) -> tuple[str, ...]:
    numbers = (cost.source_reads, cost.target_reads, cost.target_writes)
    hours = "-" if cost.hours is None else f"{cost.hours:,.1f}"
    return (
        cost.pair,
        f"{cost.items:,}",
        f"{cost.bytes / 1e6:,.0f}",
        *(f"{units:,}" for units in numbers),
        hours,
    )


def _pace(cost: Cost) -> str:
    one = f"one machine takes {cost.machine_hours:,.1f} hours at the least"
    return f"held to the pace of {cost.held_by}; {one}" if cost.held_by else f"no pace limits it; {one}"


def _padded(row: tuple[str, ...], widths: Iterable[int]) -> Iterator[str]:
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        yield cell.rjust(width) if place else cell.ljust(width)
