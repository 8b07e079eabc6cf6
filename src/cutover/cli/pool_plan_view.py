"""The plans of attach and detach as a person reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from cutover.control.app_clients import ClientReport
from cutover.control.attach_plan import AttachPlan, Step
from cutover.control.client_plan import ClientLeft, ClientPlan
from cutover.control.detach_plan import DetachPlan, Left
from cutover.control.old_sub import AttributeReport
from cutover.control.pool_diff import Change
from cutover.control.pool_settings import LeftOut
from cutover.control.refusals import Refusal
from cutover.control.taken_names import Taken
from cutover.control.trigger_plan import TriggerPlan
from cutover.control.trigger_set import arn_of, kinds_in

SHOWN = 20
"""How many of a long list a person is shown; JSON has them all."""


def attach_view(plan: AttachPlan, *, show_users: bool) -> str:
    lines = [
        f"attach to {plan.pool_id}",
        *_triggers(plan.triggers),
        *_changes(plan.changes, plan.left_out),
        *([f"  sent back as they are: {', '.join(plan.carried)}"] if plan.carried else []),
        *_changed_clients(plan.clients),
        *_steps(plan.steps),
        *_clients(plan.facts.clients),
        *(_attribute(plan.facts.attribute) if plan.changes else ()),
        *_taken(plan.taken, show_users=show_users),
        *_refusals(plan.refusals),
    ]
    return "\n".join(lines)


def taken_view(plan: AttachPlan, *, show_users: bool) -> str:
    return "\n".join(_taken(plan.taken, show_users=show_users))


def detach_view(plan: DetachPlan) -> str:
    lines = [
        f"detach from {plan.pool_id}",
        *_changes(plan.changes, plan.left_out),
        *_left(plan.left),
        *_changed_clients(plan.clients),
        *_left_clients(plan.clients_left),
        *_steps(plan.steps),
        *_refusals(plan.refusals),
    ]
    return "\n".join(lines)


def _triggers(plan: TriggerPlan) -> Iterator[str]:
    for kind in kinds_in(plan.edit):
        behind = f", which calls {plan.chained[kind]} after itself" if kind in plan.chained else ""
        yield f"  {kind}: {arn_of(plan.edit, kind)}{behind}"
    for kind, reason in plan.left_out.items():
        yield f"  {kind}: not attached ({reason})"


def _left(left: Iterable[Left]) -> Iterator[str]:
    for one in left:
        yield f"  {one.kind} is {one.now or 'empty'} by now, not what attach set: it stays so"
        if one.before:
            yield f"    before attach it was {one.before}"


def _changes(changes: Iterable[Change], left_out: Iterable[LeftOut]) -> Iterator[str]:
    changes = tuple(changes)
    yield "settings of the pool that change:" if changes else "settings of the pool that change: none"
    for change in changes:
        yield from _change(change)
    for left in left_out:
        yield f"  {left.path} is not sent: {left.reason}"


def _changed_clients(clients: Iterable[ClientPlan]) -> Iterator[str]:
    for client in clients:
        yield f"settings of app client {client.id} {client.state.name} that change:"
        for change in client.changes:
            yield from _change(change)


def _left_clients(left: Iterable[ClientLeft]) -> Iterator[str]:
    for one in left:
        now = ", ".join(one.now) if one.now else "gone, or names no flows"
        yield f"  app client {one.id} is not as attach left it: it stays so ({now})"


def _change(change: Change) -> Iterator[str]:
    yield f"  {change.path}"
    yield f"    before  {_value(change.before)}"
    yield f"    after   {_value(change.after)}"


def _value(value: Any) -> str:
    return "(none)" if value is None else json.dumps(value, default=str).strip('"')


def _steps(steps: Iterable[Step]) -> Iterator[str]:
    steps = tuple(steps)
    yield "steps:" if steps else "steps: none, everything is as it should be"
    for number, step in enumerate(steps, 1):
        mark = "  IRREVERSIBLE" if step.irreversible else ""
        yield f"  {number}. {step.text}{mark}"


def _clients(clients: Iterable[ClientReport]) -> Iterator[str]:
    clients = tuple(clients)
    never = sum(not client.can_fire for client in clients)
    yield f"app clients: {len(clients)}" + (f", of which {never} can never fire the trigger" if never else "")
    for client in clients:
        yield f"  {client.id} {client.name}: {client.why_never or 'fires by ' + ', '.join(client.ways)}"
        for note in client.notes:
            yield f"    note: {note}"


def _attribute(attribute: AttributeReport) -> Iterator[str]:
    yield f"old sub: kept in {attribute.name}" + (", which is not there yet" if attribute.missing else "")
    if attribute.unlisted and not attribute.missing:
        yield (
            f"  note: {', '.join(attribute.unlisted)} without WriteAttributes of their own; AWS documents "
            "that these write standard attributes only, and a list of their own makes sure of it"
        )


def _taken(taken: tuple[Taken, ...] | None, *, show_users: bool) -> Iterator[str]:
    if taken is None:
        return
    yield f"users of the new pool who hold an old user's name, e-mail or phone number: {len(taken)}"
    for one in taken[:SHOWN]:
        name = f" {one.new.name}" if show_users else ""
        held = f"holds the {', '.join(one.held)} of old sub {one.old.sub}"
        yield f"  new sub {one.new.sub or '(none)'}{name} {held}"
    if len(taken) > SHOWN:
        yield f"  and {len(taken) - SHOWN} more: --output json lists all"


def _refusals(refusals: Iterable[Refusal]) -> Iterator[str]:
    for refusal in refusals:
        yield f"REFUSED ({refusal.code}): {refusal.message}"
        for name, text in (("cause", refusal.cause), ("fix", refusal.fix)):
            if text:
                yield f"  {name}: {text}"
