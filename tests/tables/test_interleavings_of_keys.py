"""Every interleaving of keys that collide, and of keys that wait for a user, ends right or is reported.

The processes run the project's own `converge` (see `replayed_keys`). Each rule is taken away once, and then
the search has to find the run that goes wrong without it.
"""

from __future__ import annotations

import sys
from itertools import product

import pytest

from tests.tables.interleaving_keys import Event, Explorer, Scope
from tests.tables.replayed_keys import BAD, NATIVE, Rules


def explore(scope: Scope, rules: Rules | None = None, *, at_least: int = 0) -> Explorer:
    explorer = Explorer(scope, rules or Rules()).run()
    sys.stdout.write(f"{explorer.states} states, {explorer.ends} ends, steps {dict(explorer.steps)}\n")
    assert explorer.states >= at_least
    return explorer


def put(key: int, value: str | None) -> Event:
    return "put", key, value


def comes(key: int) -> Event:
    return "map", key, None


BOTH_COME_ONE_GOES = (put(0, "a"), put(1, "b"), put(0, None))
CHANGING_HANDS = Scope((put(0, "b"), put(0, None), put(1, "c")), source=("a", None), target=((0, "a"), None))


PUTS = [put(0, "b"), put(0, None), put(1, "c"), put(1, None)]


@pytest.mark.parametrize("script", list(product(PUTS, repeat=2)), ids=str)
def test_of_two_keys_that_collide_one_stands_and_the_other_is_reported(script: tuple[Event, ...]) -> None:
    assert explore(Scope(script, source=("a", None)), at_least=20).counterexample is None


MISFORTUNES = ["crashes", "duplicates", "lost_replies", "throttles", "expiries"]


@pytest.mark.parametrize("misfortune", MISFORTUNES)
def test_a_collision_that_ends_is_put_right_whatever_happens_to_the_workers(misfortune: str) -> None:
    explorer = explore(Scope(BOTH_COME_ONE_GOES, **{misfortune: 1}), at_least=5000)  # type: ignore[arg-type]
    assert explorer.counterexample is None
    assert explorer.steps["try again"] > 0


@pytest.mark.parametrize(
    "script", [(put(0, BAD), put(0, "b")), (put(0, BAD), put(0, None), put(1, "c"))], ids=str
)
def test_an_item_that_the_transform_fails_on_is_set_aside_until_it_is_another(
    script: tuple[Event, ...],
) -> None:
    scope = Scope(script, source=("a", None), crashes=1)
    assert explore(scope, at_least=1000).counterexample is None


def test_a_place_that_changes_hands_is_never_taken_from_the_newcomer() -> None:
    assert explore(CHANGING_HANDS, at_least=10_000).counterexample is None


def test_an_item_of_the_target_s_own_application_is_neither_overwritten_nor_deleted() -> None:
    scope = Scope((put(0, "a"), put(0, None)), target=((NATIVE, "x"), None), crashes=1, duplicates=1)
    assert explore(scope, at_least=500).counterexample is None


def test_items_wait_for_their_users_and_go_when_these_come() -> None:
    script = (put(0, "a"), comes(0), put(1, "b"), put(0, None), comes(1))
    explorer = explore(Scope(script, kind="subs", crashes=1), at_least=20_000)
    assert explorer.counterexample is None
    assert explorer.steps["map"] > 0


def test_an_item_that_goes_before_its_user_comes_leaves_nothing() -> None:
    scope = Scope((put(0, None), comes(0)), kind="subs", source=("a", None), crashes=1, duplicates=1)
    assert explore(scope, at_least=300).counterexample is None


def test_a_mapping_that_appears_beside_a_lost_reply_is_no_trouble() -> None:
    scope = Scope((comes(0), put(0, "b")), kind="subs", source=("a", None), lost_replies=1)
    assert explore(scope, at_least=500).counterexample is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "scope",
    [
        Scope(BOTH_COME_ONE_GOES, images=True, duplicates=1),
        Scope((*CHANGING_HANDS.script, put(1, None)), source=("a", None), target=((0, "a"), None), crashes=1),
        Scope(
            (put(0, None), put(1, "b"), put(2, "c"), put(1, None)),
            source=("a", None, None),
            target=((0, "a"), None, None),
        ),
        Scope((put(0, "a"), comes(0), put(0, "b")), kind="subs", images=True, crashes=1, duplicates=1),
    ],
    ids=["images", "hands", "three keys", "subs"],
)
def test_a_longer_life_of_several_keys_ends_right(scope: Scope) -> None:
    assert explore(scope, at_least=20_000).counterexample is None


def test_without_asking_whose_it_is_the_search_finds_the_deletion_of_another_s_item() -> None:
    scope = Scope((put(0, None),), source=("a", "b"))
    found = explore(scope, Rules(asks_whose_it_is=False)).counterexample
    assert found is not None
    assert found[-1] == "ends with (None, 'b'), (None, None)"


def test_without_the_condition_on_an_empty_place_the_search_finds_the_silent_overwrite() -> None:
    found = explore(Scope((), source=("a", "b")), Rules(takes_only_empty_places=False)).counterexample
    assert found is not None
    assert not any("hold" in step for step in found)


def test_without_the_condition_on_what_was_seen_the_search_finds_the_newcomer_that_is_lost() -> None:
    found = explore(CHANGING_HANDS, Rules(changes_only_what_it_saw=False)).counterexample
    assert found is not None
    assert found[-1] == "ends with (None, 'c'), (None, None)"


def test_without_the_read_after_the_write_the_search_finds_the_stale_item_here_too() -> None:
    scope = Scope((put(0, "b"),), source=("a", None))
    found = explore(scope, Rules(reads_after_writing=False)).counterexample
    assert found is not None
    assert found[-1] == "ends with ('b', None), ((0, 'a'), None)"


def test_without_trying_collisions_again_the_search_finds_the_item_that_never_comes() -> None:
    scope = Scope((put(0, None),), source=("a", "b"))
    found = explore(scope, Rules(tries_collisions_again=False)).counterexample
    assert found is not None
    assert found[-1] == "ends with (None, 'b'), (None, None)"


def test_without_looking_again_the_search_finds_the_mapping_that_came_while_its_row_was_written() -> None:
    scope = Scope((put(0, "a"), comes(0)), kind="subs")
    found = explore(scope, Rules(looks_for_mappings_again=False)).counterexample
    assert found is not None
    assert found.index("map: 0 None") < found.index("one: hold 0 True")


def test_a_worker_that_dies_with_a_write_on_its_way_is_left_to_verify_here_too() -> None:
    scope = Scope((comes(0), put(0, "b")), kind="subs", source=("a", None), crashes=1, lost_replies=1)
    found = explore(scope).counterexample
    assert found is not None
    assert any("reply lost" in step for step in found)
    assert any(step.startswith("crash") for step in found)


def test_every_kind_of_step_is_taken_somewhere() -> None:
    taken = set()
    for scope in (
        Scope(BOTH_COME_ONE_GOES, crashes=1),
        Scope((put(0, "a"), put(0, None)), duplicates=1, lost_replies=1),
        Scope((put(0, "a"), comes(0)), kind="subs", throttles=1, expiries=1),
    ):
        taken |= set(explore(scope).steps)
    assert taken == {
        *("put", "map", "one starts", "one", "two starts", "two", "crash", "duplicate"),
        *("try again", "land", "expire", "late", "throttled", "expired"),
    }
