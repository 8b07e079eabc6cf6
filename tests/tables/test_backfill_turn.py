"""Turns of a backfill on many machines: what each leaves, and how an execution of them ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count, pairwise

import pytest

from cutover.tables.authority import Authority, PairState
from cutover.tables.backfill_rows import Run, RunState
from cutover.tables.backfill_slots import MOST_SLOTS, Slots
from cutover.tables.backfill_task import Outcome
from cutover.tables.lease import EXECUTION_SECONDS, LeaseRow
from cutover.tables.ports import TableFault
from tests.fakes.backfill import Hand, Killed
from tests.fakes.tables import item, key
from tests.fakes.turns import EPOCH_SECONDS, EXECUTION, PAIR, RUN, Machines, begun, with_items


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


@pytest.mark.parametrize(("segments", "concurrency"), [(1, 10), (7, 3), (7, 10), (12, 5), (100_000, 200)])
def test_few_segments_are_dealt_out_to_all_functions(segments: int, concurrency: int) -> None:
    slots = Slots(Run("run-7", segments, 0), concurrency)
    assert slots.count >= min(segments, concurrency)
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
        before = len(machines.world.target.reads)
        return lambda: len(machines.world.target.reads) >= before + 2

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
