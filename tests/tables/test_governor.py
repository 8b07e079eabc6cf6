"""A running backfill goes by the pace and the pause that the operator sets meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from cutover.tables.authority import Authority, PairState
from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.governor import Governor, Paces
from cutover.tables.lease import LeaseLost
from cutover.tables.limits import Defaults, limits_of
from cutover.tables.pace import Pace
from cutover.tables.patience import Stopped
from cutover.tables.ports import AuthorityLost
from cutover.tables.shares import NOTICED_SECONDS
from cutover.tables.table_facts import TableFacts, default_paces
from tests.fakes.backfill import FakePaceBook
from tests.fakes.tables import FakeLedger
from tests.fakes.workers import FakeWorkers

LOST = AuthorityLost("pair", "forward in epoch 0", "paused: lunch")


@dataclass
class Scene:
    ledger: FakeLedger = field(default_factory=FakeLedger)
    book: FakePaceBook = field(default_factory=FakePaceBook)
    paces: Paces = field(default_factory=lambda: Paces(Pace(None), Pace(None), Pace(None)))
    defaults: Defaults = field(default_factory=Defaults)
    workers: FakeWorkers = field(default_factory=FakeWorkers)
    now: float = 1000.0
    stopped: bool = False
    said: list[str] = field(default_factory=list)
    naps: int = 0

    def governor(self) -> Governor:
        return Governor(
            "pair",
            0,
            self.ledger,
            self.book,
            self.paces,
            self.defaults,
            stop=lambda: self.stopped,
            say=self.said.append,
            sleep=self.nap,
            workers=self.workers,
            clock=lambda: self.now,
        )

    def nap(self, _: float) -> None:
        self.naps += 1

    def rates(self) -> tuple[float | None, ...]:
        return tuple(pace.rate for pace in self.paces.all())


def test_nothing_set_goes_by_the_default() -> None:
    scene = Scene(defaults=Defaults(10, 20, 30))
    scene.governor().refresh()
    assert scene.rates() == (10, 20, 30)


def test_what_the_operator_sets_is_picked_up() -> None:
    scene = Scene(defaults=Defaults(10, 20, 30))
    governor = scene.governor()
    governor.refresh()
    scene.book.pace = BackfillPace(read_units=5, write_units=6)
    governor.refresh()
    assert scene.rates() == (5, 5, 6)


def test_zero_takes_the_limit_away() -> None:
    scene = Scene(defaults=Defaults(10, 20, 30))
    scene.book.pace = BackfillPace(read_units=0, write_units=0)
    scene.governor().refresh()
    assert scene.rates() == (None, None, None)


def test_the_pairs_own_limit_holds_the_backfill_too() -> None:
    scene = Scene()
    scene.ledger.states["pair"] = PairState(read_units=3, write_units=4)
    scene.book.pace = BackfillPace(read_units=100, write_units=1)
    scene.governor().refresh()
    assert scene.rates() == (3, 3, 1)


@pytest.mark.parametrize("whose", ["pair", "backfill"])
def test_a_pause_is_waited_for_and_said(whose: str) -> None:
    scene = Scene()
    if whose == "pair":
        scene.ledger.states["pair"] = PairState(paused=True, reason="lunch peak")
    else:
        scene.book.pace = BackfillPace(paused=True, reason="lunch peak")
    governor = scene.governor()
    governor.refresh()

    def unpause(_: float) -> None:
        scene.naps += 1
        if scene.naps == 3:
            scene.ledger.states.clear()
            scene.book.pace = BackfillPace()
            governor.refresh()

    governor._sleep = unpause  # noqa: SLF001 - the nap of a test that goes on
    governor.ready()
    assert scene.naps == 3
    assert "lunch peak" in scene.said[0]
    assert scene.said[-1] == "goes on"


def test_a_pause_says_why_nothing_moves() -> None:
    scene = Scene()
    scene.book.pace = BackfillPace(paused=True, reason="lunch peak")
    governor = scene.governor()
    governor.refresh()
    assert governor.why() == "the backfill is paused: lunch peak"


def test_who_waits_in_a_pause_can_be_stopped() -> None:
    scene = Scene(stopped=True)
    scene.book.pace = BackfillPace(paused=True)
    governor = scene.governor()
    governor.refresh()
    with pytest.raises(Stopped):
        governor.ready()


def test_a_permit_that_was_refused_for_a_pause_comes_back() -> None:
    scene = Scene()
    scene.ledger.states["pair"] = PairState(paused=True)
    scene.governor().lost(LOST)
    assert scene.naps == 1


def test_a_permit_that_was_refused_for_another_ruler_is_lost() -> None:
    scene = Scene()
    scene.ledger.states["pair"] = PairState(Authority("target", "reverse", 1))
    with pytest.raises(AuthorityLost):
        scene.governor().lost(LOST)


def test_a_lost_lease_is_no_pause() -> None:
    scene = Scene()
    with pytest.raises(LeaseLost):
        scene.governor().lost(LeaseLost("pair", "our lease", "it ran out"))


def test_after_a_stop_no_pace_holds_anybody() -> None:
    scene = Scene()
    scene.book.pace = BackfillPace(read_units=1, write_units=1)
    governor = scene.governor()
    governor.refresh()
    governor.release()
    governor.refresh()
    assert scene.rates() == (None, None, None)


def test_the_default_is_a_share_of_what_is_provisioned() -> None:
    facts = TableFacts("orders", 0, 0, read_units=100, write_units=10)
    default = default_paces(facts, facts)
    assert default == Defaults(25, 50, 5)
    assert default.target_write_why == "half of what orders provisions"


def test_an_on_demand_table_is_asked_for_what_it_says_it_takes_at_once() -> None:
    facts = TableFacts("orders", 0, 0, warm_read_units=20_000, warm_write_units=8_000)
    default = default_paces(facts, facts)
    assert default == Defaults(5_000, 20_000, 8_000)
    assert default.source_read_why == "a quarter of what orders takes at once"


def test_an_on_demand_table_that_does_not_say_is_taken_for_a_new_one() -> None:
    facts = TableFacts("orders", 0, 0)
    default = default_paces(facts, facts)
    assert default == Defaults(3_000, 12_000, 4_000)
    assert default.target_write_why == "what orders takes at once when new"


@pytest.mark.parametrize(
    ("of_pair", "own", "why"),
    [
        (None, None, "half of what orders provisions"),
        (None, 6.0, "set for the backfill"),
        (4.0, 6.0, "set for the pair"),
        (8.0, 6.0, "set for the backfill"),
        (4.0, None, "set for the pair"),
    ],
)
def test_each_limit_says_where_it_comes_from(of_pair: float | None, own: float | None, why: str) -> None:
    default = Defaults(target_write=30, target_write_why="half of what orders provisions")
    limits = limits_of(PairState(write_units=of_pair), BackfillPace(write_units=own), default)
    assert limits[2].because == why


def test_a_table_that_throttles_is_told_of_once_and_shown_while_it_lasts() -> None:
    scene = Scene(
        paces=Paces(Pace(None), Pace(None), Pace(None, of="orders-new")), defaults=Defaults(1, 1, 300)
    )
    governor = scene.governor()
    governor.refresh()
    scene.paces.target_write.throttled()
    governor.refresh()
    governor.refresh()
    throttled = "target writes throttled by orders-new, down to 150 units/s, growing again"
    assert scene.said == [throttled]
    assert governor.why() == throttled


def test_a_limit_of_the_pair_is_shared_with_the_mirror_and_says_so() -> None:
    scene = Scene(defaults=Defaults(10, 20, 30))
    scene.ledger.states["pair"] = PairState(write_units=16)
    scene.workers.join("pair", "mirror", scene.now + 120, scene.now, None)
    governor = scene.governor()
    for rate, why in ((4, "25% of 16"), (8, "50% of 16")):
        governor.refresh()
        assert scene.rates() == (10, 20, rate)
        assert scene.paces.target_write._because == f"{why}, set for the pair: shared with the mirror"  # noqa: SLF001
        scene.now += NOTICED_SECONDS
    scene.workers.members.clear()
    governor.refresh()
    assert scene.rates() == (10, 20, 16)


def test_what_the_backfill_is_held_to_by_itself_is_no_less_for_a_mirror_at_work() -> None:
    scene = Scene(defaults=Defaults(10, 20, 2))
    scene.ledger.states["pair"] = PairState(write_units=16)
    scene.workers.join("pair", "mirror", scene.now + 120, scene.now, None)
    scene.governor().refresh()
    assert scene.rates() == (10, 20, 2)


def test_without_limits_of_the_pair_nothing_is_said_of_who_is_at_work() -> None:
    scene = Scene(defaults=Defaults(10, 20, 30))
    scene.governor().refresh()
    assert scene.workers.backfills == {}
