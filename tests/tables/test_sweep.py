"""Keys that waited for a user: who comes over is noticed, whenever that was, and nothing else is touched."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest

from cutover.tables.authority import Authority, PairState
from cutover.tables.owed import Owed, owed_name
from cutover.tables.owing import Owing
from cutover.tables.parking import NotParked
from cutover.tables.sweep import Sweep, Sweeper
from tests.fakes.backfill import Hand, Killed
from tests.fakes.owed import FakeOwedBook, marks
from tests.fakes.tables import FakeQueue, key

PAIR = "old=new"
FIRST = Sweep()
OPEN = PairState()


class FakeSubs:
    def __init__(self, *come: str) -> None:
        self.come = set(come)
        self.new: set[str] = set()
        self.asked: list[set[str]] = []

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        self.asked.append(set(old_subs))
        return {old: f"new-{old}" for old in self.come & set(old_subs)}

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        return {new: f"old-{new}" for new in self.new & set(new_subs)}


class World:
    def __init__(self, waiting: int = 6, epoch: int = 0) -> None:
        self.book, self.queue, self.subs, self.mark = FakeOwedBook(), FakeQueue(), FakeSubs(), marks()
        self.book.add([waits(number, epoch) for number in range(waiting)])

    def run(self, sweep: Sweep = FIRST, state: PairState = OPEN, **options: Any) -> Sweep:
        hand = options.pop("hand", Hand())
        book = hand.on(self.book)
        owing = Owing(book, lambda *given: hand.call(self.queue.park, *given), self.mark)
        sweeper = Sweeper(book, self.subs, owing.park, lambda: 5_000.0)
        given = {"stop": lambda: False, "rows": 10_000, **options}
        return sweeper.run(PAIR, state, sweep, given["stop"], given["rows"])

    def reasons(self) -> dict[str, int]:
        return dict(self.book.summary(PAIR).keys)


def waits(number: int, epoch: int = 0) -> Owed:
    keys, sub = (key(str(number)),), f"user-{number}"
    name = owed_name("unmapped", keys, epoch, f"first-{number}", sub)
    return Owed(name, PAIR, "forward", epoch, keys, "unmapped", 1_000.0, "", sub)


def test_who_has_not_come_over_keeps_waiting() -> None:
    world = World()
    assert world.run() == Sweep(left=6)
    assert (world.reasons(), world.queue.parked) == ({"unmapped": 6}, [])


def test_who_has_come_over_is_owed_from_now_on_and_looked_at() -> None:
    world = World()
    world.subs.come = {"user-1", "user-4"}
    assert world.run() == Sweep(left=4, mapped=2)
    assert world.reasons() == {"unmapped": 4, "redrive": 2}
    assert sorted(one["k"]["S"] for one in world.queue.keys("redrive")) == ["1", "4"]
    assert world.book.summary(PAIR).oldest == 5_000.0
    assert all(message.owed for message, _ in world.queue.parked)


def test_what_has_turned_out_to_be_a_new_sub_is_looked_at_again() -> None:
    """An application at the new pool wrote it before its user had counted as over: nobody comes for it."""
    world = World()
    world.subs.new = {"user-2"}
    assert world.run() == Sweep(left=5, mapped=1)
    assert world.reasons() == {"unmapped": 5, "redrive": 1}
    assert [one["k"]["S"] for one in world.queue.keys("redrive")] == ["2"]


def test_keys_of_many_users_share_a_message() -> None:
    world = World(waiting=60)
    world.subs.come = {f"user-{number}" for number in range(60)}
    world.run()
    assert world.reasons() == {"redrive": 60}


def test_a_run_is_bounded_and_the_next_one_goes_on_where_it_stopped() -> None:
    world = World()
    first = world.run(rows=2)
    second = world.run(first, rows=2)
    third = world.run(second, rows=4)
    assert [sweep.looked for sweep in (first, second)] == [2, 4]
    assert (third.place, third.left) == ("", 6)
    seen = [sub for asked in world.subs.asked for sub in asked]
    assert sorted(seen) == sorted(f"user-{number}" for number in range(6))


def test_near_the_deadline_a_run_ends_after_its_page() -> None:
    world = World()
    assert world.run(stop=lambda: True).looked == 2


def test_a_user_who_comes_over_behind_the_place_is_noticed_by_the_next_pass() -> None:
    world = World()
    half = world.run(rows=4)
    world.subs.come = {f"user-{number}" for number in range(6)}
    rest = world.run(half)
    again = world.run(rest)
    assert (rest.mapped + again.mapped, world.reasons()) == (6, {"redrive": 6})


@pytest.mark.parametrize(
    "state", [PairState(paused=True), PairState(Authority("nobody", "forward", 0))], ids=str
)
def test_a_pair_that_is_held_waits_whoever_has_come(state: PairState) -> None:
    world = World()
    world.subs.come = {"user-1"}
    assert world.run(state=state).left == 6
    assert world.reasons() == {"unmapped": 6}


def test_keys_of_an_older_epoch_are_let_go() -> None:
    world = World(epoch=1)
    swept = world.run(state=PairState(Authority("source", "forward", 3)))
    assert (swept.dropped, swept.left, world.reasons()) == (6, 0, {})


def test_a_row_that_is_written_again_while_it_is_swept_stays() -> None:
    world = World(waiting=1)
    world.subs.come = {"user-0"}
    again = replace(waits(0), name=owed_name("unmapped", (key("0"),), 0, "again", "user-0"))

    def meanwhile(_call: int) -> None:
        if not world.queue.parked:
            return
        world.book.add([again])

    world.run(hand=Hand(meanwhile=meanwhile))
    assert world.reasons() == {"unmapped": 1, "redrive": 1}
    world.run()
    assert world.reasons() == {"redrive": 1}


def test_a_queue_that_takes_nothing_keeps_the_rows() -> None:
    world = World()
    world.subs.come = {"user-1"}
    world.queue.full = True
    with pytest.raises(NotParked):
        world.run()
    assert world.reasons()["unmapped"] == 6


def test_a_sweep_that_dies_anywhere_loses_no_key() -> None:
    def made() -> World:
        world = World(waiting=3)
        world.subs.come = {"user-1", "user-2"}
        return world

    counted = Hand()
    made().run(hand=counted)
    for call in range(counted.calls):
        for after in (False, True):
            world = made()
            with contextlib.suppress(Killed):
                world.run(hand=Hand(kill_at=call, after=after))
            owed = {one["k"]["S"] for row in world.book.rows(PAIR) for one in row.keys}
            assert owed == {"0", "1", "2"}
            world.run()
            assert world.book.summary(PAIR).keys["unmapped"] == 1
