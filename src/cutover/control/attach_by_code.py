"""An attachment that the pool's own code sets: waited for, then noted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cutover.control.attach import AttachPorts
from cutover.control.attach_plan import AttachPlan, attached_by
from cutover.control.client_plan import noted_clients
from cutover.control.client_settings import takes_passwords
from cutover.control.ledger_rows import Attachment, AttachState, snapshot_of
from cutover.control.pool_change import shows
from cutover.control.pool_ports import PoolState

LOOK_EVERY_SECONDS = 15.0
"""Deployments of a pool take a minute; a look is two calls of a quota that its applications share."""


def wait_until_shown(
    plan: AttachPlan, ports: AttachPorts, *, say: Callable[[str], None] = lambda _: None
) -> PoolState:
    """Looks until the pool holds what `plan` would set, for as long as it takes, and gives it as it is then.

    Nothing is written, so that it may be stopped at any time.
    """
    while True:
        state = ports.pool.describe()
        missing = _missing(plan, ports, state)
        if not missing:
            return state
        say(f"not there yet: {missing}")
        ports.sleep(LOOK_EVERY_SECONDS)


def note(plan: AttachPlan, ports: AttachPorts) -> Attachment:
    """Notes what the pool's code has set, with what was there when `plan` was made."""
    row = replace(attached_by(plan, int(ports.clock())), state=AttachState.ATTACHED, by_code=True)
    row = replace(row, clients={**row.clients, **noted_clients(plan.clients)})
    changes = plan.updates_pool or plan.clients
    snapshot = snapshot_of(plan.facts.state, row.at, (client.state for client in plan.clients))
    if plan.facts.protected is False:
        ports.protection.switch(True)
    ports.ledger.begin(row, snapshot if changes else None)
    return row


def _missing(plan: AttachPlan, ports: AttachPorts, state: PoolState) -> str:
    """What does not show; empty where all of it does."""
    if not shows(state, plan.triggers.edit):
        return "the triggers"
    for client in plan.clients:
        now = ports.client(client.id).describe()
        if now is None or not takes_passwords(now):
            return f"the password flow of app client {client.id}"
    return ""
