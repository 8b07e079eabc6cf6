"""A table that throttles is asked for less, then slowly for more; never for more than its limit, never for
nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.tables.allowance import LOWEST
from cutover.tables.pace import BURST_SECONDS, Pace
from tests.fakes.clocks import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class Partition:
    """A table of which one partition is written: it takes `capacity` units a second, and refuses the rest."""

    def __init__(self, clock: HandClock, capacity: float) -> None:
        self.clock, self.capacity = clock, capacity
        self.room, self.filled = capacity, clock.now
        self.taken = 0.0
        self.refused = 0

    def write(self, pace: Pace, units: float) -> None:
        """Once more after each refusal, as the writers do, with their back-off."""
        for pause in itertools.count():
            self._fill()
            if self.room >= units:
                break
            self.refused += 1
            pace.throttled()
            self.clock.sleep(min(0.05 * 2**pause, 2.0))
        self.room -= units
        self.taken += units
        self.clock.sleep(0.005)
        pace.take(units)

    def _fill(self) -> None:
        self.room = min(self.room + (self.clock.now - self.filled) * self.capacity, self.capacity)
        self.filled = self.clock.now


def test_a_refusal_halves_what_was_in_use(clock: HandClock) -> None:
    pace = Pace(1000, clock, clock.sleep)
    for _ in range(200):
        pace.take(10)
        clock.sleep(0.09)
    pace.throttled()
    assert pace.rate == pytest.approx(50, rel=0.2)


def test_refusals_of_the_same_moment_count_once(clock: HandClock) -> None:
    pace = Pace(1000, clock, clock.sleep)
    for _ in range(8):
        pace.throttled()
    assert (pace.rate, pace.refusals) == (500, 1)


def test_the_rate_comes_back_slowly_and_stops_at_the_limit(clock: HandClock) -> None:
    pace = Pace(600, clock, clock.sleep)
    pace.throttled()
    clock.sleep(60)
    assert pace.rate == pytest.approx(300 + 60 * 2)
    clock.sleep(3600)
    assert pace.rate == 600


def test_a_pace_without_limit_is_held_for_a_while_and_then_free_again(clock: HandClock) -> None:
    pace = Pace(None, clock, clock.sleep)
    for _ in range(100):
        pace.take(40)
        clock.sleep(0.1)
    pace.throttled()
    assert pace.rate == pytest.approx(200, rel=0.1)
    clock.sleep(600)
    assert pace.rate is None


def test_it_says_who_throttles_and_how_far_it_went_down(clock: HandClock) -> None:
    pace = Pace(240, clock, clock.sleep, of="orders")
    pace.throttled()
    assert pace.why() == "throttled by orders, down to 120 units/s, growing again"
    clock.sleep(3600)
    assert pace.why() == ""


def test_a_lower_limit_than_the_lowest_allowance_is_kept(clock: HandClock) -> None:
    pace = Pace(0.25, clock, clock.sleep)
    pace.throttled()
    assert pace.rate == 0.25


@given(
    limit=st.one_of(st.none(), st.floats(0.1, 1e5)),
    steps=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 500), st.booleans()), max_size=60),
)
def test_never_more_than_the_limit_and_never_nothing(
    limit: float | None, steps: list[tuple[float, float, bool]]
) -> None:
    clock = HandClock()
    pace = Pace(limit, clock, clock.sleep)
    for seconds, units, refused in steps:
        clock.sleep(seconds)
        if refused:
            pace.throttled()
        pace.take(units if pace.rate is None or units < 50 * pace.rate else 0)
        if limit is not None:
            assert min(LOWEST, limit) <= (pace.rate or 0) <= limit
        else:
            assert pace.rate is None or pace.rate >= LOWEST


@given(
    rate=st.floats(0.5, 5000),
    calls=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 300)), min_size=1, max_size=80),
)
def test_over_any_time_no_more_is_taken_than_the_rate_allows(
    rate: float, calls: list[tuple[float, float]]
) -> None:
    clock = HandClock()
    pace = Pace(rate, clock, clock.sleep)
    began, taken = clock.now, 0.0
    for idle, units in calls:
        clock.sleep(idle)
        pace.take(units)
        taken += units
        assert taken <= rate * (clock.now - began + BURST_SECONDS) + 1e-6 * max(taken, 1)
        assert pace.settled()


@given(debt=st.floats(1, 5000), rate=st.floats(0.5, 500))
def test_a_debt_is_worked_off_in_the_time_it_takes_and_no_longer(debt: float, rate: float) -> None:
    clock = HandClock()
    pace = Pace(rate, clock, clock.sleep)
    pace.take(debt)
    assert clock.now - 100.0 == pytest.approx(debt / rate, abs=0.002)


@pytest.mark.parametrize("limit", [None, 4000.0])
@pytest.mark.parametrize("capacity", [50.0, 1000.0])
def test_a_table_held_by_one_partition_is_used_well_and_hardly_refuses(
    clock: HandClock, limit: float | None, capacity: float
) -> None:
    """A pace that goes by the whole table's capacity settles where its one hot partition can follow."""
    pace, table = Pace(limit, clock, clock.sleep), Partition(clock, capacity)
    while clock.now < 700:
        table.write(pace, 25)
    settled, refused = table.taken, table.refused
    while clock.now < 1900:
        table.write(pace, 25)
    used = (table.taken - settled) / 1200 / capacity
    assert 0.6 < used <= 1.02
    assert (table.refused - refused) / 20 < 15  # a minute; without a pace: hundreds
