"""What `converge` does with keys whose tables, items or neighbours misbehave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cutover.tables.converge import converge
from cutover.tables.items import key_id
from cutover.tables.ports import AuthorityLost, Convergence, FaultReason, Item, Key, TableFault
from cutover.tables.transform import IDENTITY, Transform
from cutover.tables.tuning import Tuning
from tests.fakes.tables import FakeTable, Granted, item, key, text

SMALL = Tuning(slice_keys=3, rounds=3)


def run(keys: list[Key], source: FakeTable, target: FakeTable, **options: Any) -> Convergence:
    options = {"transform": IDENTITY, "permit": Granted(), "tuning": SMALL, **options}
    return converge(keys, source=source, target=target, sleep=lambda _: None, rng=lambda: 0.5, **options)


def once(action: Callable[[], None]) -> Callable[[object], None]:
    left = [action]
    return lambda _: left.pop()() if left else None


def test_what_the_source_holds_is_written_and_what_it_lacks_is_deleted() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable([item("b", "old")])
    result = run([key("a"), key("b")], source, target)
    assert target.items == source.items
    assert result.counts == {"written": 1, "deleted": 1, "equal": 0, "rounds": 1}


def test_a_change_between_the_read_and_the_write_is_seen_by_the_read_after_the_write() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    target.before_write = once(lambda: source.put(item("a", "2")))
    assert run([key("a")], source, target).converged == (key("a"),)
    assert target.items == source.items


def test_a_deletion_between_the_read_and_the_write_does_not_leave_the_item() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    target.before_write = once(lambda: source.delete(key("a")))
    run([key("a")], source, target)
    assert target.items == {}


def test_a_key_that_changes_in_every_round_is_unsettled() -> None:
    source, target = FakeTable([item("a", "0")]), FakeTable()
    values = iter(range(1, 100))
    target.before_write = lambda _: source.put(item("a", str(next(values))))
    result = run([key("a")], source, target)
    assert (result.converged, result.unsettled) == ((), (key("a"),))
    assert result.counts["rounds"] == SMALL.rounds


def test_an_equal_item_is_not_written_again() -> None:
    source = FakeTable([{**key("a"), "n": {"N": "1.0"}, "s": {"SS": ["x", "y"]}}])
    target = FakeTable([{**key("a"), "n": {"N": "1"}, "s": {"SS": ["y", "x"]}}])
    assert run([key("a")], source, target).counts["equal"] == 1
    assert target.writes == []


def test_a_hint_spares_the_first_read_but_never_the_one_after_the_write() -> None:
    source, target = FakeTable([item("a", "2")]), FakeTable()
    run([key("a")], source, target, hints={key_id(key("a")): item("a", "1")})
    assert target.items == source.items
    assert len(source.reads) == 2


def test_a_target_that_equals_a_guess_is_no_proof_that_the_source_does() -> None:
    source, target = FakeTable([item("a", "2")]), FakeTable([item("a", "1")])
    run([key("a")], source, target, hints={key_id(key("a")): item("a", "1")})
    assert target.items == source.items


def test_a_hint_that_is_news_is_put_without_a_look_at_the_target() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable([item("a", "1")])
    run([key("a")], source, target, hints={key_id(key("a")): item("a", "1")}, news=True)
    assert (len(target.reads), len(target.writes), len(source.reads)) == (0, 1, 1)


def test_news_that_were_old_are_put_right_in_the_second_round_which_looks() -> None:
    source, target = FakeTable([item("a", "2")]), FakeTable()
    target.before_write = once(lambda: source.put(item("a", "3")))
    run([key("a")], source, target, hints={key_id(key("a")): item("a", "1")}, news=True)
    assert target.items == source.items
    assert [len(read) for read in target.reads if read] == [1]


def test_with_news_what_brings_none_is_looked_for() -> None:
    source, target = FakeTable([item("a", "1"), item("b", "1")]), FakeTable([item("b", "1")])
    run([key("a"), key("b")], source, target, hints={key_id(key("a")): item("a", "1")}, news=True)
    assert (target.reads, target.writes) == ([[key_id(key("b"))]], [[key_id(key("a"))]])


def test_what_a_transform_leaves_out_is_looked_for_before_it_is_deleted() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    hints = {key_id(key("a")): item("a", "1")}
    run([key("a")], source, target, hints=hints, news=True, transform=Transform(lambda _: None))
    assert (len(target.reads), target.writes) == (1, [])


def test_a_hint_is_told_without_what_global_tables_add() -> None:
    seen = {**item("a", "1"), "aws:rep:updatetime": {"N": "5"}}
    source, target = FakeTable([seen]), FakeTable()
    result = run([key("a")], source, target, hints={key_id(key("a")): seen}, news=True)
    assert (list(target.items.values()), result.counts["rounds"]) == ([item("a", "1")], 1)


def test_without_a_hint_nothing_is_guessed() -> None:
    source, target = FakeTable([item("a", "2")]), FakeTable()
    run([key("a"), key("b")], source, target, hints={key_id(key("b")): None})
    assert source.reads[0] == [key_id(key("a"))]


def test_one_key_spelled_twice_is_one_key() -> None:
    source = FakeTable([{"k": {"N": "1"}}])
    result = run([{"k": {"N": "1.0"}}, {"k": {"N": "1"}}, {"k": {"N": "1E0"}}], source, FakeTable())
    assert len(result.converged) == 1


def test_slices_hold_no_more_keys_than_the_tuning_says() -> None:
    source, target = FakeTable([item(str(n), "x") for n in range(7)]), FakeTable()
    run([key(str(n)) for n in range(7)], source, target)
    assert [len(read) for read in source.reads] == [3, 3, 3, 3, 1, 1]


def test_the_permit_is_asked_before_every_slice_and_every_round_of_writes() -> None:
    source, target, permit = FakeTable([item(str(n), "x") for n in range(4)]), FakeTable(), Granted()
    target.before_write = once(lambda: source.put(item("0", "y")))
    run([key(str(n)) for n in range(4)], source, target, permit=permit)
    assert permit.checks == len(target.writes) == 3


def test_nothing_is_written_once_the_permit_is_lost() -> None:
    source, target = FakeTable([item(str(n), "x") for n in range(6)]), FakeTable()
    with pytest.raises(AuthorityLost) as lost:
        run([key(str(n)) for n in range(6)], source, target, permit=Granted(lost_at=2))
    assert len(target.items) == 3
    assert lost.value.so_far is not None
    assert len(lost.value.so_far.converged) == 3


def test_a_permit_lost_between_two_rounds_stops_the_second() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    target.before_write = once(lambda: source.put(item("a", "2")))
    with pytest.raises(AuthorityLost):
        run([key("a")], source, target, permit=Granted(lost_at=2))
    assert len(target.writes) == 1


def test_an_item_that_the_table_refuses_is_a_fault_and_its_neighbours_converge() -> None:
    poison = {**key("b"), "email": {"N": "5"}}
    source, target = FakeTable([item("a", "1"), poison, item("c", "1")]), FakeTable(indexed=["email"])
    result = run([key("a"), key("b"), key("c")], source, target)
    assert result.converged == (key("a"), key("c"))
    assert [(fault.key, fault.reason) for fault in result.faults] == [(key("b"), FaultReason.VALIDATION)]


def test_a_transform_that_raises_is_a_fault_of_its_item_alone() -> None:
    def upper(one: Item) -> Item:
        return {**one, "v": text({"1": "one"}[one["v"]["S"]])}

    source, target = FakeTable([item("a", "1"), item("b", "secret")]), FakeTable()
    result = run([key("a"), key("b")], source, target, transform=Transform(upper))
    assert (result.converged, result.faults[0].reason) == ((key("a"),), FaultReason.TRANSFORM)
    assert "secret" not in repr(result.faults)


def test_a_transform_that_gives_nothing_deletes() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable([item("a", "old")])
    assert run([key("a")], source, target, transform=Transform(lambda _: None)).counts["deleted"] == 1
    assert target.items == {}


def test_a_transform_that_changes_the_key_is_a_fault_and_writes_nothing() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable([item("b", "theirs")])
    result = run([key("a")], source, target, transform=Transform(lambda one: {**one, "k": text("b")}))
    assert (result.faults[0].reason, target.writes) == (FaultReason.TRANSFORM, [])


def test_a_transform_that_writes_into_its_argument_does_not_touch_what_is_compared() -> None:
    def careless(one: Any) -> Item:
        one["v"]["S"] += "!"
        return one

    source, target = FakeTable([item("a", "1")]), FakeTable()
    assert run([key("a")], source, target, transform=Transform(careless)).counts["rounds"] == 1
    assert list(target.items.values()) == [item("a", "1!")]


def test_what_global_tables_add_to_items_is_neither_copied_nor_compared() -> None:
    source = FakeTable([{**item("a", "1"), "aws:rep:updatetime": {"N": "5"}}])
    target = FakeTable([{**item("a", "1"), "aws:rep:updateregion": text("eu-west-1")}])
    assert run([key("a")], source, target).counts["equal"] == 1


def test_what_had_not_begun_at_the_deadline_is_unsettled() -> None:
    source, target = FakeTable([item(str(n), "x") for n in range(6)]), FakeTable()
    result = run([key(str(n)) for n in range(6)], source, target, stop=lambda: bool(target.writes))
    assert (len(result.converged), len(result.unsettled)) == (3, 3)


def test_a_hot_key_at_the_deadline_is_unsettled_after_the_round_that_it_was_in() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    target.before_write = once(lambda: source.put(item("a", "2")))
    result = run([key("a")], source, target, stop=lambda: bool(target.writes))
    assert (result.unsettled, len(target.writes)) == ((key("a"),), 1)


def test_a_throttled_key_at_the_deadline_holds_its_place() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    target.throttled.add(key_id(key("a")))
    with pytest.raises(TableFault):
        run([key("a")], source, target, stop=lambda: bool(target.writes))


def test_rounds_are_apart_by_growing_random_pauses() -> None:
    source, target, naps = FakeTable([item("a", "0")]), FakeTable(), list[float]()
    values = iter(range(1, 100))
    target.before_write = lambda _: source.put(item("a", str(next(values))))
    converge(
        [key("a")],
        source=source,
        target=target,
        transform=IDENTITY,
        permit=Granted(),
        tuning=SMALL,
        sleep=naps.append,
        rng=lambda: 1.0,
    )
    assert naps == [SMALL.pause_base * 2, SMALL.pause_base * 4]
