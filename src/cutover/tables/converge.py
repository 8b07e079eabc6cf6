"""`converge`: whatever happened to some keys, make the target right for them.

    write what the source holds; read the source again, consistently, after the write;
    repeat for the keys whose source item changed meanwhile

Let v be a key's item after its last change in the source, and w the last write to its target. The converge
that wrote w read the source after it. Had that read seen anything but what w was made of, it would have
written again; so if it came after the last change, w is v. If it came before, then the work that the last
change itself starts (a stream record) runs later, and found the target equal or wrote, and wrote v. No order,
no sequence numbers, no marks in the items are needed, as long as three rules hold:

1. the verifying read comes **after** the write;
2. work that crashed is done again for the same **keys** (a new scan would not see a deleted one);
3. no forward write happens once the target's own application may write (the permit, before each write).

Where a user's function makes the keys, two source keys may want one place. What stands in the target is
then changed only by the key that its inverse names, and only while it is what that key's work has seen there
(a conditional write); an empty place is taken only while it is empty. So an item is never overwritten by
another key's, and of two that race for a place the one finds the other there in its next round: a collision.
A key whose sub has no new one yet has no place and, as mappings never change, never had one: if its item is
gone, nothing is left.

A stream record's image may stand in for the first read of the source. A target that equals such a guess
proves nothing (work that wrote this very guess may have crashed before its verifying read, and be here
again), so the source is read then too. A guess that is news may be put without a look at the target: the
proof asks for the read after the write, and a look before it only spares writes that change nothing. What
nobody can know is a write that was on its way when its whole process died, and that lands after the work was
done again: `verify` is there to find it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from cutover.tables.aims import Aim, Aims, aim, first_at_each_place, judge, places, to_put
from cutover.tables.items import key_id, same, strip_replication
from cutover.tables.ports import (
    AuthorityLost,
    Change,
    Convergence,
    Item,
    Key,
    KeyId,
    Permit,
    ReadableTable,
    TableFault,
    WritableTable,
    WriteOutcome,
)
from cutover.tables.tally import Tally
from cutover.tables.transform import Transform, TransformFault
from cutover.tables.tuning import TUNING, Tuning

Items = Mapping[KeyId, Item | None]


def never() -> bool:
    return False


@dataclass(frozen=True)
class _Work:
    """What one `converge` works with; the slices share it."""

    source: ReadableTable
    target: WritableTable
    transform: Transform
    permit: Permit
    news: bool
    tuning: Tuning
    stop: Callable[[], bool]
    sleep: Callable[[float], None]
    rng: Callable[[], float]
    tally: Tally


def converge(
    keys: Sequence[Key],
    *,
    source: ReadableTable,
    target: WritableTable,
    transform: Transform,
    permit: Permit,
    hints: Items | None = None,
    news: bool = False,
    tuning: Tuning = TUNING,
    stop: Callable[[], bool] = never,
    sleep: Callable[[float], None] = time.sleep,
    rng: Callable[[], float] = random.random,
) -> Convergence:
    """Make the target hold `transform(source item)` for every one of `keys` (source keys, any number).

    `hints` are first guesses at source items (None: a guess that there is none), from a stream record or from
    a scan's page that was just read, strongly consistently. `news` says that the target hardly holds them
    yet: their items are put unseen, unless two keys may want one place. Deletions are always looked for.
    `stop` says that time is up: what has not begun then is unsettled. Raises TableFault and AuthorityLost;
    both carry what had been reached in `so_far`, and all keys may simply be given again.
    """
    work = _Work(source, target, transform, permit, news, tuning, stop, sleep, rng, Tally())
    distinct = list({key_id(key): key for key in keys}.items())
    try:
        for start in range(0, len(distinct), tuning.slice_keys):
            _converge_slice(work, dict(distinct[start : start + tuning.slice_keys]), hints or {})
    except (TableFault, AuthorityLost) as fault:
        fault.so_far = work.tally.convergence()
        raise
    return work.tally.convergence()


def _converge_slice(work: _Work, todo: dict[KeyId, Key], hints: Items) -> None:
    if work.stop():
        work.tally.unsettled(todo)
        return
    guesses = {k: strip_replication(item) if (item := hints[k]) else None for k in todo if k in hints}
    seen: Items = {**_read(work.source, {k: v for k, v in todo.items() if k not in guesses}), **guesses}
    guessed, lost = set(guesses), set[KeyId]()
    for round_ in range(work.tuning.rounds):
        if round_:
            work.sleep(work.tuning.pause_base * 2**round_ * work.rng())
        work.tally.count(rounds=1)
        aims = _judged(work, todo, seen, guessed)
        equal = {k: one.key for k, one in aims.items() if one.right}
        work.tally.count(equal=len(equal))
        work.tally.converged({k: v for k, v in equal.items() if k not in guessed})
        todo = {k: one.key for k, one in aims.items() if not one.right or k in guessed}
        done = _write(work, {k: one for k, one in aims.items() if not one.right})
        lost = done.lost
        now = _read(work.source, todo)  # rule 1: the verifying read, after the write
        todo = {k: v for k, v in todo.items() if k not in done.rejected}
        proven = {k: v for k, v in todo.items() if k not in lost | done.held}
        settled = {k: v for k, v in proven.items() if same(now.get(k), seen.get(k))}
        work.tally.converged(settled)
        todo = {k: v for k, v in todo.items() if k not in settled}
        seen, guessed = now, set()
        if not todo or work.stop():
            break
    if lost & todo.keys():
        raise TableFault(work.target.name, "no write of a round was surely done")
    work.tally.unsettled(todo)


def _read(table: ReadableTable, keys: Mapping[KeyId, Key]) -> dict[KeyId, Item]:
    found = table.get(list(keys.values())) if keys else {}
    return {identity: strip_replication(item) for identity, item in found.items()}


def _judged(work: _Work, todo: Mapping[KeyId, Key], seen: Items, guessed: Set[KeyId]) -> Aims:
    """What is to be done for each key; one that has no target item, or collides, is put aside as a fault."""

    def fault(key: Key, why: TransformFault) -> None:
        work.tally.fault(key, why.reason, why.detail, why.waits_for)

    aims = aim(work.transform, todo, seen, fault)
    unseen = {} if work.transform.may_collide or not work.news else to_put(aims, guessed)
    looked_for = {k: one for k, one in aims.items() if k not in unseen}
    return judge(work.transform, looked_for, _read(work.target, places(looked_for)), fault) | unseen


@dataclass(frozen=True)
class _Written:
    """By source key: not known to be done; refused by the table; overtaken at its place by another write."""

    lost: set[KeyId] = field(default_factory=set)
    rejected: set[KeyId] = field(default_factory=set)
    held: set[KeyId] = field(default_factory=set)


def _write(work: _Work, aims: Aims) -> _Written:
    if not aims:
        return _Written()
    work.permit.check()  # rule 3
    first = first_at_each_place(aims)
    origin = {key_id(one.place or {}): k for k, one in first.items()}
    try:
        outcome = _send(work, first.values())
    except TableFault as fault:
        work.tally.ambiguous(aims[origin[key_id(place)]].key for place in fault.ambiguous)
        raise
    work.tally.ambiguous(aims[origin[key_id(place)]].key for place in outcome.ambiguous)
    for place, reason, detail in outcome.rejected:
        work.tally.fault(aims[origin[key_id(place)]].key, reason, detail)
    lost = {origin[key_id(place)] for place in (*outcome.ambiguous, *outcome.unprocessed)}
    rejected = {origin[key_id(place)] for place, _, _ in outcome.rejected}
    held = {origin[key_id(place)] for place in outcome.overtaken} | (aims.keys() - first.keys())
    done = [one.item for k, one in first.items() if k not in lost | rejected | held]
    work.tally.count(written=len(done) - done.count(None), deleted=done.count(None))
    return _Written(lost, rejected, held)


def _send(work: _Work, aims: Iterable[Aim]) -> WriteOutcome:
    changes = [Change(one.place, one.there, one.item) for one in aims if one.place is not None]
    if work.transform.may_collide:
        return work.target.write_seen(changes)
    puts = [change.wanted for change in changes if change.wanted is not None]
    return work.target.write(puts, [change.place for change in changes if change.wanted is None])
