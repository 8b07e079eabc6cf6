"""Two source keys that want one place in the target: the first keeps it, the second is reported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cutover.tables.converge import converge
from cutover.tables.items import key_id
from cutover.tables.ports import Convergence, FaultReason, Item, Key
from cutover.tables.tuning import Tuning
from tests.fakes.tables import FakeTable, Granted, item, key
from tests.tables.keyed import COLLIDING, first_letter, renamed
from tests.tables.test_converge import once

APPLE, AVOCADO = key("apple"), key("avocado")
PLACE: Key = {"p": {"S": "a"}}


def target(*items: Item) -> FakeTable:
    return FakeTable(items, key_names=("p",))


def moved(name: str, value: str) -> Item:
    made = COLLIDING.forward(item(name, value))
    assert made is not None
    return made


def run(keys: list[Key], source: FakeTable, there: FakeTable, **options: Any) -> Convergence:
    options = {"transform": COLLIDING, **options}
    return converge(
        keys,
        source=source,
        target=there,
        permit=Granted(),
        tuning=Tuning(rounds=3),
        sleep=lambda _: None,
        **options,
    )


def collided(result: Convergence) -> list[Key]:
    assert {fault.reason for fault in result.faults} <= {FaultReason.COLLISION}
    return [fault.key for fault in result.faults]


def test_an_item_of_another_key_is_reported_and_not_overwritten() -> None:
    source, there = FakeTable([item("avocado", "2")]), target(moved("apple", "1"))
    assert collided(run([AVOCADO], source, there)) == [AVOCADO]
    assert there.writes == []


def test_news_do_not_overwrite_it_either() -> None:
    news = {key_id(AVOCADO): item("avocado", "2")}
    source, there = FakeTable([item("avocado", "2")]), target(moved("apple", "1"))
    assert collided(run([AVOCADO], source, there, hints=news, news=True)) == [AVOCADO]
    assert there.writes == []


def test_an_item_of_nobody_is_not_overwritten_either() -> None:
    own = {**PLACE, "v": {"S": "the new application's"}}
    source, there = FakeTable([item("apple", "1")]), target(own)
    assert collided(run([APPLE], source, there)) == [APPLE]
    assert list(there.items.values()) == [own]


def test_an_item_of_another_key_that_happens_to_be_equal_is_a_collision_all_the_same() -> None:
    """Else its deletion would take with it what this key still wants."""

    def nameless(one: Item) -> Item:
        return {**first_letter(one), "v": one["v"]}

    transform = replace(COLLIDING, function=nameless, inverse=lambda _: APPLE)
    source, there = FakeTable([item("apple", "1"), item("avocado", "1")]), target()
    result = run([APPLE, AVOCADO], source, there, transform=transform)
    assert (result.converged, collided(result)) == ((APPLE,), [AVOCADO])


def test_the_deletion_of_a_key_leaves_what_is_another_s() -> None:
    there = target(moved("apple", "1"))
    result = run([AVOCADO], FakeTable(), there)
    assert result.converged == (AVOCADO,)
    assert len(there.items) == 1


def test_a_key_s_own_item_is_replaced_and_deleted() -> None:
    there = target(moved("apple", "1"))
    run([APPLE], FakeTable([item("apple", "2")]), there)
    assert list(there.items.values()) == [moved("apple", "2")]
    run([APPLE], FakeTable(), there)
    assert there.items == {}


def test_of_two_keys_of_one_slice_one_is_written_and_the_other_reported() -> None:
    source, there = FakeTable([item("apple", "1"), item("avocado", "2")]), target()
    result = run([APPLE, AVOCADO], source, there)
    assert (result.converged, collided(result)) == ((APPLE,), [AVOCADO])
    assert list(there.items.values()) == [moved("apple", "1")]


def test_who_comes_between_the_look_and_the_write_keeps_the_place() -> None:
    source, there = FakeTable([item("avocado", "2")]), target()
    there.before_write = once(lambda: there.put(moved("apple", "1")))
    assert collided(run([AVOCADO], source, there)) == [AVOCADO]
    assert list(there.items.values()) == [moved("apple", "1")]


def test_an_insert_whose_own_first_try_was_done_is_no_collision() -> None:
    source, there = FakeTable([item("apple", "1")]), target()
    there.before_write = once(lambda: there.put(moved("apple", "1")))
    assert run([APPLE], source, there).converged == (APPLE,)


def test_a_reply_of_an_insert_that_is_lost_is_owed_another_look() -> None:
    source, there = FakeTable([item("apple", "1")]), target()
    there.lost[key_id(PLACE)] = True
    result = run([APPLE], source, there)
    assert (result.converged, result.ambiguous) == ((APPLE,), (APPLE,))


def test_a_key_that_the_function_gives_no_place_is_a_fault_of_its_own() -> None:
    source, there = FakeTable([item("apple", "1"), {"k": {"N": "5"}}]), target()
    result = run([APPLE, {"k": {"N": "5"}}], source, there)
    assert result.converged == (APPLE,)
    assert [(one.key, one.reason) for one in result.faults] == [({"k": {"N": "5"}}, FaultReason.TRANSFORM)]


def test_places_that_change_hands_in_one_slice_are_settled_or_reported() -> None:
    """The first key is gone: its item makes place, and the second finds it still there at its look."""
    source, there = FakeTable([item("avocado", "2")]), target(moved("apple", "1"))
    result = run([APPLE, AVOCADO], source, there)
    assert (result.converged, collided(result), there.items) == ((APPLE,), [AVOCADO], {})
    assert run([AVOCADO], source, there).converged == (AVOCADO,)


def test_a_newcomer_between_the_look_and_the_write_is_not_overwritten() -> None:
    """Its own item was there at the look; then that went away, and another's came."""
    source, there = FakeTable([item("apple", "2")]), target(moved("apple", "1"))
    there.before_write = once(lambda: there.put(moved("avocado", "3")))
    assert collided(run([APPLE], source, there)) == [APPLE]
    assert list(there.items.values()) == [moved("avocado", "3")]


def test_a_newcomer_between_the_look_and_the_deletion_stays() -> None:
    source, there = FakeTable(), target(moved("apple", "1"))
    there.before_write = once(lambda: there.put(moved("avocado", "3")))
    assert run([APPLE], source, there).converged == (APPLE,)
    assert list(there.items.values()) == [moved("avocado", "3")]


def test_transforms_that_cannot_collide_are_written_in_batches() -> None:
    source, there = FakeTable([item("a", "1")]), FakeTable(key_names=("id",))
    there.write_seen = None  # type: ignore[method-assign, assignment]
    transform = renamed({"k": "id"}, target_keys=("id",))
    assert run([key("a")], source, there, transform=transform).converged == (key("a"),)
    assert list(there.items.values()) == [{"id": {"S": "a"}, "v": {"S": "1"}}]


def test_what_the_table_says_of_one_key_is_not_taken_for_its_neighbour_s() -> None:
    large = {**item("apple", "1"), "w": {"S": "x" * 500_000}}
    source, there = FakeTable([large, item("avocado", "2")]), target()
    result = run([APPLE, AVOCADO], source, there)
    assert result.converged == (AVOCADO,)
    assert [(one.key, one.reason) for one in result.faults] == [(APPLE, FaultReason.TOO_LARGE)]
