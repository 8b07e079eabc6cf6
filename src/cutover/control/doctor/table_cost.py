"""What the backfill of a pair takes: capacity units, and hours at the pace that is in force.

A read unit is 4 KB read strongly consistently, a write unit 1 KB written:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
No price is named: what a unit costs depends on the Region, the mode and the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import PairView, TableView
from cutover.tables.limits import limits_of
from cutover.tables.table_facts import default_paces

READ_UNIT = 4096
WRITE_UNIT = 1024
ITEMS_OF_ONE_MACHINE = 1_000
"""Items a second that one process copies, to plan by: `make bench` measures it on a machine of yours."""
LONG_HOURS = 8.0


@dataclass(frozen=True)
class Cost:
    """Units in all. `hours`: how long it takes at the pace in force (None: nothing limits it), `held_by`:
    what the slowest pace is of, `machine_hours`: how long one machine takes at the least."""

    pair: str
    items: int
    bytes: int
    source_reads: int
    target_reads: int
    target_writes: int
    hours: float | None
    machine_hours: float
    held_by: str = ""

    def data(self) -> dict[str, Any]:
        return asdict(self)


def cost_of(view: PairView) -> Cost | None:
    """By DynamoDB's own count and size, some six hours old, and where there is a sample by its items' sizes.

    Each item is read by the scan and once more after it was written; in the target it is looked for first.
    Indexes of the target are written besides, from their own capacity.
    """
    if view.source is None or view.target is None:
        return None
    source, items = view.source, view.source.items
    reads_each, writes_each = _each(view, source)
    units = {
        "source reads": ceil(source.bytes / READ_UNIT + items * reads_each),
        "target reads": ceil(items * max(reads_each, 1.0)),
        "target writes": ceil(items * writes_each),
    }
    hours = {
        name: units[name] / rate / 3600 for name, rate in _rates(view, source, view.target).items() if rate
    }
    slowest = max(hours, key=lambda name: hours[name], default="")
    return Cost(
        pair=view.id,
        items=items,
        bytes=source.bytes,
        source_reads=units["source reads"],
        target_reads=units["target reads"],
        target_writes=units["target writes"],
        hours=hours.get(slowest),
        machine_hours=items / ITEMS_OF_ONE_MACHINE / 3600,
        held_by=slowest,
    )


def check(facts: DoctorFacts) -> Iterator[Finding]:
    for pair in facts.tables.pairs if facts.tables else ():
        cost = cost_of(pair)
        if cost is not None and cost.machine_hours > LONG_HOURS:
            yield _long(pair, cost)


def _long(pair: PairView, cost: Cost) -> Finding:
    bound = cost.hours is not None and cost.hours >= cost.machine_hours
    return Finding(
        "backfill_long",
        f"the backfill of {pair.id} takes more than {cost.machine_hours:,.0f} hours on one machine",
        f"{cost.items:,} items at about {ITEMS_OF_ONE_MACHINE:,} a second",
        f"more machines do not help: the pace of the {cost.held_by} makes it {cost.hours:,.0f} hours"
        if bound
        else "use several machines, as far as the tables' capacity goes",
        () if bound else ("backfill", "--on", "aws", "--pair", pair.id, "--dry-run"),
        data=cost.data(),
    )


def _each(view: PairView, source: TableView) -> tuple[float, float]:
    """Read units of a source item and write units of its target item, on average."""
    if view.sample is not None and view.sample.items:
        return view.sample.read_units / view.sample.items, view.sample.write_units / view.sample.items
    average = source.bytes / source.items if source.items else 0
    return float(ceil(average / READ_UNIT)), float(ceil(average / WRITE_UNIT))


def _rates(view: PairView, source: TableView, target: TableView) -> dict[str, float | None]:
    """Units a second that the backfill is held to."""
    default = default_paces(source.as_table_facts(), target.as_table_facts())
    limits = limits_of(view.state, view.pace, default)
    names = ("source reads", "target reads", "target writes")
    return {name: limit.units for name, limit in zip(names, limits, strict=True)}
