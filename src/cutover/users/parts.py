"""What the migration trigger decides with, and what it decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cutover.users.decision_table import Decision, Stop
from cutover.users.ports import Clock, Ledger, NewPool, OldPool, Reminders, RolloutSwitch
from cutover.users.settings import Settings

SecondsLeft = Callable[[], float]
"""What remains of Cognito's five seconds."""


@dataclass(frozen=True)
class Parts:
    """What the decision is made with."""

    settings: Settings
    old: OldPool
    new: NewPool
    ledger: Ledger
    reminders: Reminders
    rollout: RolloutSwitch
    clock: Clock


@dataclass(frozen=True)
class Outcome:
    """A decision; `response` is Cognito's answer, None where the event goes back untouched."""

    decision: Decision
    response: dict[str, Any] | None = None
    cause: str = ""
    dropped: int = 0
    """How many attributes stayed behind."""


def in_time(seconds_left: SecondsLeft, needed: float) -> None:
    """Raises Stop where less than `needed` is left: Cognito would not wait for the step's end."""
    if seconds_left() < needed:
        raise Stop(Decision.OLD_POOL_UNAVAILABLE, "out of time")
