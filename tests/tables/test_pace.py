"""A pace holds its rate over time, whatever a single call consumes and however many threads share it."""

from __future__ import annotations

import threading
import time

import pytest

from cutover.tables.pace import LONGEST_NAP, Pace
from tests.fakes.clocks import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def test_the_rate_holds_over_many_calls(clock: HandClock) -> None:
    pace = Pace(50, clock, clock.sleep)
    for _ in range(100):
        pace.take(7)
    assert clock.now - 100.0 == pytest.approx(700 / 50)


def test_a_call_larger_than_the_rate_is_paid_off_before_it_returns(clock: HandClock) -> None:
    pace = Pace(10, clock, clock.sleep)
    pace.take(95)
    assert clock.now - 100.0 == pytest.approx(9.5)


def test_unlimited_never_waits(clock: HandClock) -> None:
    pace = Pace(None, clock, clock.sleep)
    pace.take(1e9)
    assert clock.now == 100.0
    assert pace.waited == 0


def test_idle_time_saves_up_one_second_at_most(clock: HandClock) -> None:
    pace = Pace(10, clock, clock.sleep)
    clock.sleep(3600)
    pace.take(30)
    assert clock.now - 3700.0 == pytest.approx(2.0)


def test_a_waiting_caller_picks_up_a_faster_pace_within_one_nap(clock: HandClock) -> None:
    naps = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.sleep(seconds)
        if len(naps) == 3:
            pace.change(None)

    pace = Pace(1, clock, sleep)
    pace.take(1000)
    assert naps == [LONGEST_NAP] * 3


def test_a_pace_of_zero_waits_until_it_is_changed_and_says_so(clock: HandClock) -> None:
    said = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        said.append(pace.why())
        if len(said) == 5:
            pace.change(1000)

    pace = Pace(0, clock, sleep)
    pace.take(1)
    assert said[0] == "held: the pace is 0 units/s"
    assert len(said) in {5, 6}
    assert pace.why() == ""


def test_nothing_holds_a_nap_whose_limit_was_just_taken_away(clock: HandClock) -> None:
    said = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        pace.change(None)
        said.append(pace.why())

    pace = Pace(1, clock, sleep)
    pace.take(10)
    assert said == [""]


def test_what_was_waited_is_known(clock: HandClock) -> None:
    pace = Pace(10, clock, clock.sleep)
    pace.take(20)
    assert pace.waited == pytest.approx(2.0)


def test_threads_share_one_rate() -> None:
    pace = Pace(400)
    threads = [threading.Thread(target=lambda: [pace.take(10) for _ in range(5)]) for _ in range(4)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.4 < time.monotonic() - began < 2.0


def test_a_negative_pace_is_refused(clock: HandClock) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        Pace(-1, clock, clock.sleep)


def test_who_waits_is_told_why(clock: HandClock) -> None:
    said = []

    def sleep(seconds: float) -> None:
        said.append(pace.why())
        clock.sleep(seconds)

    pace = Pace(None, clock, sleep)
    pace.change(250, "half of what orders provisions")
    pace.take(300)
    assert said[0] == "held to 250 units/s: half of what orders provisions"


def test_nobody_waits_behind_those_who_came_later(clock: HandClock) -> None:
    """Each sleeper of this pace brings in another payer; the first still leaves when its own debt is paid."""

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        pace._owed += 10 * seconds  # noqa: SLF001 - what other threads pay meanwhile

    pace = Pace(10, clock, sleep)
    pace.take(20)
    assert clock.now - 100.0 == pytest.approx(2.0)


def test_at_a_deadline_nobody_waits_any_longer_and_the_debt_stays(clock: HandClock) -> None:
    pace = Pace(1, clock, clock.sleep)
    pace.until(lambda: clock.now >= 110)
    pace.take(60)
    assert clock.now == pytest.approx(110, abs=LONGEST_NAP)
    assert not pace.settled()
    pace.until(lambda: False)
    assert pace.settled()
    assert clock.now == pytest.approx(160, abs=LONGEST_NAP)


def test_a_release_lets_everybody_through(clock: HandClock) -> None:
    pace = Pace(1, clock, clock.sleep)
    pace.throttled()
    pace.take(0.5)
    pace.release()
    began = clock.now
    pace.take(1e6)
    assert clock.now == began
