"""A redrive converges what is owed, keeps what is still at fault, and may be killed anywhere."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

import pytest

from cutover.tables.authority import Authority
from cutover.tables.copying import Copying
from cutover.tables.items import key_id
from cutover.tables.owed import Owed, owed_name
from cutover.tables.owing import Owing
from cutover.tables.parking import RetryMessage
from cutover.tables.patience import Stopped
from cutover.tables.ports import FaultReason, Item, Key, TableFault
from cutover.tables.redrive import Batches, Redrive
from cutover.tables.transform import TransformFault
from cutover.tables.tuning import TUNING
from tests.fakes import backfill
from tests.fakes.backfill import Hand, Killed
from tests.fakes.owed import FakeOwedBook, Waiting, marks
from tests.fakes.tables import item, key
from tests.tables.test_sweep import FakeSubs

PAIR = "source=target"


class World(backfill.World):
    def __init__(self) -> None:
        super().__init__()
        self.target.indexed = ("v",)
        self.book, self.mark = FakeOwedBook(), marks()
        self.subs = FakeSubs()
        self.counts: dict[str, int] = {}
        self.epoch = 0

    def owe(self, *names: str, reason: str = "unsettled", epoch: int = 0, sub: str = "") -> None:
        keys = tuple(map(key, names))
        name = owed_name(reason, keys, epoch, self.mark(), sub)
        self.book.add([Owed(name, PAIR, "forward", epoch, keys, reason, 1.0, "", sub)])

    def redrive(self, hand: Hand | None = None, **changes: Any) -> Redrive:
        hand = hand or Hand()
        work: Copying = self.copying(hand, epoch=self.epoch, **changes)
        return Redrive(
            work=work,
            book=hand.on(self.book),
            send=lambda *given: hand.call(self.queue.park, *given),
            unique=self.mark,
            authority=Authority("source", "forward", self.epoch),
            subs=self.subs,
            count=lambda _pair, **amounts: self.counts.update(amounts),
        )

    def run(self, *reasons: str, hand: Hand | None = None, **changes: Any) -> Redrive:
        redrive = self.redrive(hand, **changes)
        Batches(redrive, reasons or (None,)).work_off()
        return redrive

    def owed(self) -> dict[str, int]:
        return dict(self.book.summary(PAIR).keys)


@pytest.fixture
def world() -> World:
    return World()


def test_what_is_owed_converges_and_is_owed_no_more(world: World) -> None:
    world.source.put(item("a", "1"))
    world.target.put(item("gone", "old"))
    world.owe("a", "gone")
    world.owe("never", reason="lost")
    done = world.run().done
    assert (done.converged, done.remain, world.owed(), world.equal) == (3, 0, {}, True)


def test_a_redrive_never_takes_a_hint(world: World) -> None:
    world.source.put(item("a", "1"))
    world.owe("a")
    world.run()
    assert world.source.reads[0] == [key_id(key("a"))]


def test_a_key_at_the_same_fault_keeps_its_row_and_sends_no_message(world: World) -> None:
    world.source.put({**key("bad"), "v": {"N": "1"}})
    world.owe("bad", reason="validation")
    (before,) = world.book.rows(PAIR)
    done = world.run().done
    assert (list(world.book.rows(PAIR)), world.queue.parked) == ([before], [])
    assert (done.converged, done.remain) == (0, 1)


def test_a_fault_in_company_is_owed_alone_and_sends_no_message(world: World) -> None:
    world.source.put({**key("bad"), "v": {"N": "1"}})
    world.source.put(item("good", "1"))
    world.owe("bad", "good")
    done = world.run().done
    assert (world.owed(), world.queue.parked, done.converged) == ({"validation": 1}, [], 1)


def test_a_lost_reply_is_owed_a_later_look(world: World) -> None:
    world.source.put(item("a", "1"))
    world.target.lost[key_id(key("a"))] = True
    world.owe("a")
    world.run()
    assert world.owed() == {"ambiguous": 1}
    assert [(message.reason, delay) for message, delay in world.queue.parked] == [("ambiguous", 900)]


def test_a_lost_write_is_owed_for_as_long_as_it_may_still_land(world: World) -> None:
    """Else a certificate could be made before it does."""
    world.source.put(item("a", "1"))
    name = owed_name("ambiguous", (key("a"),), 0, "m")
    sent = 1_700_000_000.0
    world.book.add([Owed(name, PAIR, "forward", 0, (key("a"),), "ambiguous", sent)])
    done = world.run(clock=lambda: sent + 60).done
    assert (world.equal, world.owed(), done.converged, done.remain) == (True, {"ambiguous": 1}, 0, 1)
    done = world.run(clock=lambda: sent + 901).done
    assert (world.owed(), done.converged, done.remain) == ({}, 1, 0)


def test_a_write_that_a_redrive_loses_is_owed_from_then_on(world: World) -> None:
    """The row is one with that of an earlier lost write of the key, whose time is long over."""
    world.source.put(item("a", "1"))
    sent = 1_700_000_000.0
    name = owed_name("ambiguous", (key("a"),), 0, "m")
    world.book.add([Owed(name, PAIR, "forward", 0, (key("a"),), "ambiguous", sent)])
    world.target.lost[key_id(key("a"))] = True
    world.run(clock=lambda: sent + 5000)
    world.run(clock=lambda: sent + 5001)
    assert (world.equal, world.owed()) == (True, {"ambiguous": 1})
    world.run(clock=lambda: sent + 5901)
    assert world.owed() == {}


def test_only_the_reasons_that_were_asked_for_are_redriven(world: World) -> None:
    world.owe("a", reason="lost")
    world.owe("b", reason="validation")
    world.run("validation")
    assert world.owed() == {"lost": 1}


def test_keys_of_an_older_epoch_are_dropped_and_counted(world: World) -> None:
    world.source.put(item("a", "1"))
    world.owe("a", "b")
    world.epoch = 2
    done = world.run().done
    assert (done.dropped, world.owed(), world.counts, world.target.writes) == (
        2,
        {},
        {"dropped_old_epoch": 2},
        [],
    )


def test_keys_of_an_epoch_to_come_stay(world: World) -> None:
    world.owe("a", epoch=5)
    assert (world.run().done.converged, world.owed()) == (0, {"unsettled": 1})


def test_a_batch_that_nobody_can_read_stays_for_a_verify(world: World) -> None:
    world.owe(reason="lost")
    done = world.run().done
    assert (done.unknown, done.converged, world.owed()) == (1, 0, {"lost": 1})


def test_keys_that_wait_converge_once_their_user_has_come(world: World) -> None:
    transform = Waiting("u1")
    world.source.put(item("a", "1"))
    world.owe("a", reason="unmapped", sub="u1")
    assert world.run(transform=transform).done.waiting == 1
    assert (world.target.reads, world.target.writes) == ([], [])
    world.subs.come, transform.__dict__["come"] = {"u1"}, True
    assert world.run(transform=transform).done.converged == 1
    assert (world.owed(), world.equal) == ({}, True)


def test_an_item_that_is_gone_waits_for_nobody_and_goes_from_the_target_too(world: World) -> None:
    world.target.put(item("a", "of another owner, once"))
    world.owe("a", reason="unmapped", sub="u1")
    done = world.run(transform=Waiting("u1")).done
    assert (done.converged, done.waiting, world.owed(), world.target.items) == (1, 0, {}, {})


def test_a_key_that_has_no_place_in_the_target_is_let_go_when_its_item_is_gone(world: World) -> None:
    class Keyed(Waiting):
        changes_keys = True  # type: ignore[assignment]

        def target_key(self, source_key: Key) -> Key:
            raise TransformFault(FaultReason.UNMAPPED, "no mapping", "u1")

    world.source.put(item("there", "1"))
    world.owe("gone", reason="unmapped", sub="u1")
    world.owe("there", reason="unmapped", sub="u1")
    done = world.run(transform=Keyed("u1")).done
    assert (done.converged, done.waiting, world.target.writes) == (1, 1, [])
    assert [row.keys for row in world.book.rows(PAIR)] == [(key("there"),)]


def test_an_item_that_was_given_to_somebody_else_waits_for_its_former_owner_no_more(world: World) -> None:
    class Owners(Waiting):
        def wanted(self, source_key: Key, item: Item | None) -> Item | None:
            if item is not None and item["v"]["S"] != "came over":
                raise TransformFault(FaultReason.UNMAPPED, "no mapping", item["v"]["S"])
            return item

    world.source.put(item("to one who came", "came over"))
    world.source.put(item("to another who has not", "u2"))
    world.source.put(item("still theirs", "u1"))
    for name in ("to one who came", "to another who has not", "still theirs"):
        world.owe(name, reason="unmapped", sub="u1")
    done = world.run(transform=Owners("")).done
    assert (done.converged, done.waiting) == (1, 2)
    assert {row.keys[0]["k"]["S"]: row.waits_for for row in world.book.rows(PAIR)} == {
        "to another who has not": "u2",
        "still theirs": "u1",
    }


def test_an_item_that_comes_back_while_its_row_goes_keeps_waiting(world: World) -> None:
    world.owe("a", reason="unmapped", sub="u1")
    name = owed_name("unmapped", (key("a"),), 0, "again", "u1")
    again = Owed(name, PAIR, "forward", 0, (key("a"),), "unmapped", 9.0, "", "u1")

    def meanwhile(_keys: Any) -> None:
        world.source.before_get = lambda _: None
        world.book.add([again])

    world.source.before_get = meanwhile
    world.run(transform=Waiting("u1"))
    assert [row.name for row in world.book.rows(PAIR)] == [name]


def test_keys_that_turn_out_to_wait_for_another_user_wait_on(world: World) -> None:
    world.source.put(item("a", "1"))
    world.owe("a")
    done = world.run(transform=Waiting("u9")).done
    assert (done.waiting, done.remain, world.owed()) == (1, 0, {"unmapped": 1})


def test_without_a_map_of_subs_keys_that_wait_are_left_alone(world: World) -> None:
    world.source.put(item("a", "1"))
    world.owe("a", reason="unmapped", sub="u1")
    redrive = replace(world.redrive(transform=Waiting("u1")), subs=None)
    Batches(redrive, (None,)).work_off()
    assert (redrive.done.waiting, world.owed()) == (1, {"unmapped": 1})


def test_a_pair_that_names_no_subs_any_more_waits_for_nobody(world: World) -> None:
    world.source.put(item("a", "1"))
    world.owe("a", reason="unmapped", sub="u1")
    redrive = replace(world.redrive(), subs=None)
    Batches(redrive, (None,)).work_off()
    assert (redrive.done.converged, world.owed(), world.equal) == (1, {}, True)


def test_many_rows_go_in_batches_of_a_slice(world: World) -> None:
    for number in range(250):
        world.source.put(item(str(number), "1"))
        world.owe(str(number))
    sizes = [sum(row.number for row in batch) for batch in world.redrive().batches(None)]
    assert (sum(sizes), max(sizes)) == (250, 100)
    world.run()
    assert (world.owed(), world.equal) == ({}, True)


def test_a_table_at_fault_leaves_the_rows(world: World) -> None:
    def down(_keys: Any) -> None:
        raise TableFault("target", "AccessDeniedException")

    world.source.put(item("a", "1"))
    world.owe("a")
    world.target.before_write = down
    with pytest.raises(TableFault):
        world.run()
    assert world.owed() == {"unsettled": 1}


def test_a_row_that_holds_no_key_of_the_table_does_not_keep_the_others_from_converging(world: World) -> None:
    def refuse(asked: Any) -> None:
        if key_id(key("poison")) in asked:
            raise TableFault("source", "ValidationException")

    world.source.before_get = refuse
    for number in range(9):
        world.source.put(item(str(number), "1"))
        world.owe(str(number))
    world.source.put(item("in its company", "1"))
    world.owe("poison", "in its company", "never there", reason="lost")
    world.owe("poison", reason="unmapped", sub="u1")
    done = world.run().done
    assert (done.converged, done.remain, done.unknown, world.equal) == (11, 0, 2, True)
    assert world.owed() == {"lost": 1, "unmapped": 1}
    assert {row.since for row in world.book.rows(PAIR)} == {1.0}


def test_a_redrive_that_is_stopped_leaves_what_it_did_not_reach(world: World) -> None:
    world.owe("a")
    with pytest.raises(Stopped):
        world.run(stop=lambda: True)
    assert world.owed() == {"unsettled": 1}


def test_a_row_that_is_owed_again_meanwhile_stays(world: World) -> None:
    world.source.put(item("a", "1"))
    world.owe("a")
    again = RetryMessage(PAIR, "forward", 0, (key("a"),), 9.0, "unsettled")
    parked: list[int] = []

    def meanwhile(_keys: Any) -> None:
        if not parked:
            parked.append(1)
            Owing(world.book, world.queue.park, world.mark).park(again, 0)

    world.target.before_write = meanwhile
    world.run()
    assert world.owed() == {"unsettled": 1}


def test_a_redrive_that_dies_anywhere_is_done_again_and_loses_no_key() -> None:
    def made() -> World:
        world = World()
        world.source.put(item("good", "1"))
        world.source.put({**key("bad"), "v": {"N": "1"}})
        world.source.put(item("lost", "1"))
        world.target.lost[key_id(key("lost"))] = False
        world.owe("good", "bad", "lost")
        return world

    counted = Hand()
    made().run(hand=counted)
    assert counted.calls > 8
    for call in range(counted.calls):
        for after in (False, True):
            world = made()
            with contextlib.suppress(Killed, TableFault):
                world.run(hand=Hand(kill_at=call, after=after))
            owed = {one["k"]["S"] for row in world.book.rows(PAIR) for one in row.keys}
            assert {"bad", "lost"} <= owed
            assert "good" in owed or key_id(key("good")) in world.target.items
            world.source.put(item("bad", "2"))
            world.target.lost.clear()
            world.run(clock=lambda: 1_700_000_000.0 + TUNING.ambiguous_delay)
            assert (world.owed(), world.equal) == ({}, True)
