"""One change of a pool's UserMigration trigger, watched on both sides.

UpdateUserPool has no condition: two writers do not see each other. So the pool is described again right
before the update and refused where it moved, and it is described and compared as a whole after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cutover.control.pool_diff import Change, differences
from cutover.control.pool_ports import MFA, Pool, PoolState, UpdateRefused, UpdateUncertain
from cutover.control.pool_settings import Request, request_with_trigger, with_trigger
from cutover.errors import InterlockRefused, PartlyDone

ATTEMPTS = 4
"""How often an update is sent whose outcome is unknown; each time the pool is described first."""
PAUSE_SECONDS = 1.0
"""Before the second look and attempt; doubled each time. Waits come before a look, never behind it."""
LOOKS = 4
"""Descriptions after an update, until one shows it: a description may lag."""

Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Changed:
    """What one change came to. `damage` are settings that an update could have set and that are not what
    they were; `elsewhere` are those that no update can set, so that somebody else has."""

    after: PoolState
    damage: tuple[Change, ...] = ()
    elsewhere: tuple[Change, ...] = ()


def change_trigger(
    pool: Pool,
    planned_from: PoolState,
    trigger: str | None,
    *,
    sleep: Sleep,
    expected: frozenset[str] = frozenset(),
) -> Changed:
    """Sets `trigger` (None: none) and compares. `expected` are paths that this run itself has changed since
    `planned_from` was described.

    Raises InterlockRefused `pool_changed` where somebody else changed the pool since, before anything is
    sent; UpdateRefused where AWS said no; PartlyDone where it stays unknown whether the update was done.
    """
    now = pool.describe()
    refuse_moved(differences(planned_from.view, now.view, ignore=expected))
    request = request_with_trigger(now, trigger, pool.model)
    after = _update(pool, now, request, trigger, sleep)
    found = differences(with_trigger(now.view, trigger), after.view, ignore=request.incomparable)
    damage = tuple(change for change in found if _settable(change, pool))
    return Changed(after, damage, tuple(change for change in found if change not in damage))


def refuse_moved(moved: tuple[Change, ...]) -> None:
    if moved:
        raise InterlockRefused(
            "pool_changed",
            "somebody else is changing this pool",
            cause=f"since the plan was made: {', '.join(change.path for change in moved)}",
            fix="let the other change end, then make a new plan; nothing was changed",
        )


def undo_trigger(
    pool: Pool, before: PoolState, set_by_us: str, after: PoolState, *, sleep: Sleep
) -> tuple[Change, ...] | None:
    """Takes our own change back and nothing else: every other setting is carried as it is now.

    The trigger is the only setting that was sent with another value than it had; where it no longer holds
    what we sent, it is somebody else's, and nothing is sent (None). Otherwise gives what then still differs
    from `before`.
    """
    if after.trigger != set_by_us:
        return None
    request = request_with_trigger(after, before.trigger, pool.model)
    restored = _update(pool, after, request, before.trigger, sleep)
    return differences(before.view, restored.view, ignore=request.incomparable)


def _settable(change: Change, pool: Pool) -> bool:
    return change.path.split(".")[0] in {*pool.model.inputs, MFA}


def _update(pool: Pool, now: PoolState, request: Request, trigger: str | None, sleep: Sleep) -> PoolState:
    for attempt in range(ATTEMPTS):
        try:
            pool.update(request.inputs)
        except UpdateRefused as refused:
            if attempt == 0:
                raise
            raise refused.error from refused
        except UpdateUncertain as uncertain:
            sleep(PAUSE_SECONDS * 2**attempt)
            seen = _seen(pool, trigger, sleep)
            if seen.trigger == trigger:
                return seen
            refuse_moved(differences(now.view, seen.view))
            reason = uncertain
        else:
            return _seen(pool, trigger, sleep)
    raise PartlyDone(
        "it is unknown whether the pool was updated",
        cause=f"{ATTEMPTS} times: {reason}",
        fix="run the same command again: it looks first, and goes on from what it finds",
    )


def _seen(pool: Pool, trigger: str | None, sleep: Sleep) -> PoolState:
    state = pool.describe()
    for look in range(1, LOOKS):
        if state.trigger == trigger:
            break
        sleep(PAUSE_SECONDS * look)
        state = pool.describe()
    return state
