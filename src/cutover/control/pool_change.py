"""One change of a pool's triggers, watched on both sides.

UpdateUserPool has no condition: two writers do not see each other. So the pool is described again right
before the update and refused where it moved, and it is described and compared as a whole after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cutover.control.pool_diff import Change, differences
from cutover.control.pool_ports import MFA, Pool, PoolState
from cutover.control.pool_settings import Request, request_with, view_with
from cutover.control.trigger_set import Entries, entries_of, held, kinds_in, putting_back
from cutover.control.watched_update import Sleep, Watched
from cutover.errors import InterlockRefused


@dataclass(frozen=True)
class Changed:
    """What one change came to. `damage` are settings that an update could have set and that are not what
    they were; `elsewhere` are those that no update can set, so that somebody else has."""

    after: PoolState
    damage: tuple[Change, ...] = ()
    elsewhere: tuple[Change, ...] = ()


def change_triggers(
    pool: Pool,
    planned_from: PoolState,
    edit: Entries,
    *,
    sleep: Sleep,
    expected: frozenset[str] = frozenset(),
) -> Changed:
    """Applies `edit` and compares. `expected` are paths that this run itself has changed since
    `planned_from` was described.

    Raises InterlockRefused `pool_changed` where somebody else changed the pool since, before anything is
    sent; UpdateRefused where AWS said no; PartlyDone where it stays unknown whether the update was done.
    """
    now = pool.describe()
    refuse_moved(differences(planned_from.view, now.view, ignore=expected))
    request = request_with(now, edit, pool.model)
    after = _update(pool, now, request, edit, sleep)
    found = differences(view_with(now, edit), after.view, ignore=request.incomparable)
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


def undo_triggers(
    pool: Pool, before: PoolState, set_by_us: Entries, after: PoolState, *, sleep: Sleep
) -> tuple[Change, ...] | None:
    """Takes our own change back and nothing else: every other setting is carried as it is now.

    The triggers are the only settings that were sent with another value than they had; one that no longer
    holds what we sent is somebody else's and stays. Where none does, nothing is sent (None). Otherwise gives
    what then still differs from `before`.
    """
    ours = held(after.triggers, set_by_us)
    if not ours:
        return None
    edit: dict[str, object] = {}
    for kind in ours:
        edit |= putting_back(kind, entries_of(before.triggers, kind))
    request = request_with(after, edit, pool.model)
    restored = _update(pool, after, request, edit, sleep)
    return differences(before.view, restored.view, ignore=request.incomparable)


def shows(state: PoolState, edit: Entries) -> bool:
    """Whether every trigger of `edit` is what it says."""
    return held(state.triggers, edit) == kinds_in(edit)


def _settable(change: Change, pool: Pool) -> bool:
    return change.path.split(".")[0] in {*pool.model.inputs, MFA}


def _update(pool: Pool, now: PoolState, request: Request, edit: Entries, sleep: Sleep) -> PoolState:
    return Watched(
        name="pool",
        send=lambda: pool.update(request.inputs),
        look=pool.describe,
        shows=lambda state: shows(state, edit),
        moved=lambda state: refuse_moved(differences(now.view, state.view)),
    ).run(sleep)
