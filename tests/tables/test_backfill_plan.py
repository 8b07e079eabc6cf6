"""What a backfill plans: which run it goes on with, in how many segments, and what it finds pending."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.tables.backfill_plan import BackfillPlan, Wish, default_segments, plan_backfill
from cutover.tables.backfill_rows import BackfillPace, Place, Run, RunState, cut
from cutover.tables.table_facts import TableFacts
from tests.fakes.backfill import FakeBackfillLedger
from tests.fakes.tables import key

OLD = Run("old", 8, 1)
FACTS = TableFacts("t", 1000, 5000)


def plan(
    ledger: FakeBackfillLedger, segments: int | None = None, *, unmirrored: bool = False
) -> BackfillPlan:
    wish = Wish(workers=4, segments=segments, pace=BackfillPace(), unmirrored=unmirrored)
    return plan_backfill("pair", ledger, wish, FACTS, FACTS, lambda number: Run("new", number, 9))


def ledger_of(*runs: Run) -> FakeBackfillLedger:
    ledger = FakeBackfillLedger()
    for run in runs:
        ledger.save_run(run)
    return ledger


def test_the_first_backfill_is_a_new_run_of_ten_segments_a_thread() -> None:
    planned = plan(ledger_of())
    assert (planned.run, planned.resumes) == (Run("new", 40, 9), False)


def test_a_run_that_has_not_ended_goes_on() -> None:
    ledger = ledger_of(OLD)
    ledger.save_place("old", Place(1, done=True, items=5))
    ledger.save_place("old", Place(2, items=3))
    planned = plan(ledger)
    assert (planned.run, planned.resumes) == (OLD, True)
    assert (planned.segments_done, planned.items_done) == (1, 8)


def test_the_same_number_of_segments_goes_on_too() -> None:
    assert plan(ledger_of(OLD), segments=8).run == OLD


def test_another_number_of_segments_is_a_new_run_and_ends_the_old_one() -> None:
    planned = plan(ledger_of(OLD), segments=9)
    assert (planned.run.run_id, planned.run.segments) == ("new", 9)
    assert planned.superseded == (OLD,)


def test_after_a_run_that_is_done_a_new_one_begins() -> None:
    planned = plan(ledger_of(replace(OLD, state=RunState.DONE)))
    assert planned.run.run_id == "new"
    assert planned.superseded == ()


@pytest.mark.parametrize("begun", [9, 30], ids=["in the same second", "by a clock that is ahead"])
def test_a_new_run_is_the_newest_whatever_its_clock_says(begun: int) -> None:
    ledger = ledger_of(replace(OLD, run_id="z", started_at=begun, state=RunState.SUPERSEDED))
    ledger.save_run(plan(ledger).run)
    assert [run.run_id for run in ledger.runs()] == ["z", "new"]
    assert plan(ledger).resumes


def test_a_run_that_went_without_a_mirror_ends_where_one_runs() -> None:
    unmirrored = replace(OLD, unmirrored=True)
    planned = plan(ledger_of(unmirrored))
    assert (planned.run.run_id, planned.run.unmirrored) == ("new", False)
    assert planned.superseded == (unmirrored,)


def test_a_run_without_a_mirror_goes_on_without_one() -> None:
    unmirrored = replace(OLD, unmirrored=True)
    planned = plan(ledger_of(unmirrored), unmirrored=True)
    assert (planned.run, planned.resumes) == (unmirrored, True)


def test_a_run_that_loses_its_mirror_goes_on_and_remembers_it() -> None:
    planned = plan(ledger_of(OLD), unmirrored=True)
    assert (planned.run, planned.resumes) == (replace(OLD, unmirrored=True), True)


def test_pending_pages_of_any_run_are_announced() -> None:
    ledger = ledger_of(replace(OLD, state=RunState.SUPERSEDED))
    ledger.save_pending("old", 1, [key("a"), key("b")])
    planned = plan(ledger)
    assert (planned.pending_pages, planned.pending_keys) == (1, 2)


def test_planning_changes_nothing() -> None:
    ledger = ledger_of(OLD)
    plan(ledger, segments=9)
    assert ledger.runs() == [OLD]


def test_a_large_table_has_more_segments() -> None:
    assert default_segments(4, 256_000_000 * 1000) == 1000


def test_keys_are_cut_to_the_limit_and_none_is_lost() -> None:
    keys = [key("x" * n) for n in range(50)]
    parts = list(cut(keys, 100))
    assert [one for part in parts for one in part] == keys
    assert len(parts) > 5


def test_a_key_larger_than_the_limit_still_has_its_part() -> None:
    assert list(cut([key("x" * 500)], 100)) == [(key("x" * 500),)]


@pytest.mark.parametrize(
    ("read", "write", "provisioned", "width"),
    [
        (None, None, None, 20),
        (0, 0, None, 20),
        (5, None, None, 5),
        (5, 3.7, None, 3),
        (0.4, None, None, 1),
        (None, None, 32, 8),
    ],
)
def test_on_aws_it_is_no_wider_than_gives_each_function_a_unit_a_second(
    read: float | None, write: float | None, provisioned: float | None, width: int
) -> None:
    """With less a function would not get to the end of a page before its own."""
    wish = Wish(80, None, BackfillPace(read, write), concurrency=20)
    source = replace(FACTS, read_units=provisioned)
    planned = plan_backfill("pair", ledger_of(), wish, source, FACTS, lambda number: Run("new", number, 9))
    assert planned.concurrency == width
