"""What the watch judges: is everything still what attach and the stack left?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cutover.control.alias_state import differing
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.old_sub import check_attribute
from cutover.control.pool_ports import AppClient, Settings
from cutover.control.trigger_set import held, kinds_in

TABLES_ALONE = "tables"
"""In a stack without users this stands in the place of the new pool's id."""
DRIFT, SQUATTED = "drift", "squatted"


@dataclass(frozen=True)
class Drift:
    """`what` is a word of the metric (a trigger's name, `old_sub`, `alias`, `mapping`, `client_flow`)."""

    what: str
    detail: str

    def as_row(self) -> dict[str, str]:
        return {"what": self.what, "detail": self.detail}


@dataclass(frozen=True)
class PoolSeen:
    """The new pool now, and what may write to it."""

    settings: Settings
    clients: tuple[AppClient, ...]
    providers: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class AliasSeen:
    """A function's alias `live` beside `$LATEST`; `live` is None where the alias is gone."""

    function: str
    live: Mapping[str, Any] | None
    latest: Mapping[str, Any]
    weights: Mapping[str, float] = field(default_factory=dict)


def watch_pk(new_pool: str | None) -> str:
    return f"watch#{new_pool or TABLES_ALONE}"


def drift_of_pool(
    row: Attachment | None, clients: Mapping[str, Any], old_sub: str, seen: PoolSeen
) -> tuple[Drift, ...]:
    """Nothing where the pool is not attached, or on its way: then nobody promised anything.

    `clients` is what attach noted of the app clients that it changed, by client id.
    """
    if row is None or row.state is not AttachState.ATTACHED:
        return ()
    return (
        *_triggers(row, seen.settings.get("LambdaConfig") or {}),
        *_flows(clients, seen.clients),
        *(
            Drift("old_sub", f"{refusal.code}: {refusal.cause}")
            for refusal in check_attribute(old_sub, seen.settings, seen.clients, seen.providers).refusals
        ),
    )


def drift_of_aliases(aliases: Iterable[AliasSeen]) -> tuple[Drift, ...]:
    return tuple(
        Drift("alias", f"{alias.function}: {detail}") for alias in aliases for detail in _alias(alias)
    )


def drift_of_mappings(streams: Iterable[str], states: Mapping[str, str], *, on: bool) -> tuple[Drift, ...]:
    """`states` are those of the mirror's event source mappings by stream; `on` is how they were deployed."""
    if not on:
        return ()
    return tuple(
        Drift("mapping", f"{stream}: {states.get(stream, 'missing')}")
        for stream in streams
        if states.get(stream) not in ("Enabled", "Enabling", "Creating", "Updating")
    )


def _triggers(row: Attachment, config: Mapping[str, Any]) -> Iterator[Drift]:
    wanted, there = kinds_in(row.set_by_us), held(config, row.set_by_us)
    for kind in wanted:
        if kind not in there:
            yield Drift(kind, "the pool's trigger is no longer what attach set")


def _flows(changed: Mapping[str, Any], clients: tuple[AppClient, ...]) -> Iterator[Drift]:
    by_id = {client.id: client for client in clients}
    for client_id in sorted(changed):
        client = by_id.get(client_id)
        flows = set(client.settings.get("ExplicitAuthFlows") or ()) if client else set()
        lost = set(changed[client_id].get("flows") or ()) - flows
        if lost:
            yield Drift("client_flow", f"client {client_id} lost {', '.join(sorted(lost))}")


def _alias(alias: AliasSeen) -> Iterator[str]:
    if alias.live is None:
        yield "it has no alias live"
        return
    if alias.weights:
        yield "its alias sends some calls to another version"
    changed = differing(alias.live, alias.latest)
    if changed:
        yield f"its alias is behind $LATEST in {', '.join(changed)}"
