"""Detach: takes out what attach has set, whatever has become of the pool and the stack since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from cutover.control.client_change import Client
from cutover.control.client_plan import ClientPorts, take_back
from cutover.control.detach_plan import DetachPlan
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.pool_change import change_triggers, shows
from cutover.control.pool_diff import Change
from cutover.control.pool_ports import Pool, Protection, UpdateRefused
from cutover.control.watched_update import Sleep
from cutover.errors import DifferencesFound, InterlockRefused


class DetachLedger(Protocol):
    def save(self, attachment: Attachment) -> None: ...


@dataclass(frozen=True)
class DetachPorts:
    pool: Pool
    ledger: DetachLedger | None
    protection: Protection | None
    clock: Callable[[], float]
    sleep: Sleep
    client: Callable[[str], Client]


def detach(plan: DetachPlan, ports: DetachPorts) -> tuple[Change, ...]:
    """Runs `plan` and gives the settings that somebody else changed meanwhile and no update can set.

    Raises InterlockRefused `pool_changed` (nothing was changed) and DifferencesFound (the triggers are out,
    and something else of the pool differs too).
    """
    row = plan.attachment if plan.attachment and plan.attachment.open else None
    _save(ports, replace(row, state=AttachState.DETACHING) if row else None)
    if not plan.changes:
        _finish(plan, ports, row)
        return ()
    try:
        changed = change_triggers(ports.pool, plan.state, plan.edit, sleep=ports.sleep)
    except UpdateRefused as refused:
        _save(ports, row)
        raise refused.error from refused
    except InterlockRefused:
        _save(ports, row)
        raise
    done = shows(changed.after, plan.edit)
    if done:
        _finish(plan, ports, row)
    if changed.damage:
        raise DifferencesFound(
            "the triggers are out, and something else of the pool differs too"
            if done
            else "a trigger was set again at the same moment",
            cause=", ".join(change.path for change in changed.damage),
            fix="somebody changed it at the same moment, or the update did: compare with the snapshot",
        )
    return changed.elsewhere


def _finish(plan: DetachPlan, ports: DetachPorts, row: Attachment | None) -> None:
    """The triggers are out. A run that is stopped in here is brought to its end by the next one."""
    take_back(plan.clients, ClientPorts(ports.client, None, ports.sleep))
    if plan.unprotect and ports.protection:
        ports.protection.switch(False)
    _save(ports, replace(row, state=AttachState.DETACHED, at=int(ports.clock())) if row else None)


def _save(ports: DetachPorts, row: Attachment | None) -> None:
    if row and ports.ledger:
        ports.ledger.save(row)
