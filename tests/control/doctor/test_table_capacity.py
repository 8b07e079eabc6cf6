"""Whether the target bears what the source is written with, and what the backfill takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.control.doctor.table_capacity import ON_DEMAND_START
from cutover.control.doctor.table_cost import Cost, cost_of
from cutover.control.doctor.table_facts import Capacity, WriteRate
from cutover.tables.authority import PairState
from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.trials import Tally
from tests.control.doctor.healthy_tables import SOURCE, TARGET, codes, facts, only, source, target, view


def provisioned(write: float, read: float = 100, **more: Any) -> Capacity:
    return Capacity(on_demand=False, read=read, write=write, **more)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"capacity": provisioned(199)}, ["capacity_low"]),
        ({"capacity": provisioned(200)}, []),
        ({"capacity": provisioned(50), "scaled_to": {"": 150.0}}, ["capacity_low"]),
        ({"capacity": provisioned(50), "scaled_to": {"": 200.0}}, ["capacity_scales"]),
        ({"capacity": Capacity(on_demand=True, write=100)}, ["limit_low"]),
        ({"capacity": Capacity(on_demand=True, warm_write=199)}, ["warm_low"]),
        ({"capacity": Capacity(on_demand=True, warm_write=200)}, []),
        ({"capacity": Capacity(on_demand=True, write=200)}, []),
        ({"capacity": Capacity(on_demand=True)}, []),
        ({"index_capacity": {"by-mail": provisioned(10)}}, ["index_capacity_low"]),
        ({"index_capacity": {"by-mail": provisioned(10)}, "scaled_to": {"by-mail": 200.0}}, []),
        ({"index_capacity": {"by-mail": provisioned(10)}, "scaled_to": {"": 200.0}}, ["index_capacity_low"]),
        ({"index_capacity": {"by-mail": Capacity(on_demand=True)}}, []),
    ],
)
def test_the_target_is_measured_by_the_sources_busiest_minutes(
    changed: dict[str, Any], expected: list[str]
) -> None:
    assert codes(facts(target(**changed))) == expected


def test_a_new_on_demand_table_is_taken_to_bear_what_aws_documents() -> None:
    busy = WriteRate(peak=ON_DEMAND_START + 1, mean=1, days=14, period=300)
    pair = view(rate=busy, target=replace(TARGET, capacity=Capacity(on_demand=True)))
    assert codes(facts(pair)) == ["warm_low"]


def test_a_rate_that_could_not_be_measured_is_no_finding() -> None:
    assert codes(facts(view(rate=None, target=replace(TARGET, capacity=provisioned(1))))) == []


def cost(**changed: Any) -> Cost:
    found = cost_of(view(**changed))
    assert found is not None
    return found


def test_the_units_of_a_backfill_are_of_the_scan_the_second_read_the_look_and_the_write() -> None:
    """A million items of 1,000 bytes: each is less than one unit of either kind."""
    found = cost()
    assert found.source_reads == -(-1_000_000_000 // 4096) + 1_000_000
    assert (found.target_reads, found.target_writes) == (1_000_000, 1_000_000)
    assert found.held_by == "source reads"
    assert found.hours == pytest.approx(found.source_reads / (12_000 / 4) / 3600)


def test_a_sample_tells_the_units_of_the_items_that_are_written() -> None:
    sampled = Tally(items=10, read_units=20, write_units=5)
    found = cost(sample=sampled)
    assert (found.target_reads, found.target_writes) == (2_000_000, 500_000)


def test_hours_are_those_of_the_slowest_pace_that_is_in_force() -> None:
    slow = replace(TARGET, capacity=provisioned(write=200, read=1000))
    found = cost(target=slow)
    assert (found.held_by, found.hours) == ("target writes", pytest.approx(1_000_000 / 100 / 3600))
    paced = cost(target=slow, pace=BackfillPace(write_units=50))
    assert paced.hours == pytest.approx(1_000_000 / 50 / 3600)
    held = cost(target=slow, pace=BackfillPace(write_units=50), state=PairState(write_units=10))
    assert held.hours == pytest.approx(1_000_000 / 10 / 3600)


def test_a_pace_of_zero_is_no_limit() -> None:
    slow = replace(TARGET, capacity=provisioned(write=200, read=10**6))
    assert cost(target=slow, pace=BackfillPace(read_units=0, write_units=0)).hours is None


def test_a_backfill_of_a_night_and_more_is_advised_to_use_several_machines() -> None:
    large = source(items=100_000_000, bytes=10**11)
    advised = only(facts(large), "backfill_long")
    assert "several machines" in advised.fix
    assert advised.words[:3] == ("backfill", "--on", "aws")
    held = replace(large, pace=BackfillPace(write_units=100))
    assert "do not help" in only(facts(held), "backfill_long").fix


def test_a_table_that_could_not_be_read_has_no_cost() -> None:
    assert cost_of(view(target=None)) is None


def test_an_empty_table_takes_nothing() -> None:
    empty = cost(source=replace(SOURCE, items=0, bytes=0))
    assert (empty.source_reads, empty.target_reads, empty.target_writes) == (0, 0, 0)
