"""One turn of a backfill on many machines: what one invocation does, and how it ends.

A turn ends long before its function would be cut off, and the next one goes on from the ledger. While the
pair is paused or a table is at fault it does not sit and wait: it says so, and the state machine asks again
later. All turns of an execution hold one lease, under the execution's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cutover.errors import InterlockRefused
from cutover.tables.authority import Direction, may_write
from cutover.tables.backfill_hand import Desk, Hand
from cutover.tables.backfill_rows import Place, RunState
from cutover.tables.backfill_run import Totals, copy_places, settle_left
from cutover.tables.backfill_slots import Slots
from cutover.tables.backfill_task import Outcome, Phase, Task, Turn, answer, failing, waiting
from cutover.tables.lease import LeaseLost, LeaseRow
from cutover.tables.leasing import join_lease, take_lease
from cutover.tables.patience import HOPELESS, Stopped
from cutover.tables.ports import AuthorityLost, TableFault
from cutover.tables.writer_work import WriterWork

UNITS_PER_THREAD = 4.0
"""Units a second: a page of 1 MB is 256 units to read, and what is cut off of it is read again."""
MOST_ROUNDS = 3
"""Rounds over the slots that are left, where a worker has failed among many that have not."""


def take_turn(task: Task, open_desk: Callable[[], Desk]) -> Turn:
    """Does what the task asks, at the desk that is opened for it.

    What anybody foresaw is not raised: the answer says it.
    """
    try:
        hand = Hand(task, open_desk())
    except TableFault as fault:
        return _faulted(task, fault)
    turn = _taken(task, hand)
    hand.tell(turn)
    return replace(turn, items=hand.done.items, parked=hand.done.parked)


def _taken(task: Task, hand: Hand) -> Turn:
    try:
        return _PHASES[task.phase](hand)
    except Stopped:
        return hand.stopped()
    except InterlockRefused as refused:
        return failing(task, refused.interlock, f"{refused}: {refused.cause}")
    except AuthorityLost as lost:
        return failing(task, "lease_lost" if isinstance(lost, LeaseLost) else "authority", str(lost))
    except TableFault as fault:
        return _faulted(task, fault, progressed=bool(hand.done.items))


def _faulted(task: Task, fault: TableFault, *, progressed: bool = False) -> Turn:
    """No waiting takes away what is hopeless."""
    if fault.reason in HOPELESS:
        return failing(task, fault.reason, str(fault))
    return waiting(task, str(fault), progressed=progressed)


def _begin(hand: Hand) -> Turn:
    desk, task = hand.desk, hand.task
    run = hand.run()
    authority = desk.rows.state(task.pair).authority
    if not may_write(authority, Direction.FORWARD, authority.epoch):
        raise AuthorityLost(task.pair, "the source rules", f"{authority.ruler} rules, {authority.direction}")
    if run.keys_from:
        desk.exported(run)
    work = hand.begin(take_lease(desk.leases, desk.claimant), authority.epoch, share=1.0)
    for old in desk.ledger.runs():
        if old.state is RunState.RUNNING and old.run_id != run.run_id:
            desk.ledger.save_run(replace(old, state=RunState.SUPERSEDED))
    settle_left(work.copying, hand.attend(work))
    places = desk.ledger.places(run.run_id)
    totals = Totals(replace(run, execution=task.owner, why="", error=""), places.values())
    desk.ledger.save_run(totals.run())
    slots = Slots(run, task.concurrency)
    done = {number for number, place in places.items() if place.done}
    left = tuple(slot for slot in range(slots.count) if not done.issuperset(slots.of(slot)))
    return answer(task, Outcome.DONE, epoch=authority.epoch, slots=left)


def _copy(hand: Hand) -> Turn:
    desk, task = hand.desk, hand.task
    lease = join_lease(desk.leases, desk.claimant)
    work = hand.begin(lease, task.epoch, share=1.0 / task.concurrency)
    run = hand.run()
    copying = hand.copying(work, run)
    mine = Slots(run, task.concurrency).of(task.slot)
    known = desk.ledger.places_of(run.run_id, mine)
    places = [known.get(segment, Place(segment)) for segment in mine]
    copy_places(copying, run, places, _threads(work, desk.threads), hand.attend(work))
    known = desk.ledger.places_of(run.run_id, mine)
    if all(segment in known and known[segment].done for segment in mine):
        return answer(task, Outcome.DONE)
    raise Stopped


def _threads(work: WriterWork, most: int) -> int:
    """Several threads at a slow pace would each hold a page, and none of them come to its end in a turn."""
    least = work.governor.least
    return most if least is None else max(1, min(most, int(least / UNITS_PER_THREAD)))


def _end(hand: Hand) -> Turn:
    desk, task = hand.desk, hand.task
    if hand.has_ended():  # the reply of an earlier try was lost
        desk.leases.give_back(LeaseRow("backfill", task.owner, 0, 0))
        return answer(task, Outcome.DONE)
    lease = join_lease(desk.leases, desk.claimant)
    work = hand.begin(lease, task.epoch, share=1.0)
    run = hand.run()
    settle_left(work.copying, hand.attend(work))
    places = desk.ledger.places(run.run_id)
    left = run.segments - sum(1 for place in places.values() if place.done)
    if left and task.round < MOST_ROUNDS:
        return answer(task, Outcome.AGAIN, round=task.round + 1)
    if left:
        return failing(task, "segments_left", run.error or f"{left} of {run.segments} segments are not done")
    desk.ledger.save_run(Totals(replace(run, why="", error=""), places.values()).run(RunState.DONE))
    lease.give_back()
    return answer(task, Outcome.DONE)


_PHASES: dict[Phase, Callable[[Hand], Turn]] = {Phase.BEGIN: _begin, Phase.COPY: _copy, Phase.END: _end}
