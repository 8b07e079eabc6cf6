"""The two engines of a backfill: each brings to its end what the other began, and neither spoils it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import pytest

from cutover.errors import InterlockRefused
from cutover.tables.backfill import copy_segment
from cutover.tables.backfill_rows import Place, Run, RunState
from cutover.tables.backfill_run import Crew, run_backfill
from cutover.tables.backfill_task import Outcome
from cutover.tables.lease import EXECUTION_SECONDS
from cutover.tables.leasing import take_lease
from cutover.tables.ports import TableFault
from tests.fakes.backfill import Hand, Killed, World
from tests.fakes.tables import FakeTable, item, key
from tests.fakes.turns import RUN, Machines, with_items

ONE = Run(RUN.run_id, 1, RUN.started_at)


def on_one_machine(world: World, run: Run = RUN, **changes: Any) -> Run:
    crew = Crew(
        workers=2,
        stop=threading.Event(),
        release=lambda: None,
        beat=lambda _: None,
        say=lambda _: None,
        rng=random.Random(3),
        beat_seconds=0.01,
    )
    return run_backfill(world.copying(**changes), run, crew)


def fail_after(writes: int) -> Callable[[object], None]:
    left = iter(range(writes))

    def deny(_: object) -> None:
        if next(left, None) is None:
            raise TableFault("target", "AccessDeniedException")

    return deny


def test_many_machines_bring_to_its_end_what_one_machine_began() -> None:
    machines = with_items()
    machines.world.target.before_write = fail_after(6)
    with pytest.raises(TableFault):
        on_one_machine(machines.world)
    assert machines.world.ledger.page_rows
    machines.world.target.before_write = lambda _: None
    machines.world.source.delete(key("k3"))
    machines.world.mirror(key("k3"))
    assert machines.execute()["outcome"] == "done"
    assert machines.world.equal
    assert machines.world.ledger.runs()[0].state is RunState.DONE


def test_one_machine_brings_to_its_end_what_many_machines_began() -> None:
    machines = with_items()
    machines.world.target.before_write = fail_after(6)
    assert machines.execute()["outcome"] == "failed"
    machines.world.target.before_write = lambda _: None
    machines.world.source.delete(key("k3"))
    machines.world.mirror(key("k3"))
    (begun,) = machines.world.ledger.runs()
    assert begun.state is RunState.RUNNING
    done = on_one_machine(machines.world, begun)
    assert machines.world.equal
    assert (done.state, machines.world.ledger.page_rows) == (RunState.DONE, {})


def test_no_segment_that_one_engine_has_done_is_read_by_the_other() -> None:
    machines = with_items()
    turn = machines.turn("begin")
    for slot in turn.slots[:2]:
        machines.turn("copy", epoch=0, slot=slot)
    done = {place.segment for place in machines.world.ledger.places(RUN.run_id).values() if place.done}
    read: set[int] = set()
    scan = machines.world.source.scan

    def spy(segment: int, *arguments: Any, **named: Any) -> Any:
        read.add(segment)
        return scan(segment, *arguments, **named)

    machines.world.source.scan = spy  # type: ignore[method-assign]
    on_one_machine(machines.world)
    assert done
    assert not done & read


def test_a_command_line_is_kept_out_by_a_living_execution() -> None:
    machines = with_items()
    state = machines.turn("begin")
    claimant = machines.claimant("host:1:aa")
    sleep = machines.sleep

    def meanwhile(seconds: float) -> None:
        sleep(seconds)
        machines.turn("copy", epoch=state.epoch, slot=0)

    machines.sleep = meanwhile  # type: ignore[method-assign]
    claimant = machines.claimant("host:1:aa")
    with pytest.raises(InterlockRefused) as refused:
        take_lease(machines.leases, claimant)
    assert refused.value.interlock == "lease_held"


def test_an_execution_that_was_aborted_is_followed_by_a_command_line_after_its_lease() -> None:
    machines = with_items()
    machines.turn("begin")
    take_lease(machines.leases, machines.claimant("host:1:aa"))
    assert machines.now >= EXECUTION_SECONDS
    late = machines.turn("copy", epoch=0, slot=0)
    assert (late.outcome, late.error) == (Outcome.FAILED, "lease_lost")
    assert machines.world.target.items == {}


def _calls_of_one_segment() -> int:
    hand = Hand()
    world = _small()
    copy_segment(world.copying(hand), ONE, Place(0))
    return hand.calls


def _small() -> World:
    machines = with_items(4)
    machines.world.ledger.save_run(ONE)
    return machines.world


@pytest.mark.parametrize("number", range(_calls_of_one_segment()))
@pytest.mark.parametrize("change", ["delete", "change", "delete and put"])
def test_two_engines_at_once_end_equal_wherever_the_one_stands_while_the_other_runs(
    number: int, change: str
) -> None:
    """The lease should keep them apart; a machine that was frozen past it does not know."""
    machines = with_items(4)
    world = machines.world
    world.ledger.save_run(ONE)

    def other(call: int) -> None:
        if call != number:
            return
        if "delete" in change:
            world.source.delete(key("k1"))
        if change != "delete":
            world.source.put(item("k1", "new"))
        world.mirror(key("k1"))
        assert machines.execute()["outcome"] == "done"

    copy_segment(world.copying(Hand(meanwhile=other)), ONE, Place(0))
    assert world.equal
    assert world.ledger.page_rows == {}


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("number", range(_calls_of_one_segment()))
def test_what_one_engine_leaves_when_it_is_killed_the_other_puts_right(number: int, after: bool) -> None:
    machines = with_items(4)
    world = machines.world
    world.ledger.save_run(ONE)
    with pytest.raises(Killed):
        copy_segment(world.copying(Hand(kill_at=number, after=after)), ONE, Place(0))
    for name in ("k0", "k2"):
        world.source.delete(key(name))
        world.mirror(key(name))
    assert machines.execute()["outcome"] == "done"
    assert world.equal
    assert world.ledger.page_rows == {}


def _one_at_a_time(table: FakeTable, lock: threading.RLock) -> None:  # type: ignore[valid-type]
    """As a table answers: each read sees the writes before it, whole."""
    get, scan = table.get, table.scan

    def locked_get(keys: Any) -> Any:
        with lock:  # type: ignore[attr-defined]
            return get(keys)

    def locked_scan(*arguments: Any, **named: Any) -> Any:
        with lock:  # type: ignore[attr-defined]
            return iter(list(islice(scan(*arguments, **named), 1)))

    table.get, table.scan = locked_get, locked_scan  # type: ignore[method-assign]


def test_two_engines_in_threads_with_an_application_that_writes_end_equal() -> None:
    machines = with_items(120)
    world, lock = machines.world, threading.RLock()
    for table in (world.source, world.target):
        _one_at_a_time(table, lock)
    rng = random.Random(11)

    def write_and_mirror(_: object) -> None:
        with lock:
            name = f"k{rng.randrange(120)}"
            if rng.random() < 0.4:
                world.source.delete(key(name))
            else:
                world.source.put(item(name, str(rng.random())))
            world.mirror(key(name))

    world.target.before_write = write_and_mirror
    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(on_one_machine, world)
        assert Machines(world=world).execute("frozen-past-its-lease")["outcome"] in {"done", "failed"}
        assert one.result().state is RunState.DONE
    assert world.equal
