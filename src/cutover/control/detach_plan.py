"""The plan of detach: which of our triggers come out, what goes back in their place, what is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover.control.attach_plan import Step
from cutover.control.client_plan import ClientLeft, ClientPlan, plan_clients_back
from cutover.control.client_settings import ClientState
from cutover.control.ledger_rows import Attachment
from cutover.control.pool_diff import Change, differences
from cutover.control.pool_ports import PoolState, SettingsModel
from cutover.control.pool_settings import LeftOut, request_with, view_with
from cutover.control.refusals import Refusal
from cutover.control.trigger_checks import same_function
from cutover.control.trigger_set import (
    KINDS,
    MIGRATION,
    arn_of,
    entries_of,
    kinds_in,
    merged,
    putting_back,
    setting,
)


@dataclass(frozen=True)
class OurTriggers:
    """What the stack says of our triggers, by kind, where there still is one: our functions' ARNs, and those
    of the functions that ours call after themselves."""

    functions: Mapping[str, str] = field(default_factory=dict)
    chained: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Left:
    """A trigger that attach set and that is not ours any more: it stays as it is."""

    kind: str
    now: str | None
    before: str | None
    """What was there before attach; it is not put back."""

    def as_json(self) -> dict[str, Any]:
        return {"trigger": self.kind, "now": self.now, "before": self.before}


@dataclass(frozen=True)
class DetachPlan:
    """`edit` is applied to LambdaConfig; everything else of the pool stays as it is now."""

    state: PoolState
    attachment: Attachment | None
    edit: Mapping[str, Any] = field(default_factory=dict)
    left: tuple[Left, ...] = ()
    changes: tuple[Change, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    steps: tuple[Step, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unprotect: bool = False
    clients: tuple[ClientPlan, ...] = ()
    clients_left: tuple[ClientLeft, ...] = ()

    @property
    def pool_id(self) -> str:
        return self.state.pool_id

    def as_json(self) -> dict[str, Any]:
        return {
            "pool": self.pool_id,
            "trigger": self.state.trigger,
            "changes": [change.as_json() for change in self.changes],
            "left_alone": [left.as_json() for left in self.left],
            "clients": [client.as_json() for client in self.clients],
            "clients_left_alone": [left.as_json() for left in self.clients_left],
            "not_sendable": [{"path": left.path, "reason": left.reason} for left in self.left_out],
            "steps": [step.as_json() for step in self.steps],
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }


def plan_detach(
    state: PoolState,
    model: SettingsModel,
    attachment: Attachment | None,
    *,
    stack: OurTriggers | None,
    protected: bool | None,
    clients: Mapping[str, ClientState | None],
    force: bool = False,
) -> DetachPlan:
    """`clients` are those that the row names, as they are now. `stack` is None where none was asked;
    `protected` is its termination protection (None: no stack). `force` takes out of the live pool what its
    own code has set."""
    row = attachment if attachment and attachment.open else None
    stack = stack or OurTriggers()
    edit: dict[str, Any] = {}
    for kind in KINDS:
        if _is_ours(arn_of(state.triggers, kind), kind, attachment, stack):
            edit |= putting_back(kind, _before(state, kind, row, stack))
    if state.trigger and not edit:
        known = bool(attachment or stack.functions)
        return DetachPlan(state, attachment, refusals=(_foreign(state.trigger, known=known),))
    changes = differences(state.view, view_with(state, edit))
    if row and row.by_code and changes and not force:
        return DetachPlan(state, attachment, refusals=(_set_by_code(state, edit),))
    back, left = plan_clients_back(row, clients)
    if row and row.by_code and not force:
        left = (*left, *(ClientLeft(client.id, client.state.flows) for client in back))
        back = ()
    unprotect = bool(protected and row and row.protection_before is False)
    return DetachPlan(
        state,
        attachment,
        edit,
        tuple(_left(state, row, edit)),
        changes,
        request_with(state, edit, model).left_out if changes else (),
        tuple(_steps(changes, back, row, unprotect=unprotect)),
        unprotect=unprotect,
        clients=back,
        clients_left=left,
    )


def _is_ours(arn: str | None, kind: str, attachment: Attachment | None, stack: OurTriggers) -> bool:
    set_by_us = arn_of(attachment.set_by_us, kind) if attachment else None
    known = (set_by_us, stack.functions.get(kind))
    return arn is not None and any(one is not None and same_function(arn, one) for one in known)


def _before(state: PoolState, kind: str, row: Attachment | None, stack: OurTriggers) -> dict[str, Any]:
    """What goes back in: what the row says, else what ours calls after itself; never one of ours."""
    if row and kind in kinds_in(row.set_by_us):
        before = entries_of(row.before_us, kind)
    elif stack.chained.get(kind):
        before = merged({}, setting(state.settings, kind, stack.chained[kind]))
    else:
        before = {}
    return {} if _is_ours(arn_of(before, kind), kind, row, stack) else before


def _left(state: PoolState, row: Attachment | None, edit: Mapping[str, Any]) -> Iterator[Left]:
    for kind in kinds_in(row.set_by_us) if row else ():
        now, before = arn_of(state.triggers, kind), arn_of(row.before_us, kind) if row else None
        if kind not in kinds_in(edit) and (now or before):
            yield Left(kind, now, before)


def _foreign(trigger: str, *, known: bool) -> Refusal:
    return Refusal(
        "foreign_trigger",
        f"the pool's {MIGRATION} trigger is not ours",
        cause=trigger if known else f"{trigger}; neither the ledger nor a stack says that we set it",
        fix="leave it to whoever set it; with --stack or --ledger cutover knows what it has set itself",
    )


def _set_by_code(state: PoolState, edit: Mapping[str, Any]) -> Refusal:
    ours = ", ".join(f"{kind} {arn_of(state.triggers, kind)}" for kind in kinds_in(edit))
    return Refusal(
        "set_by_code",
        "the pool's own code has set these triggers",
        cause=f"{ours}: the next deployment of that code would put them in again",
        fix="take them out of the code, deploy it, then run detach again, which notes it; --force takes them "
        "out of the live pool now",
        options=("--force",),
    )


def _steps(
    changes: tuple[Change, ...],
    clients: tuple[ClientPlan, ...],
    row: Attachment | None,
    *,
    unprotect: bool,
) -> Iterator[Step]:
    if changes:
        yield Step("update_pool", "describe the pool again, take our triggers out, compare all of it")
    for client in clients:
        yield Step("update_client", f"describe app client {client.id} again, give it its flows back, compare")
    if unprotect:
        yield Step("unprotect_stack", "put termination protection of the stack back to off")
    if row:
        yield Step("record", "note in the ledger that the pool is detached")
