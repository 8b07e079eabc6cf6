"""The countdown to data loss: where a lag is heading, for every way in which a mirror can stand or move."""

from __future__ import annotations

import math

import pytest

from cutover.control.lag import Looked, Outlook, Reading, Trend, outlook, rate_of
from cutover.control.spelling import spell

NOW = 1_800_000_000.0
HOUR = 3600.0


def series(*ages: float, ends: float = NOW) -> tuple[Reading, ...]:
    """One reading a minute, the last one at `ends`."""
    first = ends - 60 * (len(ages) - 1)
    return tuple(Reading(first + 60 * n, age) for n, age in enumerate(ages))


def look(*ages: float, ends: float = NOW, **facts: object) -> Outlook:
    return outlook(Looked(NOW, series(*ages, ends=ends), **facts))  # type: ignore[arg-type]


def test_a_mirror_that_keeps_up_is_level() -> None:
    found = look(1.0, 2.0, 1.0)
    assert (found.trend, found.age, found.what, found.alarming) == (Trend.LEVEL, 1.0, "keeps up", False)


def test_a_lag_that_shrinks_is_caught_up_at_its_rate() -> None:
    found = look(1080.0, 960.0, 840.0, 720.0)  # two minutes less each minute
    assert (found.trend, found.rate) == (Trend.SHRINKING, pytest.approx(-2.0))
    assert found.left == pytest.approx(360.0)
    assert not found.alarming


def test_a_lag_that_grows_counts_down_to_the_failure_bucket() -> None:
    found = look(3600.0, 3630.0, 3660.0)
    assert (found.trend, found.rate) == (Trend.GROWING, pytest.approx(0.5))
    assert found.left == pytest.approx((79200 - 3660) / 0.5)
    assert "failure bucket" in found.what
    assert found.alarming


def test_nothing_ages_faster_than_the_clock() -> None:
    assert rate_of(series(0.0, 600.0, 9000.0)) == 1.0
    assert look(60.0, 600.0, 7200.0).left == pytest.approx(79200 - 7200)


def test_a_lag_that_neither_grows_nor_shrinks_is_said_to_stay() -> None:
    found = look(600.0, 601.0, 600.0)
    assert (found.trend, found.left) == (Trend.LEVEL, None)
    assert "stays" in found.what


@pytest.mark.parametrize("ages", [(600.0,), (600.0, 700.0)], ids=["one reading", "a minute of readings"])
def test_from_too_few_readings_no_rate_is_made_up(ages: tuple[float, ...]) -> None:
    found = look(*ages)
    assert (found.trend, found.rate, found.left) == (Trend.LEVEL, None, None)


def test_a_mapping_that_gave_up_says_where_the_batches_are() -> None:
    found = look(79100.0, 79200.0, 79300.0)
    assert found.trend is Trend.GIVING_UP
    assert found.fix.endswith("then cutover redrive")


def test_a_paused_pair_ages_by_the_clock_while_batches_are_still_delivered() -> None:
    found = look(60.0, ends=NOW - 600, held="maintenance")
    assert (found.trend, found.age, found.rate) == (Trend.STANDING, 660.0, 1.0)
    assert found.left == 79200 - 660
    assert "maintenance" in found.what
    assert "failure bucket" in found.what


def test_a_mapping_that_is_off_counts_down_to_the_stream_s_own_end() -> None:
    """Nobody polls, so nobody puts anything into the bucket."""
    found = look(5.0, ends=NOW - HOUR, mapping="Disabled")
    assert (found.trend, found.at_most) == (Trend.STANDING, True)
    assert found.left == 86400 - 3605
    assert "records are lost" in found.what
    assert "MirrorState" in found.fix


@pytest.mark.parametrize("mapping", ["Disabled", "Disabling", "Deleting", None])
def test_a_mapping_that_stood_longer_than_the_stream_keeps_has_lost_changes(mapping: str | None) -> None:
    found = look(5.0, ends=NOW - 24 * HOUR, mapping=mapping)
    assert found.trend is Trend.LOST
    assert found.fix.endswith("then cutover redrive --reconcile, and verify")


def test_a_mapping_that_reports_a_problem_stands_although_it_is_enabled() -> None:
    found = look(5.0, ends=NOW - HOUR, problem="PROBLEM: access denied")
    assert found.trend is Trend.STANDING
    assert "access denied" in found.what
    assert "records are lost" in found.what


def test_a_source_at_rest_is_idle_and_no_lag() -> None:
    found = look(5.0, ends=NOW - HOUR)
    assert (found.trend, found.age, found.what) == (Trend.IDLE, 0.0, "no change arrived for 1 h")


def test_without_a_reading_nothing_is_known() -> None:
    found = look()
    assert (found.trend, found.age, found.left, found.alarming) == (Trend.UNKNOWN, None, None, False)


def test_without_a_reading_a_mirror_that_stands_may_have_lost_changes() -> None:
    found = look(mapping="Disabled")
    assert found.trend is Trend.UNKNOWN
    assert "may be lost already" in found.what
    assert "redrive --reconcile" in found.fix


def test_a_kinesis_stream_keeps_as_long_as_it_says() -> None:
    found = look(5.0, ends=NOW - 24 * HOUR, mapping="Disabled", keeps=72 * HOUR, gives_up=70 * HOUR)
    assert found.left == 72 * HOUR - 24 * HOUR - 5


@pytest.mark.parametrize("gives_up", [math.inf, 48 * HOUR], ids=["never gives up", "gives up too late"])
def test_a_mapping_that_outlasts_its_stream_loses_records_and_keeps_none(gives_up: float) -> None:
    found = look(3600.0, 3660.0, 3720.0, gives_up=gives_up)
    assert "records are lost" in found.what
    assert found.left == pytest.approx(86400 - 3720)
    assert look(86400.0, 86400.0, 86460.0, gives_up=gives_up).trend is Trend.LOST


def test_readings_of_all_pairs_together_are_said_to_be_at_most() -> None:
    assert look(600.0, 540.0, 480.0, shared=True).at_most
    assert not look(600.0, 540.0, 480.0).at_most


def test_a_reading_of_a_minute_that_has_not_ended_adds_no_time() -> None:
    """Or of a clock that is behind: an age is not made younger by it."""
    assert look(60.0, ends=NOW + 300, mapping="Disabled").age == 60.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (18600, "5 h 10 min"),
        (86400, "1 d"),
        (100_000, "1 d 3 h"),
    ],
)
def test_a_duration_is_spelt_by_its_two_greatest_units(seconds: float, text: str) -> None:
    assert spell(seconds) == text
