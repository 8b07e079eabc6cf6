"""What the tests of attach do again and again: run it, look at the trigger, and come in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cutover.control.attach import Attached, attach
from cutover.control.ledger_rows import Attachment, AttachState
from tests.control.pools import SET_BY_US, TRIGGER, Bench
from tests.fakes.cognito import POOL_ID


def run(on: Bench, **facts: Any) -> Attached:
    return attach(on.attach_plan(**facts), on.attach_ports())


def trigger(on: Bench) -> str | None:
    found: str | None = on.service.pool["LambdaConfig"].get("UserMigration")
    return found


def triggers(on: Bench) -> dict[str, Any]:
    return dict(on.service.pool["LambdaConfig"])


def set_in(on: Bench, **settings: Any) -> Callable[[], None]:
    return lambda: on.service.pool.update(settings)


def raising(error: Exception) -> Callable[[], None]:
    def happen() -> None:
        raise error

    return happen


def attached(**more: Any) -> Attachment:
    known: dict[str, Any] = {
        "pool_id": POOL_ID,
        "state": AttachState.ATTACHED,
        "trigger": TRIGGER,
        "previous": None,
        "triggers": SET_BY_US,
        "stack": "app",
        "at": 1,
        "protection_before": False,
    }
    return Attachment(**{**known, **more})
