"""Kill the backfill at every single call, change the source meanwhile, resume: the tables are equal."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.tables.backfill import copy_segment
from cutover.tables.backfill_rows import PendingPage, Place, Run
from cutover.tables.patience import Patience
from cutover.tables.ports import TableFault
from cutover.tables.settle_keys import settle_pending
from tests.fakes.backfill import FakeBackfillLedger, Hand, Killed, World
from tests.fakes.clocks import HandClock
from tests.fakes.tables import item, key

NAMES = [f"k{number}" for number in range(7)]


def fresh_world(seed: int) -> World:
    world, rng = World(), random.Random(seed)
    for name in NAMES:
        if rng.random() < 0.8:
            world.source.put(item(name, "old"))
    return world


def busy_application(world: World, seed: int) -> object:
    """At each call of the backfill the application may change one item, and the mirror brings it over."""
    rng = random.Random(seed)

    def act(number: int) -> None:
        name = rng.choice(NAMES)
        chance = rng.random()
        if chance < 0.35:
            world.source.delete(key(name))
        elif chance < 0.6:
            world.source.put(item(name, f"new-{number}"))
        else:
            return
        world.mirror(key(name))

    return act


def backfill(world: World, run: Run, hand: Hand) -> None:
    work = world.copying(hand)
    settle_pending(work)
    places = work.ledger.places(run.run_id)
    for number in range(run.segments):
        copy_segment(work, run, places.get(number, Place(number)))
    settle_pending(work)


def calls_of_a_run(seed: int) -> int:
    world = fresh_world(seed)
    hand = Hand(meanwhile=busy_application(world, seed))  # type: ignore[arg-type]
    backfill(world, Run("run-1", 2, 1), hand)
    return hand.calls


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("seed", range(12))
def test_killed_at_every_call_and_resumed(seed: int, after: bool) -> None:
    for kill_at in range(calls_of_a_run(seed) + 1):
        world = fresh_world(seed)
        hand = Hand(kill_at, after, busy_application(world, seed))  # type: ignore[arg-type]
        with suppress(Killed):
            backfill(world, Run("run-1", 2, 1), hand)
        busy_application(world, seed + 1)(0)  # type: ignore[operator]
        backfill(world, Run("run-1", 2, 1), Hand())
        assert world.equal, f"killed at call {kill_at}"


@pytest.mark.parametrize("segments", [1, 3, 5])
@pytest.mark.parametrize("seed", range(4))
def test_resumed_with_another_number_of_segments(seed: int, segments: int) -> None:
    for kill_at in range(calls_of_a_run(seed) + 1):
        world = fresh_world(seed)
        hand = Hand(kill_at, True, busy_application(world, seed))  # type: ignore[arg-type]
        with suppress(Killed):
            backfill(world, Run("run-1", 2, 1), hand)
        backfill(world, Run("run-2", segments, 2), Hand())
        assert world.equal, f"killed at call {kill_at}"


def test_dropping_the_pending_pages_brings_a_deleted_item_back() -> None:
    """Why a new scan is not enough: this is what the pending pages are for."""
    world = World()
    world.source.put(item("k0", "old"))

    def delete_before_the_write(_: object) -> None:
        world.source.delete(key("k0"))
        world.mirror(key("k0"))

    world.target.before_write = delete_before_the_write
    write = world.target.write

    def write_and_die(puts: object, deletes: object) -> None:
        write(puts, deletes)  # type: ignore[arg-type]
        raise Killed

    world.target.write = write_and_die  # type: ignore[method-assign, assignment]
    with suppress(Killed):
        copy_segment(world.copying(), Run("run-1", 1, 1), Place(0))
    world.target.before_write, world.target.write = (lambda _: None), write  # type: ignore[method-assign]
    copy_segment(world.copying(), Run("run-2", 1, 2), Place(0))
    assert not world.equal
    settle_pending(world.copying())
    assert world.equal


class Shelf(FakeBackfillLedger):
    """Says how many pending pages were in somebody's hands at once; the third one's first reading fails."""

    def __init__(self) -> None:
        super().__init__()
        self.given, self.most, self.faults = 0, 0, 1

    def pending(self) -> Iterator[PendingPage]:
        for number, page in enumerate(super().pending()):
            if number == 2 and self.faults:
                self.faults -= 1
                raise TableFault("ledger", "InternalServerError")
            self.given += 1
            self.most = max(self.most, self.given)
            yield page

    def remove_pending(self, pages: Sequence[PendingPage]) -> None:
        self.given -= len(pages)
        super().remove_pending(pages)


def test_pages_that_many_workers_left_are_not_held_all_at_once() -> None:
    """Eight hundred threads of two hundred functions leave more than the next one's memory."""
    world = World()
    world.ledger = shelf = Shelf()
    for name in NAMES:
        world.source.put(item(name, "new"))
        shelf.save_pending("run-1", 0, [key(name)])
    clock = HandClock()
    work = world.copying(ledger=shelf, patience=Patience(60, clock=clock, sleep=clock.sleep))
    assert settle_pending(work) == len(NAMES)
    assert (world.equal, list(shelf.page_rows), shelf.most, shelf.faults) == (True, [], 1, 0)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    kills=st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=4),
    segments=st.lists(st.integers(1, 4), min_size=5, max_size=5),
)
def test_any_number_of_kills_and_segments_ends_equal(
    seed: int, kills: list[tuple[int, bool]], segments: list[int]
) -> None:
    world = fresh_world(seed)
    for attempt, (kill_at, after) in enumerate(kills):
        hand = Hand(kill_at, after, busy_application(world, seed + attempt))  # type: ignore[arg-type]
        with suppress(Killed):
            backfill(world, Run(f"run-{segments[attempt]}", segments[attempt], attempt), hand)
    backfill(world, Run(f"run-{segments[4]}-last", segments[4], 9), Hand())
    assert world.equal
