"""Turns of a backfill on many machines: what each leaves, and how an execution of them ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise

import pytest

from cutover.tables.authority import Authority, PairState
from cutover.tables.backfill_rows import BackfillPace, Run, RunState
from cutover.tables.backfill_slots import MOST_SLOTS, Slots
from cutover.tables.backfill_task import LONGEST_FAULT, LONGEST_PAUSE, Outcome
from cutover.tables.lease import EXECUTION_SECONDS, LeaseRow
from cutover.tables.ports import TableFault
from tests.fakes.backfill import Hand, Killed
from tests.fakes.tables import item, key
from tests.fakes.turns import EPOCH_SECONDS, EXECUTION, PAIR, RUN, Machines, with_items


def begun(machines: Machines) -> dict[str, object]:
    turn = machines.turn("begin")
    assert turn.outcome is Outcome.DONE
    return {"epoch": turn.epoch}


def test_an_execution_copies_every_item_once() -> None:
    machines = with_items()
    end = machines.execute()
    run = machines.world.ledger.runs()[0]
    assert end["outcome"] == "done"
    assert machines.world.equal
    assert (run.state, run.items, run.written) == (RunState.DONE, 60, 60)


def test_it_leaves_no_lease_and_nothing_pending() -> None:
    machines = with_items()
    machines.execute()
    assert (machines.leases.row, machines.world.ledger.page_rows) == (None, {})


def test_the_run_says_which_execution_works_on_it() -> None:
    machines = with_items()
    begun(machines)
    assert machines.world.ledger.runs()[0].execution == EXECUTION


@pytest.mark.parametrize("segments", [1, 3, 4, 5, 40, 9_999, 100_000])
def test_every_segment_is_in_exactly_one_slot(segments: int) -> None:
    run = Run("run-7", segments, 0)
    slots = Slots(run)
    assert slots.count <= MOST_SLOTS
    dealt = [segment for slot in range(slots.count) for segment in slots.of(slot)]
    assert sorted(dealt) == list(range(segments))


def test_neighbouring_segments_are_in_different_slots() -> None:
    run = Run("run-7", 400, 0)
    slots = Slots(run)
    pairs = [pair for slot in range(slots.count) for pair in pairwise(slots.of(slot))]
    neighbours = sum(abs(one - two) == 1 for one, two in pairs)
    assert neighbours < 10


def test_the_slots_of_the_largest_run_fit_into_the_state() -> None:
    machines = with_items(0)
    machines.world.ledger.save_run(replace(RUN, segments=100_000))
    assert len(str(machines.turn("begin").data())) < 256_000 / 8


def test_pending_pages_come_before_any_segment() -> None:
    machines = with_items()
    machines.world.target.put(item("gone", "left by a killed run"))
    machines.world.ledger.save_pending("old-run", 1, [key("gone")])
    begun(machines)
    assert machines.world.ledger.page_rows == {}
    assert machines.world.target.items == {}


def test_a_run_that_is_resumed_leaves_out_the_slots_that_are_done() -> None:
    machines = with_items()
    state = begun(machines)
    machines.turn("copy", slot=1, **state)
    again = machines.turn("begin")
    assert 1 not in again.slots
    assert len(again.slots) == 2


def test_another_unfinished_run_is_superseded() -> None:
    machines = with_items()
    machines.world.ledger.save_run(Run("run-0", 3, 1_600_000_000))
    begun(machines)
    assert machines.world.ledger.run_rows["run-0"].state is RunState.SUPERSEDED


@pytest.mark.parametrize("state", [RunState.DONE, RunState.SUPERSEDED])
def test_a_run_that_is_over_is_not_begun_again(state: RunState) -> None:
    machines = with_items()
    machines.world.ledger.save_run(replace(RUN, state=state))
    turn = machines.turn("begin")
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "run_over")
    assert machines.leases.row is None


def test_near_the_end_of_an_invocation_no_page_is_begun_and_it_asks_for_more() -> None:
    machines = with_items()
    state = begun(machines)
    turn = machines.turn("copy", slot=0, enough=lambda: True, **state)
    assert turn.outcome is Outcome.MORE
    assert machines.world.target.items == {}


def after_asking(number: int) -> Callable[[], Callable[[], bool]]:
    """Each turn's end is near once it was asked for so many times."""

    def of_turn() -> Callable[[], bool]:
        asked = count()
        return lambda: next(asked) >= number

    return of_turn


def test_turns_that_are_all_cut_short_come_to_the_end_of_the_run() -> None:
    machines = with_items()
    machines.enough_of_turn = after_asking(3)
    assert machines.execute()["outcome"] == "done"
    assert machines.world.equal
    assert machines.world.queue.parked == []


@pytest.mark.parametrize("number", [4, 7, 12])
def test_turns_that_are_cut_off_in_the_middle_of_pages_come_to_the_end_too(number: int) -> None:
    machines = with_items()
    machines.near_end_of_turn = after_asking(number)
    assert machines.execute()["outcome"] == "done"
    assert machines.world.equal
    assert machines.world.ledger.page_rows == {}


def test_a_page_that_takes_longer_than_an_invocation_is_done_in_several() -> None:
    """At a slow pace. Were it begun anew each time, it would never end."""
    machines = with_items(60)
    machines.world.source.page = 60
    machines.world.ledger.save_run(replace(RUN, segments=1))
    machines.near_end_of_turn = after_two_slices(machines)
    assert machines.execute()["outcome"] == "done"
    assert machines.world.equal
    assert machines.world.ledger.page_rows == {}
    assert machines.world.ledger.runs()[0].items == 60


def after_two_slices(machines: Machines) -> Callable[[], Callable[[], bool]]:
    def of_turn() -> Callable[[], bool]:
        before = len(machines.world.target.writes)
        return lambda: len(machines.world.target.writes) >= before + 2

    return of_turn


def test_a_pending_page_that_takes_longer_than_an_invocation_is_done_in_several() -> None:
    machines = with_items(0)
    keys = [key(f"k{number}") for number in range(60)]
    for one in keys:
        machines.world.target.put(item(str(one["k"]["S"]), "left by a killed run"))
    machines.world.ledger.save_pending("old-run", 0, keys)
    machines.near_end_of_turn = after_two_slices(machines)
    assert machines.execute()["outcome"] == "done"
    assert machines.world.target.items == {}
    assert machines.world.ledger.page_rows == {}


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
    state = begun(machines)

    def pause(_: object) -> None:
        machines.paces.save(BackfillPace(write_units=50, paused=True, reason="lunch peak"))

    machines.world.target.before_write = pause
    for slot in range(3):
        machines.turn("copy", slot=slot, **state)
    assert [paces.target_write.limit for paces in machines.made[1:]][-1] == 25


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


def test_after_a_failure_the_next_execution_brings_the_run_to_its_end() -> None:
    machines = with_items()
    answers = iter([True] * 3)

    def deny_at_first(_: object) -> None:
        if next(answers, False):
            raise TableFault("target", "AccessDeniedException")

    machines.world.target.before_write = deny_at_first
    assert machines.execute()["outcome"] == "failed"
    machines.now += EXECUTION_SECONDS
    assert machines.execute("another-execution")["outcome"] == "done"
    assert machines.world.equal
    assert machines.world.ledger.runs()[0].error == ""


def test_the_few_slots_of_a_worker_that_failed_are_gone_through_again() -> None:
    machines = with_items(400)
    machines.world.ledger.save_run(replace(RUN, segments=160))
    scan, failures = machines.world.source.scan, iter([True])

    def fail_once(segment: int, *arguments: object, **named: object) -> object:
        if segment == 7 and next(failures, False):
            raise TableFault("source", "ValidationException")
        return scan(segment, *arguments, **named)  # type: ignore[arg-type]

    machines.world.source.scan = fail_once  # type: ignore[method-assign, assignment]
    assert machines.execute()["outcome"] == "done"
    assert machines.world.equal


def test_a_slot_that_fails_in_every_round_fails_the_execution() -> None:
    machines = with_items(400)
    machines.world.ledger.save_run(replace(RUN, segments=160))
    scan = machines.world.source.scan

    def fail(segment: int, *arguments: object, **named: object) -> object:
        if segment == 7:
            raise TableFault("source", "ValidationException")
        return scan(segment, *arguments, **named)  # type: ignore[arg-type]

    machines.world.source.scan = fail  # type: ignore[method-assign, assignment]
    end = machines.execute()
    assert end["outcome"] == "failed"
    assert "ValidationException" in str(end["why"])
    assert machines.world.ledger.runs()[0].state is RunState.RUNNING


def test_nothing_is_begun_while_the_target_rules() -> None:
    machines = with_items()
    machines.rows.states[PAIR] = PairState(Authority("target", "reverse", 1))
    turn = machines.turn("begin")
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "authority")
    assert machines.leases.row is None


@pytest.mark.parametrize(
    "authority",
    [Authority("nobody", "forward", 0), Authority("target", "reverse", 1), Authority("source", "forward", 2)],
    ids=["switching", "switched", "switched and back"],
)
def test_a_worker_of_an_older_epoch_writes_nothing(authority: Authority) -> None:
    machines = with_items()
    state = begun(machines)
    machines.rows.states[PAIR] = PairState(authority)
    turn = machines.turn("copy", slot=0, **state)
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "authority")
    assert machines.world.target.items == {}


def test_a_living_writer_keeps_the_execution_out() -> None:
    machines = with_items()
    machines.leases.row = LeaseRow("backfill", "host:1:aa", EPOCH_SECONDS, EPOCH_SECONDS + 30)
    sleep = machines.sleep

    def renewed_meanwhile(seconds: float) -> None:
        sleep(seconds)
        assert machines.leases.row is not None
        machines.leases.row = replace(machines.leases.row, expires_at=EPOCH_SECONDS + 30 + machines.now)

    machines.sleep = renewed_meanwhile  # type: ignore[method-assign]
    turn = machines.turn("begin")
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "lease_held")
    assert machines.world.target.items == {}


def test_a_worker_whose_lease_was_taken_writes_nothing() -> None:
    machines = with_items()
    state = begun(machines)
    machines.leases.row = LeaseRow("backfill", "host:1:aa", EPOCH_SECONDS, EPOCH_SECONDS + 30)
    turn = machines.turn("copy", slot=0, **state)
    assert (turn.outcome, turn.error) == (Outcome.FAILED, "lease_lost")
    assert machines.world.target.items == {}
    assert machines.leases.row.owner == "host:1:aa"


def test_a_worker_that_comes_after_the_end_does_not_bring_the_lease_back() -> None:
    machines = with_items()
    state = begun(machines)
    machines.execute()
    assert machines.turn("copy", slot=0, **state).error == "lease_lost"
    assert machines.leases.row is None


def test_an_end_whose_reply_was_lost_is_an_end_when_it_is_asked_again() -> None:
    machines = with_items()
    state = begun(machines)
    for slot in range(3):
        machines.turn("copy", slot=slot, **state)
    assert machines.turn("end", turn=state).outcome is Outcome.DONE
    machines.leases.row = LeaseRow("backfill", EXECUTION, EPOCH_SECONDS, EPOCH_SECONDS)
    assert machines.turn("end", turn=state).outcome is Outcome.DONE
    assert machines.leases.row is None
    assert machines.turn("end", owner="another", turn=state).error == "lease_lost"


def test_who_is_asked_to_stop_stops_and_the_run_can_be_gone_on_with() -> None:
    machines = with_items()
    state = begun(machines)
    machines.turn("copy", slot=0, **state)
    assert machines.leases.ask_to_stop(EXECUTION)
    assert machines.turn("copy", slot=1, **state).outcome is Outcome.STOPPED
    assert machines.turn("end", turn=state).outcome is Outcome.STOPPED
    assert machines.leases.row is None
    assert machines.world.ledger.runs()[0].state is RunState.RUNNING
    assert machines.execute("another-execution")["outcome"] == "done"
    assert machines.world.equal


def test_who_is_asked_to_stop_in_the_middle_of_a_turn_stops() -> None:
    machines = with_items()
    state = begun(machines)
    machines.world.target.before_write = lambda _: machines.leases.ask_to_stop(EXECUTION)
    outcomes = [machines.turn("copy", slot=slot, **state).outcome for slot in range(3)]
    assert outcomes[-1] is Outcome.STOPPED


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("phase", ["begin", "copy", "end"])
def test_a_turn_that_is_killed_at_any_call_loses_nothing(phase: str, after: bool) -> None:
    """The application deletes items meanwhile, and the mirror follows it."""
    died = []
    for kill_at in range(0, 60, 3):
        machines = with_items(12)
        machines.world.target.put(item("gone", "left by a killed run"))
        machines.world.ledger.save_pending("old-run", 0, [key("gone"), key("k1"), key("k3")])
        state = begun(machines) if phase != "begin" else {}
        died.append(killed(machines, phase, Hand(kill_at=kill_at, after=after), state))
        for number in range(0, 12, 2):
            machines.world.source.delete(key(f"k{number}"))
            machines.world.mirror(key(f"k{number}"))
        if machines.world.ledger.runs()[0].state is RunState.RUNNING:
            assert machines.execute()["outcome"] == "done"
        assert machines.world.equal, kill_at
        assert machines.world.ledger.page_rows == {}
    assert died[0]
    assert not died[-1] or phase == "copy"


def killed(machines: Machines, phase: str, hand: Hand, state: dict[str, object]) -> bool:
    if phase == "end":
        for slot in range(3):
            machines.turn("copy", slot=slot, **state)
        machines.world.ledger.save_pending("late", 0, [key("k1"), key("k5")])
        state = {"turn": state}
    try:
        machines.turn(phase, hand=hand, **({"slot": 0} if phase == "copy" else {}), **state)
    except Killed:
        return True
    return False
