"""The backfill of a segment: nothing is lost, whatever fails and whenever the process dies."""

from __future__ import annotations

import pytest

from cutover.tables.backfill import copy_segment
from cutover.tables.backfill_rows import Place, Run
from cutover.tables.patience import Patience
from cutover.tables.ports import AuthorityLost, FaultReason, Key, TableFault
from cutover.tables.settle_keys import settle_pending
from cutover.tables.transform import Transform
from tests.fakes.backfill import Hand, Killed, World
from tests.fakes.tables import Granted, item, key

RUN = Run("run-1", 1, 1_700_000_000)


def world_of(count: int) -> World:
    world = World()
    for number in range(count):
        world.source.put(item(f"k{number}", "v"))
    return world


def test_a_segment_is_copied_to_its_end() -> None:
    world = world_of(10)
    place = copy_segment(world.copying(), RUN, Place(0))
    assert world.equal
    assert (place.done, place.items, place.written) == (True, 10, 10)


def test_an_empty_segment_is_done() -> None:
    world = World()
    assert copy_segment(world.copying(), RUN, Place(0)).done


def test_nothing_stays_pending_at_the_end() -> None:
    world = world_of(10)
    copy_segment(world.copying(), RUN, Place(0))
    assert world.ledger.page_rows == {}


def test_the_place_in_the_ledger_is_where_the_segment_stands() -> None:
    world = world_of(10)
    place = copy_segment(world.copying(), RUN, Place(0))
    assert world.ledger.places("run-1") == {0: place}


def test_the_keys_of_a_page_are_saved_before_any_of_them_is_written() -> None:
    world = world_of(3)
    saved: list[int] = []
    world.target.before_write = lambda _: saved.append(
        sum(len(keys) for keys in world.ledger.page_rows.values())
    )
    copy_segment(world.copying(), RUN, Place(0))
    assert saved == [3]


def test_the_source_is_not_read_again_before_the_first_write() -> None:
    world = world_of(3)
    reads: list[int] = []
    world.target.before_write = lambda _: reads.append(len(world.source.reads))
    copy_segment(world.copying(), RUN, Place(0))
    assert reads == [0]


def test_pages_are_read_strongly_consistently() -> None:
    world = world_of(1)
    asked: list[bool] = []
    scan = world.source.scan

    def spy(segment: int, segments: int, *, start: Key | None = None, consistent: bool = False) -> object:
        asked.append(consistent)
        return scan(segment, segments, start=start, consistent=consistent)

    world.source.scan = spy  # type: ignore[method-assign, assignment]
    copy_segment(world.copying(), RUN, Place(0))
    assert asked == [True]


def test_an_item_deleted_between_page_and_write_does_not_come_back() -> None:
    world = world_of(1)

    def delete_first(_: object) -> None:
        world.source.delete(key("k0"))
        world.mirror(key("k0"))
        world.target.before_write = lambda _: None

    world.target.before_write = delete_first
    copy_segment(world.copying(), RUN, Place(0))
    assert world.target.items == {}


def test_an_item_that_cannot_be_transformed_is_parked_and_the_others_go_over() -> None:
    world = world_of(4)

    def refuse_one(found: object) -> object:
        if found["k"] == {"S": "k2"}:  # type: ignore[index]
            raise ValueError("no")
        return found

    place = copy_segment(world.copying(transform=Transform(refuse_one)), RUN, Place(0))  # type: ignore[arg-type]
    assert world.queue.keys(FaultReason.TRANSFORM) == [key("k2")]
    assert len(world.target.items) == 3
    assert place.parked == 1


def test_a_key_whose_reply_was_lost_is_parked_for_later() -> None:
    world = world_of(1)
    (identity,) = world.source.items
    world.target.lost[identity] = True
    copy_segment(world.copying(), RUN, Place(0))
    assert [(message.reason, delay) for message, delay in world.queue.parked] == [("ambiguous", 900)]


def test_a_queue_that_takes_nothing_leaves_the_page_pending() -> None:
    world = world_of(1)
    (identity,) = world.source.items
    world.target.lost[identity] = True
    world.queue.full = True
    with pytest.raises(TableFault, match="retry queue"):
        copy_segment(world.copying(), RUN, Place(0))
    assert len(world.ledger.page_rows) == 1


@pytest.mark.parametrize(
    "reason", ["AccessDenied", "KmsAccessDenied", "AWS.SimpleQueueService.NonExistentQueue"]
)
def test_a_queue_that_nobody_may_use_is_not_waited_for(reason: str) -> None:
    world = world_of(1)
    (identity,) = world.source.items
    world.target.lost[identity] = True
    world.queue.full, world.queue.why_full = True, reason
    waited: list[float] = []
    with pytest.raises(TableFault) as fault:
        copy_segment(world.copying(patience=Patience(budget=60, sleep=waited.append)), RUN, Place(0))
    assert (fault.value.table, fault.value.reason, waited) == ("the retry queue", reason, [])


def test_a_lost_reply_is_not_forgotten_while_the_queue_takes_nothing() -> None:
    world = world_of(1)
    (identity,) = world.source.items
    world.target.lost[identity] = True
    world.queue.full = True

    def back_again(_seconds: float) -> None:
        world.queue.full = False

    copy_segment(world.copying(patience=Patience(budget=60, sleep=back_again)), RUN, Place(0))
    assert [(message.reason, delay) for message, delay in world.queue.parked] == [("ambiguous", 900)]


def test_a_lost_reply_is_not_forgotten_while_a_table_and_the_queue_are_away() -> None:
    world = world_of(1)

    def away(_: object) -> None:
        raise TableFault("target", "unreachable", ambiguous=(key("k0"),))

    def back_again(_seconds: float) -> None:
        world.queue.full, world.target.before_write = False, lambda _: None

    world.queue.full, world.target.before_write = True, away
    copy_segment(world.copying(patience=Patience(budget=60, sleep=back_again)), RUN, Place(0))
    assert [(message.reason, delay) for message, delay in world.queue.parked] == [("ambiguous", 900)]
    assert world.equal


def test_a_table_fault_keeps_the_place_and_the_keys() -> None:
    world = world_of(4)

    def refuse(_: object) -> None:
        raise TableFault("target", "AccessDeniedException")

    world.target.before_write = refuse
    with pytest.raises(TableFault):
        copy_segment(world.copying(), RUN, Place(0))
    assert world.ledger.places("run-1") == {}
    assert len(world.ledger.page_rows) == 1


def test_a_table_fault_that_passes_is_waited_for_and_said() -> None:
    world = world_of(4)
    failures = iter([True, True, False])
    said: list[str] = []
    now = [0.0]

    def refuse_twice(_: object) -> None:
        if next(failures, False):
            raise TableFault("target", "throttled past the budget")

    def sleep(seconds: float) -> None:
        now[0] += seconds

    world.target.before_write = refuse_twice
    patience = Patience(budget=60, say=said.append, clock=lambda: now[0], sleep=sleep)
    copy_segment(world.copying(patience=patience), RUN, Place(0))
    assert world.equal
    assert len(said) == 2
    assert "throttled past the budget" in said[0]


def test_after_a_fault_the_same_keys_are_tried_again_though_the_source_has_lost_one() -> None:
    """The write was done, the reply is a fault, and the item is deleted before the next try."""
    world = world_of(1)
    write, failed = world.target.write, []

    def fail_after(puts: object, deletes: object) -> object:
        result = write(puts, deletes)  # type: ignore[arg-type]
        if not failed:
            failed.append(True)
            world.source.delete(key("k0"))
            raise TableFault("target", "InternalServerError")
        return result

    world.target.write = fail_after  # type: ignore[method-assign, assignment]
    now = [0.0]
    patience = Patience(
        budget=60, clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds)
    )
    copy_segment(world.copying(patience=patience), RUN, Place(0))
    assert world.target.items == {}


def test_a_lost_authority_ends_it_and_keeps_the_keys() -> None:
    world = world_of(4)
    with pytest.raises(AuthorityLost):
        copy_segment(world.copying(permit=Granted(lost_at=1)), RUN, Place(0))
    assert world.target.items == {}
    assert len(world.ledger.page_rows) == 1


def test_stopping_between_pages_gives_the_place() -> None:
    world = world_of(10)
    stops = iter([False] * 3 + [True] * 100)
    place = copy_segment(world.copying(stop=lambda: next(stops)), RUN, Place(0))
    assert not place.done


def test_stopping_within_a_page_leaves_its_keys_pending_and_parks_none() -> None:
    world = world_of(3)
    pages_left = iter([False])
    work = world.copying(stop=lambda: next(pages_left, True))
    place = copy_segment(work, RUN, Place(0))
    assert (place, world.queue.parked) == (Place(0), [])
    assert [len(keys) for keys in world.ledger.page_rows.values()] == [3]


def test_a_pending_page_is_converged_from_the_source_and_removed() -> None:
    world = world_of(2)
    world.target.put(item("gone", "left by a killed run"))
    world.ledger.save_pending("old-run", 7, [key("gone"), key("k0")])
    assert settle_pending(world.copying()) == 1
    assert key("gone") not in [{"k": one["k"]} for one in world.target.items.values()]
    assert len(world.target.items) == 1
    assert world.ledger.page_rows == {}


def test_the_keys_of_a_pending_page_come_once_more_when_no_write_of_the_dead_can_land() -> None:
    world = world_of(1)
    world.ledger.save_pending("old-run", 7, [key("k0")])
    settle_pending(world.copying())
    assert [(message.keys, delay) for message, delay in world.queue.parked] == [((key("k0"),), 900)]


def test_a_page_of_many_long_keys_is_saved_in_parts() -> None:
    world = world_of(3)
    world.ledger.part_bytes = 10
    parts: list[int] = []
    world.target.before_write = lambda _: parts.append(len(world.ledger.page_rows))
    copy_segment(world.copying(), RUN, Place(0))
    assert parts == [3]


def test_a_kill_between_two_calls_is_a_kill() -> None:
    """The tool of the next test files works: a dead process makes no call any more."""
    world = world_of(3)
    hand = Hand(kill_at=2)
    with pytest.raises(Killed):
        copy_segment(world.copying(hand), RUN, Place(0))
    assert hand.calls == 3
