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

A stream record's image may stand in for the first read of the source. A target that equals such a guess
proves nothing (work that wrote this very guess may have crashed before its verifying read, and be here
again), so the source is read then too. What nobody can know is a write that was on its way when its whole
process died, and that lands after the work was done again: `verify` is there to find it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cutover.tables.items import key_id, same, strip_replication
from cutover.tables.ports import (
    AuthorityLost,
    Convergence,
    Item,
    Key,
    KeyId,
    Permit,
    ReadableTable,
    TableFault,
    WritableTable,
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
    tuning: Tuning = TUNING,
    stop: Callable[[], bool] = never,
    sleep: Callable[[float], None] = time.sleep,
    rng: Callable[[], float] = random.random,
) -> Convergence:
    """Make the target hold `transform(source item)` for every one of `keys` (source keys, any number).

    `hints` are first guesses at source items (None: a guess that there is none), from a stream record or from
    a scan's page that was just read, strongly consistently.
    `stop` says that time is up: what has not begun then is unsettled. Raises TableFault and AuthorityLost;
    both carry what had been reached in `so_far`, and all keys may simply be given again.
    """
    work = _Work(source, target, transform, permit, tuning, stop, sleep, rng, Tally())
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
    seen: Items = {**_read(work.source, {k: v for k, v in todo.items() if k not in hints}), **hints}
    guessed, lost = set(hints), set[KeyId]()
    for round_ in range(work.tuning.rounds):
        if round_:
            work.sleep(work.tuning.pause_base * 2**round_ * work.rng())
        work.tally.count(rounds=1)
        wanted = _wanted(work, todo, seen)
        equal, differing = _compared(work, {k: todo[k] for k in wanted}, wanted)
        work.tally.converged({k: v for k, v in equal.items() if k not in guessed})
        doubtful = {k: v for k, v in equal.items() if k in guessed}
        lost, rejected = _write(work, differing, wanted)
        now = _read(work.source, {**differing, **doubtful})  # rule 1: the verifying read, after the write
        todo = {k: v for k, v in {**differing, **doubtful}.items() if k not in rejected}
        settled = {k: v for k, v in todo.items() if k not in lost and same(now.get(k), seen.get(k))}
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


def _wanted(work: _Work, todo: Mapping[KeyId, Key], seen: Items) -> dict[KeyId, Item | None]:
    """The target's items by source key; a key whose transform fails is put aside as a fault."""
    wanted: dict[KeyId, Item | None] = {}
    for identity, key in todo.items():
        try:
            wanted[identity] = work.transform.wanted(key, seen.get(identity))
        except TransformFault as fault:
            work.tally.fault(key, fault.reason, fault.detail, fault.waits_for)
    return wanted


def _compared(
    work: _Work, todo: Mapping[KeyId, Key], wanted: Items
) -> tuple[dict[KeyId, Key], dict[KeyId, Key]]:
    """The keys whose target item is the wanted one already, and the others."""
    places = {identity: work.transform.target_key(key) for identity, key in todo.items()}
    have = _read(work.target, {key_id(place): place for place in places.values()})
    equal = {k: v for k, v in todo.items() if same(wanted[k], have.get(key_id(places[k])))}
    work.tally.count(equal=len(equal))
    return equal, {k: v for k, v in todo.items() if k not in equal}


def _write(work: _Work, todo: Mapping[KeyId, Key], wanted: Items) -> tuple[set[KeyId], set[KeyId]]:
    """Writes; gives the keys whose write is not known to be done, and those that the table refused."""
    if not todo:
        return set(), set()
    work.permit.check()  # rule 3
    origin = {key_id(work.transform.target_key(key)): k for k, key in todo.items()}
    puts = [item for k in todo if (item := wanted[k]) is not None]
    deletes = [work.transform.target_key(key) for k, key in todo.items() if wanted[k] is None]
    try:
        outcome = work.target.write(puts, deletes)
    except TableFault as fault:
        work.tally.ambiguous(todo[origin[key_id(place)]] for place in fault.ambiguous)
        raise
    work.tally.ambiguous(todo[origin[key_id(place)]] for place in outcome.ambiguous)
    for place, reason, detail in outcome.rejected:
        work.tally.fault(todo[origin[key_id(place)]], reason, detail)
    lost = {origin[key_id(place)] for place in (*outcome.ambiguous, *outcome.unprocessed)}
    rejected = {origin[key_id(place)] for place, _, _ in outcome.rejected}
    done = [wanted[k] for k in todo if k not in lost | rejected]
    work.tally.count(written=len(done) - done.count(None), deleted=done.count(None))
    return lost, rejected
