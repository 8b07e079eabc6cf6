"""A status as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator

from cutover.control.blocker import Blocker
from cutover.control.status import Trigger, blockers, trigger_of
from cutover.control.status_facts import (
    BackfillFacts,
    Backlog,
    Counted,
    OwedFacts,
    PaceFacts,
    PairFacts,
    StatusFacts,
    TablesFacts,
    UsersFacts,
)
from cutover.control.status_tables import lag_of

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def screen(status: StatusFacts) -> str:
    """The whole screen, as lines."""
    lines: list[str] = []
    if status.stack:
        lines.append(f"STACK   {status.stack} ({status.stack_status})")
    if status.users is not None:
        lines += _users(status.users, status.at)
    if status.tables is not None:
        lines += _tables(status.tables, status.at)
    lines += [f"UNREAD  {note}" for note in status.unread]
    found = blockers(status)
    lines += ["BLOCKED BY", *_bulleted(found)] if found else [_nothing_blocks(status)]
    return "\n".join(lines)


def _nothing_blocks(status: StatusFacts) -> str:
    return "NOTHING BLOCKS, as far as it could be read" if status.unread else "NOTHING BLOCKS"


def _bulleted(found: tuple[Blocker, ...]) -> Iterator[str]:
    for blocker in found:
        yield f"  - {blocker.what}"
        if blocker.fix:
            yield f"    {blocker.fix}"


def _users(users: UsersFacts, at: int) -> Iterator[str]:
    yield f"USERS   {users.pool_id}   {_attached(users, at)}"
    if users.rollout is not None:
        paused = "" if users.rollout.paused is None else f", paused: {users.rollout.paused}"
        yield f"  {'rollout':<14} {users.rollout.share(users.rollout_default)} percent{paused}"
    for state, counted in users.counts.items():
        if counted.number or state not in ("imported", "released"):
            since = users.oldest.get(state)
            oldest = f"   oldest {_ago(at - since)} ago" if since is not None else ""
            yield f"  {state.replace('_', ' '):<14} {_counted(counted):>12}{oldest}"
    if users.estimates:
        said = ", ".join(f"{name} pool about {number:,}" for name, number in users.estimates.items())
        yield f"  {'estimates':<14} {said} (Cognito's own numbers)"
    if users.settling is not None:
        yield f"  {'settling':<14} {_backlog(users.settling)}{_dead(users.dead)}"


def _attached(users: UsersFacts, at: int) -> str:
    state = trigger_of(users)
    row = users.attachment
    if state is Trigger.ATTACHED and row is not None:
        return f"attached for {_ago(at - row.at)}, trigger {row.trigger}"
    return state.value


def _tables(tables: TablesFacts, at: int) -> Iterator[str]:
    if tables.mirror_known:
        lag = lag_of(tables)
        behind = "unknown" if lag.seconds is None else f"{lag.seconds:,.1f} s"
        yield f"TABLES  lag {behind} ({lag.why})"
    else:
        yield "TABLES  the mirror is unknown without the stack"
    for pair in tables.pairs:
        yield f"  {pair.pair}"
        yield from (f"    {line}" for line in _pair(pair, at, tables.mirror_known))
    if tables.parked is not None:
        yield f"  {'parked keys':<14} {_backlog(tables.parked)}{_dead(tables.dead)}"
    if tables.failures is not None:
        yield f"  {'failure bucket':<14} {'holds batches' if tables.failures else 'empty'}"


def _pair(pair: PairFacts, at: int, mirror_known: bool) -> Iterator[str]:
    if mirror_known:
        yield f"mirror    {pair.mapping or 'missing'}{', paused' if pair.paused is not None else ''}"
    yield from _pace(pair.pace, at)
    if pair.ruler != "source":
        yield f"authority {pair.ruler}"
    run = pair.backfill
    if run is None:
        yield "backfill  never started"
    else:
        how = "done" if run.done else f"{run.segments_done} of {run.segments} segments"
        where = " on AWS" if run.on_aws else ""
        yield f"backfill  {how}, {run.items:,} items, started{where} {_ago(at - run.started_at)} ago"
        if not run.done:
            yield from (f"          {said}" for said in _hold(run))
    yield f"owed      {_owed(pair.owed)}"
    last = pair.verify
    if last is None:
        yield "verify    never"
    else:
        found = f"missing {last.missing:,}, different {last.different:,}, extra {last.extra:,}"
        found += f", refused {last.refused:,}" if last.refused else ""
        found += f", in flight {last.in_flight:,}" if last.in_flight else ""
        yield f"verify    {_ago(at - last.finished_at)} ago: {last.compared:,} compared, {found}"


def _owed(owed: OwedFacts | None) -> str:
    if owed is None:
        return "unknown"
    least = "" if owed.exact else "at least "
    age = "" if owed.oldest_age is None else f", oldest {_ago(owed.oldest_age)}"
    late = f"{least}{owed.late:,} keys ({owed.reasons}){age}" if owed.late else "nothing"
    return late + (f"; {least}{owed.waiting:,} keys wait for users" if owed.waiting else "")


def _hold(run: BackfillFacts) -> Iterator[str]:
    if run.error:
        yield f"failed: {run.error}"
    elif run.waits:
        yield f"waits: {run.waits}"


def _pace(pace: PaceFacts, at: int) -> Iterator[str]:
    units = {"read": pace.read_units, "write": pace.write_units}
    limits = " and ".join(f"{value:g} {kind} units/s" for kind, value in units.items() if value is not None)
    if limits:
        yield f"pace      at most {limits}: its lag is traded for that"
    if pace.held_why:
        ago = _ago(at - pace.held_at)
        yield f"held      {ago} ago for {pace.held_seconds:,.0f} s: {pace.held_why}"


def _counted(counted: Counted) -> str:
    return f"{'' if counted.exact else 'at least '}{counted.number:,}"


def _backlog(backlog: Backlog) -> str:
    age = "" if backlog.oldest_age is None else f", oldest {_ago(backlog.oldest_age)}"
    waiting = f"about {backlog.waiting:,} waiting, {backlog.in_flight:,} in flight"
    return f"{waiting}, {backlog.delayed:,} delayed{age}"


def _dead(dead: Backlog | None) -> str:
    return "" if dead is None else f"; dead letters about {dead.total:,}"


def _ago(seconds: float) -> str:
    """The greatest unit alone: `3 d`, `40 s`."""
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size:,.0f} {unit}"
    return "0 s"
