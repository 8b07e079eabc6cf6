"""The ledger's rows of a pool: `pool#<new pool id>` with the snapshot and what attach has set.

| sk | holds |
|---|---|
| `snapshot` | the pool's settings before it was attached |
| `attached` | what attach set, what was there before, and how far it came |
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cutover.control.client_settings import ClientState
from cutover.control.pool_ports import MFA, PoolState
from cutover.control.trigger_set import MIGRATION, Entries

SNAPSHOT = "snapshot"
ATTACHED = "attached"


class AttachState(StrEnum):
    """`attaching` and `detaching` are on their way: running the verb again brings them to their end."""

    ATTACHING = "attaching"
    ATTACHED = "attached"
    DETACHING = "detaching"
    DETACHED = "detached"


def pool_pk(pool_id: str) -> str:
    return f"pool#{pool_id}"


@dataclass(frozen=True)
class Attachment:
    """The row `attached`. Times are epoch seconds."""

    pool_id: str
    state: AttachState
    trigger: str
    """The ARN that attach set as the UserMigration trigger."""
    previous: str | None
    """The UserMigration trigger before it: None, or an older alias or version of the same function."""
    stack: str
    at: int
    protection_before: bool | None = None
    """The stack's termination protection before attach switched it on."""
    triggers: Entries = field(default_factory=dict)
    """What attach set in LambdaConfig. Empty in an older row: UserMigration alone."""
    previous_triggers: Entries = field(default_factory=dict)
    """What stood there before under the same names; a name that is missing held nothing."""
    clients: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By app client: `flows` that attach set, and `flows_before` (missing: the client named none)."""
    by_code: bool = False
    """Whether the pool's own code sets the triggers, so that detach has to be done there."""

    @property
    def open(self) -> bool:
        """The pool was, is or may be attached by us."""
        return self.state is not AttachState.DETACHED

    @property
    def set_by_us(self) -> Entries:
        return self.triggers or {MIGRATION: self.trigger}

    @property
    def before_us(self) -> Entries:
        if self.triggers:
            return self.previous_triggers
        return {MIGRATION: self.previous} if self.previous else {}

    def row(self) -> dict[str, Any]:
        optional = {
            "previous": self.previous,
            "protection_before": self.protection_before,
            "triggers": dict(self.triggers) or None,
            "previous_triggers": dict(self.previous_triggers) or None,
            "by_code": self.by_code or None,
            "clients": {client: dict(noted) for client, noted in self.clients.items()} or None,
        }
        return {
            "pk": pool_pk(self.pool_id),
            "sk": ATTACHED,
            "state": self.state.value,
            "trigger": self.trigger,
            "stack": self.stack,
            "at": self.at,
            **{name: value for name, value in optional.items() if value is not None},
        }

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Attachment:
        return cls(
            pool_id=str(row["pk"]).removeprefix("pool#"),
            state=AttachState(row["state"]),
            trigger=str(row["trigger"]),
            previous=row.get("previous"),
            stack=str(row["stack"]),
            at=int(row["at"]),
            protection_before=row.get("protection_before"),
            triggers=row.get("triggers") or {},
            previous_triggers=row.get("previous_triggers") or {},
            clients=row.get("clients") or {},
            by_code=bool(row.get("by_code")),
        )


def snapshot_of(state: PoolState, taken_at: int, clients: Iterable[ClientState] = ()) -> dict[str, Any]:
    """The settings to go back to by hand, as plain JSON; no user and no secret is in it."""
    document = {
        "taken_at": taken_at,
        "UserPool": dict(state.settings),
        MFA: dict(state.mfa),
        "UserPoolClients": [dict(client.settings) for client in clients],
    }
    plain: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return plain


def snapshot_row(pool_id: str, snapshot: Mapping[str, Any], sk: str = SNAPSHOT) -> dict[str, Any]:
    return {
        "pk": pool_pk(pool_id),
        "sk": sk,
        "taken_at": snapshot["taken_at"],
        "settings": json.dumps(snapshot, sort_keys=True),
    }
