"""Whether the target bears what the source is written with, as CloudWatch measured it.

The mirror writes the target about as fast as the source is written, and whatever the backfill adds comes on
top. An index of the target that is throttled holds up the writes of the table itself:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
"""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.doctor.facts import DoctorFacts
from cutover.control.doctor.findings import Finding
from cutover.control.doctor.table_facts import Capacity, PairView, TableView, WriteRate

ON_DEMAND_START = 4000.0
"""Write units a second that a new on-demand table bears, where DescribeTable does not say:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html"""


def check(facts: DoctorFacts) -> Iterator[Finding]:
    for pair in facts.tables.pairs if facts.tables else ():
        if pair.target is not None and pair.rate is not None:
            yield from _table(pair, pair.target, pair.rate)
            yield from _indexes(pair, pair.target, pair.rate)


def _table(pair: PairView, target: TableView, rate: WriteRate) -> Iterator[Finding]:
    capacity = target.capacity
    if capacity.write is not None and capacity.write < rate.peak:
        if capacity.on_demand:
            yield _short(
                "limit_low", pair, target.name, "is held to", capacity.write, rate, "raise the limit"
            )
        elif target.scaled_to.get("", 0.0) >= rate.peak:
            yield _short(
                "capacity_scales",
                pair,
                target.name,
                "is provisioned now with",
                capacity.write,
                rate,
                f"auto scaling goes up to {target.scaled_to['']:,.0f}, in some minutes: raise the minimum",
            )
        else:
            yield _short(
                "capacity_low",
                pair,
                target.name,
                "is provisioned with",
                capacity.write,
                rate,
                "provision more, let auto scaling go higher, or make the table on demand",
            )
    elif capacity.on_demand and _warm(capacity) < rate.peak:
        yield _short(
            "warm_low",
            pair,
            target.name,
            "bears at once",
            _warm(capacity),
            rate,
            "raise its warm throughput before the backfill: it cannot be lowered again, and is billed once",
        )


def _indexes(pair: PairView, target: TableView, rate: WriteRate) -> Iterator[Finding]:
    for name, capacity in target.index_capacity.items():
        now = capacity.write if capacity.write is not None else _warm(capacity)
        bears = max(now, target.scaled_to.get(name, 0.0))
        if bears < rate.peak:
            yield _short(
                "index_capacity_low",
                pair,
                f"the index {name} of {target.name}",
                "bears",
                bears,
                rate,
                "give it what the table has, if every item is in it: a throttled index throttles the table",
            )


def _short(
    code: str, pair: PairView, name: str, verb: str, bears: float, rate: WriteRate, fix: str
) -> Finding:
    return Finding(
        code,
        f"{name} {verb} {bears:,.0f} write units a second, {pair.pair.source.name} is written with "
        f"{rate.peak:,.0f} at its busiest",
        f"measured over {rate.period // 60} minutes in the last {rate.days} days ({rate.mean:,.0f} on "
        "average); below that the lag of the mirror grows, and after 24 hours records are lost",
        fix,
        data={"pair": pair.id, "write_units": bears, **rate.data()},
    )


def _warm(capacity: Capacity) -> float:
    return capacity.warm_write if capacity.warm_write is not None else ON_DEMAND_START
