"""A verify goes by its own pace, and by the limit of the pair where that is less."""

from __future__ import annotations

from cutover.tables.authority import PairState
from cutover.tables.governor import Paces
from cutover.tables.limits import Limit
from cutover.tables.pace import Pace
from cutover.tables.shares import NOTICED_SECONDS
from cutover.tables.verify_pace import VerifyPace
from tests.fakes.tables import FakeLedger
from tests.fakes.timeline import Timeline
from tests.fakes.workers import FakeWorkers

PAIR = "old=new"


class Scene:
    """A verify whose own limits are 40 on the source and 8 on the target."""

    def __init__(self, read_units: float | None = None) -> None:
        self.time, self.workers, self.ledger = Timeline(), FakeWorkers(), FakeLedger()
        self.stopped = False
        self.paces = Paces(*(Pace(None, self.time, self.time.sleep) for _ in range(3)))
        self.limit(read_units)
        self.pace = VerifyPace(
            PAIR,
            "v",
            self.ledger,
            self.workers,
            self.paces,
            (Limit(40.0, "a quarter of what old provisions"), Limit(8.0)),
            stop=lambda: self.stopped,
            clock=self.time,
        )

    def limit(self, read_units: float | None) -> None:
        self.ledger.states[PAIR] = PairState(read_units=read_units, write_units=1)

    def rates(self) -> tuple[float | None, ...]:
        self.pace.refresh()
        return tuple(pace.limit for pace in self.paces.all())


def test_without_a_limit_of_the_pair_it_goes_at_its_own_pace_and_counts_nobody() -> None:
    scene = Scene()
    assert scene.rates() == (40, 8, None)
    assert scene.workers.verifies == {}


def test_a_limit_of_the_pair_holds_it_and_one_that_is_set_meanwhile_too() -> None:
    scene = Scene(read_units=20)
    assert scene.rates() == (20, 8, None)
    scene.limit(4)
    assert scene.rates() == (4, 4, None)
    scene.limit(None)
    assert scene.rates() == (40, 8, None)


def test_it_has_its_part_of_the_limit_and_says_why_it_waits() -> None:
    scene = Scene(read_units=20)
    scene.workers.join(PAIR, "mirror", 1e9, scene.time.now, None)
    scene.workers.join_backfill(PAIR, 1e9, scene.time.now)
    scene.pace.refresh()
    scene.time.now += NOTICED_SECONDS
    assert scene.rates() == (5, 5, None)
    said: list[str] = []
    scene.time.run(lambda: scene.paces.source_read.take(50), lambda: said.append(_after(scene, 2.0)))
    assert said == [
        "source reads held to 5 units/s: 25% of 20, set for the pair: shared with the mirror and a backfill"
    ]


def _after(scene: Scene, seconds: float) -> str:
    scene.time.sleep(seconds)
    return scene.pace.why()


def test_who_ends_in_debt_counts_until_it_is_worked_off() -> None:
    scene = Scene(read_units=20)
    scene.pace.refresh()
    scene.paces.source_read.until(lambda: True)
    scene.paces.source_read.take(120)
    scene.pace.leave()
    assert scene.workers.verifies[PAIR]["v"] > scene.time.now + 4
    scene.time.now += 10
    scene.pace.leave()
    assert scene.workers.verifies[PAIR] == {}


def test_one_that_was_stopped_waits_for_nothing_and_sets_no_pace_again() -> None:
    scene = Scene(read_units=1)
    scene.pace.refresh()
    scene.stopped = True
    for pace in scene.paces.all():
        pace.release()
    assert scene.rates() == (None, None, None)
    before = scene.time.now
    scene.paces.source_read.take(1000)
    assert scene.time.now == before
