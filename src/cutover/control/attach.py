"""The run of attach, in an order in which each step can be the last one that came through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cutover.control.attach_plan import AttachPlan, attached_by
from cutover.control.client_change import Client
from cutover.control.client_plan import ClientPorts, allow_passwords
from cutover.control.ledger_rows import Attachment, AttachState, snapshot_of
from cutover.control.old_sub import definition
from cutover.control.pool_change import Changed, change_triggers, refuse_moved, undo_triggers
from cutover.control.pool_diff import Change, differences
from cutover.control.pool_ports import Pool, PoolState, Protection, UpdateRefused
from cutover.control.watched_update import Sleep
from cutover.errors import CutoverError, DifferencesFound, InterlockRefused

ATTRIBUTE_LOOKS = 10
"""Descriptions, a second apart, until an added attribute shows."""


class AttachLedger(Protocol):
    def begin(self, attachment: Attachment, snapshot: Mapping[str, Any] | None) -> None:
        """Saves both in one transaction; the snapshot of a still attached pool stays and this one goes
        beside it."""

    def save(self, attachment: Attachment) -> None: ...


@dataclass(frozen=True)
class AttachPorts:
    """`keep` takes the snapshot to a file and returns the file's name."""

    pool: Pool
    ledger: AttachLedger
    protection: Protection
    keep: Callable[[Mapping[str, Any]], str]
    clock: Callable[[], float]
    sleep: Sleep
    client: Callable[[str], Client]


@dataclass(frozen=True)
class Attached:
    """`changed_elsewhere`: settings that differ and that no update of ours can set."""

    snapshot_file: str | None
    changed_elsewhere: tuple[Change, ...] = ()


def attach(plan: AttachPlan, ports: AttachPorts) -> Attached:
    """Runs `plan`.

    Raises InterlockRefused `pool_changed` (nothing was changed), DifferencesFound (the update came with
    other differences; ours was taken back), PartlyDone, and what the ports raise. The app clients come last:
    whatever one of them raises, the pool is attached by then, and running it again goes on with the rest.
    """
    intent = attached_by(plan, int(ports.clock()))
    done = replace(intent, state=AttachState.ATTACHED)
    changed_elsewhere: tuple[Change, ...] = ()
    file = snapshot = None
    if plan.updates_pool or plan.clients:
        snapshot = snapshot_of(plan.facts.state, intent.at, (client.state for client in plan.clients))
        file = ports.keep(snapshot)
    if plan.updates_pool:
        changed_elsewhere = _update_pool(plan, ports, intent, snapshot)
        ports.ledger.save(done)
    else:
        _protect(plan, ports)
        ports.ledger.begin(done, snapshot)
    allow_passwords(plan.clients, done, ClientPorts(ports.client, ports.ledger, ports.sleep))
    return Attached(file, changed_elsewhere)


def _update_pool(
    plan: AttachPlan, ports: AttachPorts, intent: Attachment, snapshot: Mapping[str, Any] | None
) -> tuple[Change, ...]:
    if plan.adds_attribute:
        _add_attribute(plan, ports)
    ports.ledger.begin(intent, snapshot)
    changed = _change(plan, ports, intent)
    if changed.damage:
        raise _taken_back(plan, ports, intent, changed)
    return changed.elsewhere


def _change(plan: AttachPlan, ports: AttachPorts, intent: Attachment) -> Changed:
    name = plan.facts.attribute.name
    expected = frozenset({f"SchemaAttributes.{name}"} if plan.adds_attribute else ())
    try:
        _protect(plan, ports)
        return change_triggers(
            ports.pool, plan.facts.state, plan.triggers.edit, sleep=ports.sleep, expected=expected
        )
    except UpdateRefused as refused:
        _give_up(plan, ports, intent)
        raise refused.error from refused
    except InterlockRefused:
        _give_up(plan, ports, intent)
        raise


def _add_attribute(plan: AttachPlan, ports: AttachPorts) -> None:
    name = plan.facts.attribute.name
    path = f"SchemaAttributes.{name}"
    refuse_moved(differences(plan.facts.state.view, ports.pool.describe().view))
    ports.pool.add_attribute(definition(name))
    for _ in range(ATTRIBUTE_LOOKS):
        added = differences(plan.facts.state.view, ports.pool.describe().view)
        if any(change.path.startswith(path) for change in added):
            return
        ports.sleep(1.0)
    raise CutoverError(
        f"the attribute {name} was added and does not show",
        fix="wait a minute, then run the same command again",
    )


def _protect(plan: AttachPlan, ports: AttachPorts) -> None:
    if plan.facts.protected is False:
        ports.protection.switch(True)


def _give_up(plan: AttachPlan, ports: AttachPorts, intent: Attachment) -> None:
    """The pool is as it was: so are the stack and, but for the time, the ledger."""
    if plan.facts.protected is False:
        ports.protection.switch(False)
    earlier = plan.facts.attachment
    ports.ledger.save(earlier or replace(intent, state=AttachState.DETACHED))


def _taken_back(
    plan: AttachPlan, ports: AttachPorts, intent: Attachment, changed: Changed
) -> DifferencesFound:
    before: PoolState = plan.facts.state
    left = undo_triggers(ports.pool, before, plan.triggers.edit, changed.after, sleep=ports.sleep)
    paths = ", ".join(change.path for change in changed.damage)
    if left is None:
        done = "the triggers were changed by somebody else too, so nothing was touched again"
    else:
        _give_up(plan, ports, intent)
        done = "what still was as we had sent it was put back; what else differs was left as it is"
    return DifferencesFound(
        "the pool did not come out as planned",
        cause=f"{paths}: changed by somebody else at the same moment, or by the update; {done}",
        fix="compare the pool with the snapshot, put right what is wrong, then attach again",
    )
