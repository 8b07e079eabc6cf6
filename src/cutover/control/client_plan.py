"""Which app clients get the password flow, and from which it is taken again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from cutover.control.client_change import Client, change_flows, same_flows
from cutover.control.client_settings import (
    ClientState,
    client_view_with,
    flows_with_password,
    takes_passwords,
)
from cutover.control.ledger_rows import Attachment
from cutover.control.pool_diff import Change, differences
from cutover.control.watched_update import Sleep
from cutover.errors import DifferencesFound, PartlyDone


@dataclass(frozen=True)
class ClientPlan:
    """The flows that one client is to have; None: it is to name none."""

    state: ClientState
    flows: tuple[str, ...] | None

    @property
    def id(self) -> str:
        return self.state.id

    @property
    def changes(self) -> tuple[Change, ...]:
        return differences(self.state.view, client_view_with(self.state, self.flows))

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.state.name,
            "changes": [change.as_json() for change in self.changes],
        }


@dataclass(frozen=True)
class ClientLeft:
    """A client whose flows are not what attach set any more: they stay as they are."""

    id: str
    now: tuple[str, ...] | None
    """None where the client is gone or names no flows."""

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "now": None if self.now is None else list(self.now)}


def plan_client(state: ClientState) -> ClientPlan:
    return ClientPlan(state, state.flows if takes_passwords(state) else flows_with_password(state))


def plan_clients_back(
    row: Attachment | None, states: Mapping[str, ClientState | None]
) -> tuple[tuple[ClientPlan, ...], tuple[ClientLeft, ...]]:
    """Which clients get their flows back, and which are left: those that no longer hold what attach set."""
    back, left = [], []
    for client_id, noted in (row.clients if row else {}).items():
        state, before = states.get(client_id), tuple(noted.get("flows_before") or ()) or None
        if state is not None and same_flows(state, noted["flows"]):
            back.append(ClientPlan(state, before))
        elif state is None or not same_flows(state, before):
            left.append(ClientLeft(client_id, state.flows if state else None))
    return tuple(back), tuple(left)


class SavesAttachment(Protocol):
    def save(self, attachment: Attachment) -> None: ...


@dataclass(frozen=True)
class ClientPorts:
    """`client` gives the app client of an id."""

    client: Callable[[str], Client]
    ledger: SavesAttachment | None
    sleep: Sleep

    def save(self, attachment: Attachment | None) -> None:
        if attachment and self.ledger:
            self.ledger.save(attachment)


def allow_passwords(plans: tuple[ClientPlan, ...], row: Attachment, ports: ClientPorts) -> Attachment:
    """Changes the clients one by one; each is noted before it is changed. Gives the row that was saved last.

    Raises what `change_flows` does; the clients before that one are done.
    """
    for plan in plans:
        noted = replace(row, clients={**row.clients, **noted_clients((plan,))})
        ports.save(noted)
        try:
            change_flows(ports.client(plan.id), plan.state, plan.flows, sleep=ports.sleep)
        except (PartlyDone, DifferencesFound):
            raise
        except Exception:
            ports.save(row)
            raise
        row = noted
    return row


def noted_clients(plans: Iterable[ClientPlan]) -> dict[str, dict[str, Any]]:
    """What the row holds of these clients."""
    return {
        plan.id: {
            "flows": list(plan.flows or ()),
            **({"flows_before": list(plan.state.flows)} if plan.state.flows else {}),
        }
        for plan in plans
    }


def take_back(plans: tuple[ClientPlan, ...], ports: ClientPorts) -> None:
    """Gives the clients their flows back. A run that is stopped in between finds the rest again."""
    for plan in plans:
        change_flows(ports.client(plan.id), plan.state, plan.flows, sleep=ports.sleep)
