"""One limit for mirror, backfill and verify of a pair together, by their real paces on one clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest

from cutover.tables.authority import PairState
from cutover.tables.governor import Governor, Paces
from cutover.tables.limits import Defaults, Limit
from cutover.tables.pace import Pace
from cutover.tables.pair_pace import PairPace
from cutover.tables.shares import LEAST, MOST, NOTICED_SECONDS
from cutover.tables.verify_pace import VerifyPace
from tests.fakes.backfill import FakePaceBook
from tests.fakes.tables import FakeLedger
from tests.fakes.timeline import Timeline
from tests.fakes.workers import FakeWorkers

PAIR, LIMIT, CALL = "old=new", 100.0, 5.0
BEGAN = 1000.0
ALL_OF_IT = 1e9
BEAT = 5.0


@dataclass
class Scene:
    """A pair with a limit on its target's writes, or on reads; `used` is when, whose and how many units."""

    time: Timeline = field(default_factory=Timeline)
    workers: FakeWorkers = field(default_factory=FakeWorkers)
    state: PairState = field(default_factory=lambda: PairState(write_units=LIMIT))
    used: list[tuple[float, str, float]] = field(default_factory=list)
    ends: float = 300.0

    def limited(self, paces: Paces) -> Pace:
        return paces.target_write if self.state.read_units is None else paces.source_read

    def paces(self) -> Paces:
        return Paces(*(Pace(None, self.time, self.time.sleep, of="new") for _ in range(3)))

    def passed(self) -> float:
        return self.time.now - BEGAN

    def call(self, whose: str, pace: Pace, units: float = CALL) -> None:
        self.time.sleep(0.005)
        self.used.append((self.passed(), whose, units))
        pace.take(units)

    def mirror(
        self, name: str = "one", demand: float = ALL_OF_IT, begins: float = 0.0, ends: float = 1e9
    ) -> Callable[[], None]:
        """An environment of the mirror that is invoked again and again, for so many units a second."""
        end = min(ends, self.ends)

        def run() -> None:
            self.time.sleep(begins)
            pace, done = PairPace(PAIR, self.paces(), self.workers, name, self.time), 0.0
            while self.passed() < end:
                with pace.governs(self.state, lambda: self.passed() >= end):
                    while done < (self.passed() - begins) * demand and self.passed() < end:
                        if pace.ready():
                            self.call("mirror", self.limited(pace.paces))
                            done += CALL
                self.time.sleep(0.25)

        return run

    def backfill(self, begins: float = 0.0, processes: int = 1) -> list[Callable[[], None]]:
        """Each process has a thread that copies as fast as it may, and one that looks round."""
        return [run for _ in range(processes) for run in self._process(begins, 1.0 / processes)]

    def _process(self, begins: float, share: float) -> list[Callable[[], None]]:
        paces, ledger = self.paces(), FakeLedger()
        ledger.states[PAIR] = self.state
        governor = Governor(
            PAIR,
            0,
            ledger,
            FakePaceBook(),
            paces,
            Defaults(),
            stop=lambda: False,
            say=lambda _: None,
            share=share,
            workers=self.workers,
            clock=self.time,
        )

        def look_round() -> None:
            self.time.sleep(begins)
            while self.passed() < self.ends:
                governor.refresh()
                self.time.sleep(BEAT)
            governor.release()

        def copy() -> None:
            self.time.sleep(begins + 0.001)
            while self.passed() < self.ends:
                self.call("backfill", self.limited(paces))

        return [look_round, copy]

    def verify(self, begins: float = 0.0, ends: float = 1e9) -> list[Callable[[], None]]:
        """As fast as it may, and looking round every two seconds."""
        end, paces, ledger, own = min(ends, self.ends), self.paces(), FakeLedger(), Limit(1000.0)
        ledger.states[PAIR] = self.state
        pace = VerifyPace(
            PAIR, "v", ledger, self.workers, paces, (own, own), stop=lambda: False, clock=self.time
        )

        def look_round() -> None:
            self.time.sleep(begins)
            while self.passed() < end:
                pace.refresh()
                self.time.sleep(2.0)
            pace.leave()

        def read() -> None:
            self.time.sleep(begins + 0.001)
            while self.passed() < end:
                self.call("verify", paces.source_read)

        return [look_round, read]

    def rate(self, begin: float, end: float, whose: str | None = None) -> float:
        units = [row[2] for row in self.used if begin <= row[0] < end and whose in {None, row[1]}]
        return sum(units) / (end - begin)


def test_a_mirror_alone_has_the_whole_limit() -> None:
    scene = Scene()
    scene.time.run(scene.mirror())
    assert scene.rate(0, 300) == pytest.approx(LIMIT, rel=0.02)


def test_a_backfill_alone_has_the_whole_limit() -> None:
    scene = Scene()
    scene.time.run(*scene.backfill(processes=3))
    assert scene.rate(0, 300) == pytest.approx(LIMIT, rel=0.02)


def test_a_mirror_that_needs_it_has_nearly_all_and_the_backfill_does_not_stand() -> None:
    scene = Scene()
    scene.time.run(scene.mirror("one"), scene.mirror("two"), *scene.backfill(processes=2))
    assert scene.rate(60, 300) <= LIMIT * 1.01
    assert scene.rate(60, 300, "mirror") == pytest.approx(LIMIT * MOST, rel=0.03)
    assert scene.rate(60, 300, "backfill") == pytest.approx(LIMIT * (1 - MOST), rel=0.1)


def test_a_backfill_beside_a_mirror_that_needs_little_has_its_half_or_more() -> None:
    scene = Scene()
    scene.time.run(scene.mirror(demand=20), *scene.backfill())
    assert scene.rate(30, 300, "mirror") == pytest.approx(20, rel=0.05)
    assert scene.rate(30, 300, "backfill") >= LIMIT * (1 - LEAST) * 0.98
    assert scene.rate(30, 300) <= LIMIT * 1.01


@pytest.mark.parametrize("demand", [45, 60, 80])
def test_a_mirror_gets_what_it_needs(demand: float) -> None:
    scene = Scene()
    scene.time.run(scene.mirror(demand=demand), *scene.backfill())
    assert scene.rate(60, 300, "mirror") == pytest.approx(demand, rel=0.05)
    assert scene.rate(60, 300) <= LIMIT * 1.01


def test_a_mirror_that_comes_to_a_backfill_is_let_in_and_is_never_below_its_half_then() -> None:
    scene = Scene()
    scene.time.run(scene.mirror(begins=100), *scene.backfill())
    assert scene.rate(100, 100 + NOTICED_SECONDS) <= LIMIT * 1.25 + CALL
    for second in range(120, 300):
        assert scene.rate(second - 10, second, "mirror") >= LIMIT * LEAST * 0.95
        assert scene.rate(second - 10, second) <= LIMIT * 1.02


def test_when_the_mirror_has_nothing_to_do_the_backfill_has_all_again() -> None:
    scene = Scene(ends=120)
    scene.time.run(*scene.backfill(), scene.mirror(ends=40))
    assert scene.rate(60, 120, "backfill") == pytest.approx(LIMIT, rel=0.02)
    assert scene.rate(20, 60) <= LIMIT * 1.02


@pytest.mark.parametrize("others", [0, 1, 4])
def test_however_many_come_at_once_the_excess_is_bounded_and_soon_over(others: int) -> None:
    """Others are at work already; twenty more come in the same moment."""
    scene = Scene(ends=60)
    old = [scene.mirror(f"old {number}") for number in range(others)]
    new = [scene.mirror(f"new {number}", begins=20) for number in range(20)]
    scene.time.run(*old, *new)
    least = scene.rate(10, 20)
    assert least == pytest.approx(LIMIT if others else 0, rel=0.05)
    within = NOTICED_SECONDS + 1
    first_calls = 20 * CALL / within
    assert scene.rate(20, 20 + within) <= LIMIT * 1.65 + first_calls
    assert scene.rate(20 + within, 60) <= LIMIT * 1.02


def test_environments_that_are_invoked_in_turn_save_nothing_up() -> None:
    """Each has been idle long enough to have saved the limit of a second."""
    scene = Scene(ends=120)
    scene.time.run(*(in_turn(scene, number) for number in range(5)))
    assert scene.rate(10, 120) <= LIMIT * 1.05


def reading() -> Scene:
    return Scene(state=PairState(read_units=LIMIT))


def test_a_verify_alone_has_the_whole_limit_and_no_more() -> None:
    scene = reading()
    scene.time.run(*scene.verify())
    assert scene.rate(0, 300) == pytest.approx(LIMIT, rel=0.02)


def test_a_verify_beside_a_mirror_and_a_backfill_does_not_pass_the_limit() -> None:
    scene = reading()
    scene.time.run(scene.mirror(), *scene.backfill(), *scene.verify())
    assert scene.rate(60, 300) <= LIMIT * 1.01
    assert scene.rate(60, 300, "mirror") == pytest.approx(LIMIT * MOST, rel=0.03)
    for whose in ("backfill", "verify"):
        assert scene.rate(60, 300, whose) == pytest.approx(LIMIT * (1 - MOST) / 2, rel=0.1)


def test_a_verify_that_comes_and_goes_gives_back_what_it_took() -> None:
    scene = reading()
    scene.time.run(*scene.backfill(), *scene.verify(begins=100, ends=200))
    assert scene.rate(0, 100) == pytest.approx(LIMIT, rel=0.02)
    assert scene.rate(100, 100 + NOTICED_SECONDS) <= LIMIT * 1.25 + CALL
    assert scene.rate(120, 200) <= LIMIT * 1.01
    assert scene.rate(120, 200, "verify") == pytest.approx(LIMIT / 2, rel=0.05)
    assert scene.rate(215, 300, "backfill") == pytest.approx(LIMIT, rel=0.02)


def test_a_verify_costs_the_writes_nothing() -> None:
    scene = Scene(state=PairState(write_units=LIMIT))
    scene.workers.join_verify(PAIR, "v", 1e9, BEGAN)
    scene.time.run(scene.mirror())
    assert scene.rate(60, 300) == pytest.approx(LIMIT, rel=0.02)


def passed(scene: Scene, moment: float) -> bool:
    return scene.passed() >= moment


def in_turn(scene: Scene, number: int) -> Callable[[], None]:
    def run() -> None:
        pace = PairPace(PAIR, scene.paces(), scene.workers, f"env {number}", scene.time)
        scene.time.sleep(number * 0.2)
        while scene.passed() < scene.ends:
            ends = scene.passed() + 0.15
            with pace.governs(scene.state, partial(passed, scene, ends)):
                if pace.ready():
                    scene.call("mirror", pace.paces.target_write, 60)
            scene.time.sleep(max(ends + 0.85 - scene.passed(), 0.05))

    return run
