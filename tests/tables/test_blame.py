"""Refusals that come of our rate bring it down; a few that come at any rate do not hold us to a crawl."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

import pytest

from cutover.tables.blame import EXCUSED_SECONDS, FEW, TRIAL_SECONDS
from cutover.tables.pace import Pace
from tests.fakes.clocks import HandClock

TIME = 1500.0
CALL = 0.005
LONGEST_BACK_OFF = 2.0


@dataclass
class HotKey:
    """A table with room for all, one key of which somebody else keeps hot: it refuses that share of calls."""

    share: float
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def refuses(self, _now: float, _units: float) -> bool:
        return self.rng.random() < self.share


@dataclass
class Shared:
    """A table of so many units a second, of which its application takes its part: what is over is refused, to
    both alike."""

    capacity: float
    application: float
    level: float = 0.0
    """Units that were taken beyond what has come since."""
    at: float = 100.0

    def refuses(self, now: float, units: float) -> bool:
        self.level = max(self.level + (now - self.at) * (self.application - self.capacity), -self.capacity)
        self.at = now
        if self.level + units > 0:
            self.level = min(self.level, 0.0)
            return True
        self.level += units
        return False


@dataclass
class Mirror:
    """Follows so many units a second in calls of so many, as fast as it is let."""

    clock: HandClock
    pace: Pace
    demand: float
    units: float
    done: float = 0.0
    calls: int = 0
    refused: int = 0

    def follow(self, table: HotKey | Shared, seconds: float) -> float:
        """The share of what there was to do that was done."""
        began, self.done, self.calls, self.refused = self.clock.now, 0.0, 0, 0
        while (passed := self.clock.now - began) < seconds:
            if self.done >= passed * self.demand:
                self.clock.sleep(self.units / self.demand)
            else:
                self._call(table)
        return self.done / seconds / self.demand

    def _call(self, table: HotKey | Shared) -> None:
        for tried in itertools.count(1):
            self.clock.sleep(CALL)
            self.calls += 1
            if not table.refuses(self.clock.now, self.units):
                break
            self.refused += 1
            self.pace.throttled()
            self.clock.sleep(min(0.05 * 2**tried, LONGEST_BACK_OFF) / 2)
        self.pace.take(self.units)
        self.done += self.units


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def mirror(clock: HandClock, demand: float, units: float, limit: float | None = None) -> Mirror:
    return Mirror(clock, Pace(limit, clock, clock.sleep), demand, units)


@pytest.mark.parametrize("limit", [None, 4000.0], ids=["no limit", "a limit"])
@pytest.mark.parametrize("share", [0.01, 0.02])
@pytest.mark.parametrize(("demand", "units"), [(1000, 25), (200, 25), (100, 1), (20, 1)], ids=str)
def test_a_hot_key_of_somebody_else_takes_a_tenth_of_the_speed_at_most(
    clock: HandClock, demand: float, units: float, share: float, limit: float | None
) -> None:
    assert mirror(clock, demand, units, limit).follow(HotKey(share), TIME) > 0.9


def test_many_refusals_always_count_even_if_they_do_not_become_fewer(clock: HandClock) -> None:
    """The table's own users are refused as often, and come first."""
    ours = mirror(clock, 1000, 25)
    assert ours.follow(HotKey(3 * FEW), TIME) < 0.1
    assert ours.pace.is_throttled


def test_few_refusals_that_our_rate_causes_bring_it_down(clock: HandClock) -> None:
    """The application takes 72 of 100 units and we want 29: three of a hundred of our calls are too many."""
    table, ours = Shared(100, 72), mirror(clock, 29, 1)
    ours.follow(table, TIME)
    assert ours.refused / ours.calls < 0.01
    assert ours.done / TIME < 28


def test_an_application_that_needs_all_its_table_soon_has_it_back(clock: HandClock) -> None:
    ours = mirror(clock, 500, 5)
    ours.follow(Shared(1000, 0), 600)
    ours.follow(Shared(1000, 999, at=clock.now), 600)
    assert ours.done / 600 < 25


def one_call_in(number: int, pace: Pace, clock: HandClock, calls: int) -> None:
    for call in range(1, calls + 1):
        clock.sleep(0.1)
        if call % number == 0:
            pace.throttled()
        else:
            pace.take(10)


def test_a_rate_that_was_not_to_blame_is_given_back_whole(clock: HandClock) -> None:
    pace = Pace(10_000, clock, clock.sleep)
    one_call_in(50, pace, clock, 49)
    used = 10 / 0.1
    clock.sleep(0.1)
    pace.throttled()
    assert pace.rate == pytest.approx(used / 2, rel=0.1)
    while pace.rate is not None and pace.rate < used * 0.8:
        one_call_in(50, pace, clock, 50)
    assert pace.rate is not None
    assert pace.rate >= used * 0.9
    assert clock.now - 100 < 4 * TRIAL_SECONDS


def test_it_is_tried_again_after_a_while(clock: HandClock) -> None:
    pace = Pace(None, clock, clock.sleep)
    one_call_in(50, pace, clock, 3000)
    excused = pace.refusals
    one_call_in(50, pace, clock, 3000)
    assert pace.refusals == excused
    one_call_in(50, pace, clock, int(EXCUSED_SECONDS / 0.1))
    assert pace.refusals > excused


def test_whom_a_hot_key_excuses_is_blamed_once_many_are_refused(clock: HandClock) -> None:
    pace = Pace(None, clock, clock.sleep)
    one_call_in(50, pace, clock, 3000)
    before = pace.refusals
    one_call_in(5, pace, clock, 100)
    assert pace.refusals > before + 1
