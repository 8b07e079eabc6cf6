"""What `converge` does when a write is throttled, or when nobody knows whether it was done."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.tables.items import key_id
from cutover.tables.ports import Convergence, TableFault
from tests.fakes.tables import FakeTable, item, key
from tests.tables.test_converge import run


@pytest.mark.parametrize("landed", [True, False])
def test_a_key_whose_reply_was_lost_converges_and_is_owed_another_look(landed: bool) -> None:
    source, target = FakeTable([item("a", "1"), item("b", "1")]), FakeTable()
    target.lost[key_id(key("a"))] = landed
    result = run([key("a"), key("b")], source, target)
    assert target.items == source.items
    assert (set(map(key_id, result.converged)), result.ambiguous) == (set(source.items), (key("a"),))


def test_a_table_whose_replies_are_all_lost_is_at_fault_and_says_which_writes_may_land() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()

    def lose(keys: list[Any]) -> None:
        target.lost = dict.fromkeys(keys, False)

    target.before_write = lose
    with pytest.raises(TableFault) as fault:
        run([key("a")], source, target)
    assert fault.value.so_far == Convergence(
        ambiguous=(key("a"),), counts={"written": 0, "deleted": 0, "equal": 0, "rounds": 3}
    )


def test_a_key_that_stays_throttled_is_a_fault_of_the_table() -> None:
    source, target = FakeTable([item("a", "1"), item("b", "1")]), FakeTable()
    target.throttled.add(key_id(key("a")))
    with pytest.raises(TableFault):
        run([key("a"), key("b")], source, target)


def test_a_key_that_is_throttled_once_is_written_in_the_next_round() -> None:
    source, target = FakeTable([item("a", "1"), item("b", "1")]), FakeTable()
    target.throttled.add(key_id(key("a")))
    source.before_get = lambda _: target.throttled.clear() if target.writes else None
    assert len(run([key("a"), key("b")], source, target).converged) == 2


def test_writes_that_may_still_land_are_told_when_the_table_fails_at_the_next_call() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()
    target.lost[key_id(key("a"))] = True

    def gone(_: object) -> None:
        if target.writes:
            raise TableFault("source", "AccessDeniedException")

    source.before_get = gone
    with pytest.raises(TableFault) as fault:
        run([key("a")], source, target)
    assert fault.value.so_far is not None
    assert fault.value.so_far.ambiguous == (key("a"),)


def test_writes_that_may_still_land_are_told_when_the_very_write_fails() -> None:
    source, target = FakeTable([item("a", "1")]), FakeTable()

    def gone(_: object) -> None:
        raise TableFault("target", "AccessDeniedException", ambiguous=(key("a"),))

    target.before_write = gone
    with pytest.raises(TableFault) as fault:
        run([key("a")], source, target)
    assert fault.value.so_far is not None
    assert fault.value.so_far.ambiguous == (key("a"),)
