"""A sample is spread over the table, never larger than asked for, and ends."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.tables.sampling import FEWEST_SEGMENTS, MOST_SEGMENTS, PAGE_ITEMS, draw, plan_sample
from tests.fakes.sampled import FakeSampledTable


def names(table: FakeSampledTable, wanted: int, *, believed: int | None = None, seed: int = 1) -> list[str]:
    plan = plan_sample(wanted, table.items if believed is None else believed, 100 * table.items)
    return [item["k"]["S"] for page in draw(table, plan, random.Random(seed)) for item in page]


@given(
    items=st.integers(0, 600),
    wanted=st.integers(1, 700),
    believed=st.integers(0, 600),
    seed=st.integers(0, 9),
)
def test_no_item_is_drawn_twice_and_never_more_than_wanted(
    items: int, wanted: int, believed: int, seed: int
) -> None:
    found = names(FakeSampledTable(items), wanted, believed=believed, seed=seed)
    assert len(set(found)) == len(found) <= wanted


@pytest.mark.parametrize("items", [0, 1, 10, 300, 1000])
def test_a_table_smaller_than_the_sample_is_read_to_its_end(items: int) -> None:
    assert len(names(FakeSampledTable(items), 1000)) == items


@pytest.mark.parametrize("items", [5_000, 10_000_000])
def test_a_large_table_gives_as_many_as_were_wanted_from_many_segments(items: int) -> None:
    table = FakeSampledTable(items)
    assert len(names(table, 100)) == 100
    assert len({segment for segment, _ in table.calls}) >= 4


def test_no_page_is_larger_than_what_is_left() -> None:
    table = FakeSampledTable(10_000)
    names(table, PAGE_ITEMS + 3)
    assert [limit for _, limit in table.calls] == [PAGE_ITEMS, 3]


def test_two_samples_differ() -> None:
    assert names(FakeSampledTable(10_000), 50, seed=1) != names(FakeSampledTable(10_000), 50, seed=2)


def test_a_table_of_almost_empty_segments_does_not_keep_it_for_ever() -> None:
    table = FakeSampledTable(10, holes=0.9999)
    names(table, 100, believed=1_000_000)
    assert len(table.calls) <= plan_sample(100, 1_000_000, 1).most_calls


def test_an_outdated_count_of_zero_still_gives_a_sample() -> None:
    assert len(names(FakeSampledTable(3_000), 200, believed=0)) == 200


def test_the_plan_says_the_read_units_of_the_items_that_it_will_draw() -> None:
    """1,000 items of 1 KB: pages of 25 KB, of 7 units of 4 KB each, eventually consistent."""
    plan = plan_sample(1_000, 10**6, 10**6 * 1024)
    assert plan.units == 1_000 / PAGE_ITEMS * 7 * 0.5


def test_the_plan_of_a_small_table_counts_its_thin_pages() -> None:
    """One item a page at the least: each costs half a unit."""
    assert plan_sample(1_000, 10, 1_000).units == 10 * 0.5


def test_segments_are_as_many_as_dynamodb_takes_at_most() -> None:
    assert plan_sample(10, 10**12, 10**15).segments == MOST_SEGMENTS
    assert plan_sample(10, 0, 0).segments == FEWEST_SEGMENTS
