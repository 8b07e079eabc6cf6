"""Detach: takes out what attach has set, whatever has become of the pool and the stack since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cutover.control.attach_plan import Step
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.pool_change import Sleep, change_trigger
from cutover.control.pool_diff import Change, differences
from cutover.control.pool_ports import Pool, PoolState, Protection, SettingsModel, UpdateRefused
from cutover.control.pool_settings import LeftOut, request_with_trigger, with_trigger
from cutover.control.refusals import Refusal
from cutover.control.trigger_checks import same_function
from cutover.errors import DifferencesFound, InterlockRefused


@dataclass(frozen=True)
class DetachPlan:
    """Everything of the pool stays as it is now, but for the trigger."""

    state: PoolState
    attachment: Attachment | None
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]
    steps: tuple[Step, ...]
    refusals: tuple[Refusal, ...] = ()
    unprotect: bool = False

    @property
    def pool_id(self) -> str:
        return self.state.pool_id

    def as_json(self) -> dict[str, Any]:
        return {
            "pool": self.pool_id,
            "trigger": self.state.trigger,
            "changes": [change.as_json() for change in self.changes],
            "not_sendable": [{"path": left.path, "reason": left.reason} for left in self.left_out],
            "steps": [step.as_json() for step in self.steps],
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }


def plan_detach(
    state: PoolState,
    model: SettingsModel,
    attachment: Attachment | None,
    *,
    stack_trigger: str | None,
    protected: bool | None,
) -> DetachPlan:
    """`stack_trigger` is the trigger that the stack names, where there still is one; `protected` its
    termination protection (None: there is no stack)."""
    ours = [arn for arn in (attachment.trigger if attachment else None, stack_trigger) if arn]
    if state.trigger and not any(same_function(state.trigger, arn) for arn in ours):
        refusals = (_foreign(state.trigger, known=bool(ours)),)
        return DetachPlan(state, attachment, (), (), (), refusals)
    changes = differences(state.view, with_trigger(state.view, None))
    unprotect = bool(protected and attachment and attachment.open and attachment.protection_before is False)
    return DetachPlan(
        state,
        attachment,
        changes,
        request_with_trigger(state, None, model).left_out if changes else (),
        tuple(_steps(changes, attachment, unprotect=unprotect)),
        unprotect=unprotect,
    )


def _foreign(trigger: str, *, known: bool) -> Refusal:
    return Refusal(
        "foreign_trigger",
        "the pool's UserMigration trigger is not ours",
        cause=trigger if known else f"{trigger}; neither the ledger nor a stack says that we set it",
        fix="leave it to whoever set it; with --stack or --ledger cutover knows what it has set itself",
    )


def _steps(changes: tuple[Change, ...], attachment: Attachment | None, *, unprotect: bool) -> list[Step]:
    steps = []
    if changes:
        steps.append(Step("update_pool", "describe the pool again, take the trigger out, compare all of it"))
    if unprotect:
        steps.append(Step("unprotect_stack", "put termination protection of the stack back to off"))
    if attachment and attachment.open:
        steps.append(Step("record", "note in the ledger that the pool is detached"))
    return steps


class DetachLedger(Protocol):
    def save(self, attachment: Attachment) -> None: ...


@dataclass(frozen=True)
class DetachPorts:
    pool: Pool
    ledger: DetachLedger | None
    protection: Protection | None
    clock: Callable[[], float]
    sleep: Sleep


def detach(plan: DetachPlan, ports: DetachPorts) -> tuple[Change, ...]:
    """Runs `plan` and gives the settings that somebody else changed meanwhile and no update can set.

    Raises InterlockRefused `pool_changed` (nothing was changed) and DifferencesFound (the trigger is out,
    and something else of the pool differs too).
    """
    row = plan.attachment if plan.attachment and plan.attachment.open else None
    if not plan.changes:
        _finish(plan, ports, row)
        return ()
    _save(ports, replace(row, state=AttachState.DETACHING) if row else None)
    try:
        changed = change_trigger(ports.pool, plan.state, None, sleep=ports.sleep)
    except UpdateRefused as refused:
        _save(ports, row)
        raise refused.error from refused
    except InterlockRefused:
        _save(ports, row)
        raise
    if changed.after.trigger is None:
        _finish(plan, ports, row)
    if changed.damage:
        raise DifferencesFound(
            "the trigger is out, and something else of the pool differs too"
            if changed.after.trigger is None
            else "the trigger was set again at the same moment",
            cause=", ".join(change.path for change in changed.damage),
            fix="somebody changed it at the same moment, or the update did: compare with the snapshot",
        )
    return changed.elsewhere


def _finish(plan: DetachPlan, ports: DetachPorts, row: Attachment | None) -> None:
    if plan.unprotect and ports.protection:
        ports.protection.switch(False)
    _save(ports, replace(row, state=AttachState.DETACHED, at=int(ports.clock())) if row else None)


def _save(ports: DetachPorts, row: Attachment | None) -> None:
    if row and ports.ledger:
        ports.ledger.save(row)
