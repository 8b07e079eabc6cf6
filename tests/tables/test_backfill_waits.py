"""Pace, pause and faults of a backfill on many machines: it waits outside of its functions, and says why."""

from __future__ import annotations

import threading
import time

import pytest

from cutover.tables.backfill_rows import BackfillPace
from cutover.tables.backfill_task import LONGEST_FAULT, LONGEST_PAUSE, Outcome
from cutover.tables.lease import EXECUTION_SECONDS
from cutover.tables.ports import TableFault
from tests.fakes.turns import EPOCH_SECONDS, begun, with_items


@pytest.mark.parametrize(("units", "threads"), [(None, 2), (100, 2), (12, 1), (1, 1)])
def test_a_slow_pace_is_not_shared_out_among_threads(units: float | None, threads: int) -> None:
    machines = with_items()
    machines.paces.save(BackfillPace(read_units=units))
    state = begun(machines)
    names: set[str] = set()
    machines.world.target.before_write = lambda _: names.add(threading.current_thread().name)
    machines.turn("copy", slot=0, **state)
    assert len(names) <= threads


def test_a_worker_takes_its_share_of_the_pace() -> None:
    machines = with_items()
    machines.paces.save(BackfillPace(read_units=100))
    state = begun(machines)
    machines.turn("copy", slot=0, **{**state, "concurrency": 4})
    assert machines.shares == [100, 25]


def test_a_paused_backfill_waits_outside_of_the_function() -> None:
    machines = with_items()
    state = begun(machines)
    machines.paces.save(BackfillPace(paused=True, reason="lunch peak"))
    turn = machines.turn("copy", slot=0, **state)
    assert (turn.outcome, turn.wait) == (Outcome.WAIT, 5)
    assert "lunch peak" in turn.why
    assert machines.world.target.items == {}


def test_a_pause_in_the_middle_of_a_turn_ends_it() -> None:
    machines = with_items()
    state = begun(machines)

    def pause(_: object) -> None:
        machines.paces.save(BackfillPace(paused=True, reason="lunch peak"))

    machines.world.target.before_write = pause
    machines.changes = {"sleep": lambda _: None}
    turns = [machines.turn("copy", slot=slot, **state).outcome for slot in range(3)]
    assert Outcome.WAIT in turns
    assert not machines.world.equal


def test_what_a_pause_finds_under_way_keeps_its_pace() -> None:
    machines = with_items()
    machines.paces.save(BackfillPace(write_units=50_000))
    state = begun(machines)

    def pause(_: object) -> None:
        machines.paces.save(BackfillPace(write_units=50_000, paused=True, reason="lunch peak"))
        time.sleep(0.05)  # several beats

    machines.world.target.before_write = pause
    assert machines.turn("copy", slot=0, **state).outcome is Outcome.WAIT
    assert machines.made[-1].target_write.limit == 25_000


def test_a_paused_backfill_goes_on_when_it_is_unpaused() -> None:
    machines = with_items()
    lunch = BackfillPace(paused=True, reason="lunch peak")
    machines.paces.read = lambda: lunch if machines.now < 60 else BackfillPace()  # type: ignore[method-assign]
    assert machines.execute()["outcome"] == "done"
    assert machines.now >= 60
    assert machines.world.equal


def test_who_waits_says_so_in_the_ledger_and_holds_the_lease_until_it_asks_again() -> None:
    machines = with_items()
    state = begun(machines)
    machines.paces.save(BackfillPace(paused=True, reason="lunch peak"))
    turn = machines.turn("copy", slot=0, turn={"waited": 1000}, **state)
    assert turn.wait == 100
    run = machines.world.ledger.runs()[0]
    assert "lunch peak" in run.why
    assert run.why_at == int(EPOCH_SECONDS)
    assert machines.leases.row is not None
    assert machines.leases.row.seconds == EXECUTION_SECONDS + 100


def test_the_longer_the_pause_the_rarer_it_asks() -> None:
    machines = with_items()
    machines.paces.save(BackfillPace(paused=True, reason="freeze"))
    waits = [machines.turn("begin", turn={"waited": waited}).wait for waited in (0, 40, 600, 86_400)]
    assert waits == [5, 5, 60, 300]


def test_a_pause_of_more_than_a_week_ends_the_execution_before_its_history_is_full() -> None:
    machines = with_items()
    machines.paces.save(BackfillPace(paused=True, reason="freeze"))
    turn = machines.turn("begin", turn={"waited": LONGEST_PAUSE})
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "waited_too_long")
    waited, asks = 0, 0
    while waited < LONGEST_PAUSE:
        waited, asks = machines.turn("begin", turn={"waited": waited}).waited, asks + 1
    assert asks * 10 < 25_000


def test_a_table_at_fault_is_waited_for_outside_of_the_function() -> None:
    machines = with_items()
    state = begun(machines)

    def throttle(_: object) -> None:
        raise TableFault("target", "throttled past the budget")

    machines.world.target.before_write = throttle
    turn = machines.turn("copy", slot=0, **state)
    assert turn.outcome is Outcome.WAIT
    assert "throttled" in turn.why
    turn = machines.turn("copy", slot=0, turn={"waited": LONGEST_FAULT}, **state)
    assert turn.outcome is Outcome.FAILED


def test_what_no_waiting_takes_away_fails_at_once_with_its_cause_in_the_ledger() -> None:
    machines = with_items()
    state = begun(machines)

    def deny(_: object) -> None:
        raise TableFault("target", "AccessDeniedException")

    machines.world.target.before_write = deny
    turn = machines.turn("copy", slot=0, **state)
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "AccessDeniedException")
    assert "AccessDenied" in machines.world.ledger.runs()[0].error
