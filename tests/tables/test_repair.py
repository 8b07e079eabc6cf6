"""A repair converges what differs, and may be killed at any moment."""

from __future__ import annotations

from contextlib import suppress

import pytest

from cutover.tables.repair import repair
from cutover.tables.settle_keys import settle_pending
from cutover.tables.suspects import Suspect, SuspectFile
from tests.fakes.backfill import Hand, Killed, World
from tests.fakes.tables import item, key
from tests.fakes.verifying import open_file


def suspects(*names: str) -> SuspectFile:
    file = SuspectFile(open_file)
    for name in names:
        file.add(Suspect(key(name)))
    return file


def test_missing_and_different_items_are_put_right() -> None:
    world = World()
    world.source.put(item("missing", "v"))
    world.source.put(item("different", "v"))
    world.target.put(item("different", "old"))
    assert repair(world.copying(), suspects("missing", "different")) == 2
    assert world.equal


def test_nothing_stays_pending() -> None:
    world = World()
    world.source.put(item("missing", "v"))
    repair(world.copying(), suspects("missing"))
    assert world.ledger.page_rows == {}


def test_it_begins_with_what_another_writer_left_pending() -> None:
    world = World()
    world.target.put(item("gone", "left by a killed run"))
    world.ledger.save_pending("run-1", 0, [key("gone")])
    repair(world.copying(), suspects())
    assert world.equal


@pytest.mark.parametrize("delete_at", range(10))
@pytest.mark.parametrize("kill_at", range(10))
def test_killed_at_every_call_it_leaves_nothing_wrong_that_is_not_pending(
    kill_at: int, delete_at: int
) -> None:
    world = World()
    world.source.put(item("a", "v"))

    def delete_once(number: int) -> None:
        if number == delete_at:
            world.source.delete(key("a"))
            world.mirror(key("a"))

    with suppress(Killed):
        repair(world.copying(Hand(kill_at, True, delete_once)), suspects("a"))
    settle_pending(world.copying())
    if world.source.items:
        repair(world.copying(), suspects("a"))
    assert world.equal
