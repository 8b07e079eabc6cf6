"""The JSON of a status: the facts as they are, and beside them what they mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from cutover.control.blocker import Blocker
from cutover.control.status import blockers, trigger_of
from cutover.control.status_facts import StatusFacts, TablesFacts, UsersFacts
from cutover.control.status_tables import lag_of

Command = Callable[..., str | None]
"""Makes a `cutover` command that can be run as it stands of its words; None where it cannot be run."""


def as_data(status: StatusFacts, command: Command) -> dict[str, Any]:
    """`users` and `tables` are null where the stack moves none."""
    return {
        "at": status.at,
        "stack": status.stack,
        "stack_status": status.stack_status,
        "users": None if status.users is None else _users(status.users),
        "tables": None if status.tables is None else _tables(status.tables),
        "blocked_by": [_blocker(one, command) for one in blockers(status)],
        "drift": list(status.drift),
        "unread": list(status.unread),
    }


def next_command(status: StatusFacts, command: Command) -> str | None:
    """What to run now: the first blocker's command, or None where nothing blocks or no command helps."""
    commands = (command(*blocker.words) for blocker in blockers(status) if blocker.words)
    return next((line for line in commands if line), None)


def _users(users: UsersFacts) -> dict[str, Any]:
    state = trigger_of(users)
    row = users.attachment
    return {
        "new_pool": users.pool_id,
        "trigger_state": state.name.lower(),
        "attached": state.name == "ATTACHED",
        "attached_at": row.at if row is not None and row.open else None,
        "trigger": users.trigger,
        "counts": {name: asdict(counted) for name, counted in users.counts.items()},
        "oldest": dict(users.oldest),
        "estimated_users": dict(users.estimates),
        "rollout": None
        if users.rollout is None
        else {"percent": users.rollout.share(users.rollout_default), "paused": users.rollout.paused},
        "settling": None if users.settling is None else asdict(users.settling),
        "dead_letters": None if users.dead is None else asdict(users.dead),
        "squatted": None if users.squatted is None else asdict(users.squatted),
    }


def _tables(tables: TablesFacts) -> dict[str, Any]:
    lag = lag_of(tables)
    return {
        "lag_seconds": lag.seconds,
        "lag_by": lag.why,
        "iterator_age_seconds": tables.iterator_age,
        "parked": None if tables.parked is None else asdict(tables.parked),
        "dead_letters": None if tables.dead is None else asdict(tables.dead),
        "failed_batches": tables.failures,
        "pairs": [asdict(pair) for pair in tables.pairs],
    }


def _blocker(blocker: Blocker, command: Command) -> dict[str, Any]:
    return {
        "code": blocker.code,
        "what": blocker.what,
        "fix": blocker.fix,
        "next": command(*blocker.words) if blocker.words else None,
    }
