"""Every interleaving of application, backfill, mirror, duplicates, crashes and redrive ends equal.

The processes run the project's own `mirror`, `retry` and `converge` (see `interleaving`). Each rule that the
design rests on is taken away once, and then the search has to find the run that goes wrong without it.
"""

from __future__ import annotations

import sys
from itertools import product

import pytest

from tests.tables.interleaving import Explorer, Scope
from tests.tables.replayed import Rules, Value

VALUES: tuple[Value, ...] = ("a", "b", None)


def explore(scope: Scope, rules: Rules | None = None, *, at_least: int = 0) -> Explorer:
    explorer = Explorer(scope, rules or Rules()).run()
    sys.stdout.write(f"{explorer.states} states, {explorer.ends} ends, steps {dict(explorer.steps)}\n")
    assert explorer.states >= at_least
    return explorer


@pytest.mark.parametrize("script", list(product(VALUES, repeat=2)), ids=str)
def test_a_backfill_that_crashes_beside_the_mirror_ends_equal(script: tuple[Value, ...]) -> None:
    assert explore(Scope(script, source="a", crashes=1)).counterexample is None


@pytest.mark.parametrize("script", [("a", "b"), ("a", None), ("a", "b", "a")], ids=str)
def test_a_record_delivered_twice_and_another_redriven_late_end_equal(script: tuple[Value, ...]) -> None:
    explorer = explore(Scope(script, backfill=False, duplicates=1, redrives=1), at_least=2000)
    assert explorer.counterexample is None


def test_a_target_that_held_something_else_before_ends_equal() -> None:
    scope = Scope((None, "b"), source="a", target="stale", crashes=1)
    assert explore(scope, at_least=2000).counterexample is None


@pytest.mark.parametrize("script", [("a", "b"), ("a", None), ("a", "b", "a")], ids=str)
def test_a_write_that_lands_after_its_reply_was_lost_is_put_right(script: tuple[Value, ...]) -> None:
    explorer = explore(Scope(script, backfill=False, lost_replies=1), at_least=400)
    assert explorer.counterexample is None
    assert explorer.steps["land"] > 0


@pytest.mark.parametrize("script", [("a",), ("a", None), ("a", "b")], ids=str)
def test_nothing_old_is_written_over_what_the_new_application_wrote(script: tuple[Value, ...]) -> None:
    explorer = explore(Scope(script, backfill=False, duplicates=1, redrives=1, switch=True), at_least=150)
    assert explorer.counterexample is None
    assert explorer.steps["new application writes"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "scope",
    [
        Scope(("b", None, "c"), source="a", crashes=1),
        Scope(("b", None), source="a", crashes=1, duplicates=1),
        Scope(("b", None), source="a", crashes=1, redrives=1),
        Scope(("b", None, "c", "b"), source="a"),
        Scope((None, "b"), source="a", lost_replies=1),
    ],
    ids=str,
)
def test_a_longer_life_ends_equal(scope: Scope) -> None:
    assert explore(scope, at_least=20_000).counterexample is None


@pytest.mark.parametrize("script", [("a", "b"), ("a", None)], ids=str)
def test_a_duplicate_that_crashes_after_its_write_ends_equal(script: tuple[Value, ...]) -> None:
    """It comes again with the very image that it wrote, long after newer records, and puts it once more."""
    explorer = explore(Scope(script, backfill=False, crashes=1, duplicates=1), at_least=500)
    assert explorer.counterexample is None


def test_a_process_that_dies_with_a_write_on_its_way_is_left_to_verify() -> None:
    """Nobody is left to park the key. This is the one misfortune that the design hands to the verifier."""
    scope = Scope((None, "b"), source="a", lost_replies=1, crashes=1)
    found = explore(scope).counterexample
    assert found is not None
    assert any("reply lost" in step for step in found)
    assert any(step.startswith("crash") for step in found)


def test_without_the_read_after_the_write_the_search_finds_the_stale_backfill() -> None:
    found = explore(Scope(("b",), source="a"), Rules(reads_after_writing=False)).counterexample
    assert found is not None
    assert found[-1] == "ends with source b, target a"
    assert not any("crash" in step for step in found)


def test_without_the_saved_keys_the_search_finds_the_resurrected_item() -> None:
    found = explore(Scope((None,), source="a", crashes=1), Rules(pages_keep_their_keys=False)).counterexample
    assert found is not None
    assert found[-1] == "ends with source None, target a"
    assert "crash: page" in found


def test_without_asking_for_authority_the_search_finds_the_new_write_that_is_lost() -> None:
    scope = Scope(("a",), backfill=False, duplicates=1, switch=True)
    found = explore(scope, Rules(asks_for_authority=False)).counterexample
    assert found is not None
    assert found.index("new application writes") < len(found) - 2


def test_without_the_wait_before_the_flip_the_search_finds_the_writer_that_had_asked_before() -> None:
    scope = Scope(("a",), backfill=False, duplicates=1, switch=True)
    found = explore(scope, Rules(waits_before_the_flip=False)).counterexample
    assert found is not None
    assert found.index("fence") < found.index("duplicate: write target a")


def test_without_the_second_look_the_search_finds_the_request_that_lands_late() -> None:
    scope = Scope(("a", "b"), backfill=False, lost_replies=1)
    found = explore(scope, Rules(parks_lost_replies=False)).counterexample
    assert found is not None
    assert any(step.startswith("land") for step in found)


def test_a_world_that_keeps_deletions_from_the_mirror_is_seen_to_diverge() -> None:
    assert explore(Scope(("a", None), backfill=False), Rules(tells_deletions=False)).counterexample


def test_every_kind_of_step_is_taken_somewhere() -> None:
    """A search that leaves one out would call a broken design right."""
    taken = set()
    for scope in (
        Scope(("b",), source="a", crashes=1, duplicates=1, redrives=1),
        Scope(("a",), backfill=False, duplicates=1, switch=True),
        Scope(("a",), backfill=False, lost_replies=1),
    ):
        taken |= set(explore(scope).steps)
    assert taken == {
        *("application", "scan", "page starts", "page", "mirror starts", "mirror", "duplicate starts"),
        *("duplicate", "dead letter", "retry starts", "retry", "crash", "land", "expire"),
        *("fence", "flip", "new application writes"),
    }
