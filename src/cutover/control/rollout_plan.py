"""What the `rollout` verb would change: the share of the users, or the switch that stops everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

IN_FORCE = "a warm trigger sees it within 3 seconds, and within 60 where the ledger does not answer"


@dataclass(frozen=True)
class RolloutState:
    """The ledger's row. `percent` None: the deployment's own share holds; `paused` None: it runs."""

    percent: int | None = None
    paused: str | None = None

    def share(self, default: int) -> int:
        return default if self.percent is None else self.percent


@dataclass(frozen=True)
class RolloutPlan:
    """From one state to another; `default` is the percentage of the stack's parameter RolloutPercent."""

    pool_id: str
    default: int
    before: RolloutState
    after: RolloutState

    @property
    def changes(self) -> bool:
        return self.before != self.after

    @property
    def lowers(self) -> bool:
        """Some who might come over until now may not any more."""
        return self.after.share(self.default) < self.before.share(self.default)

    def as_json(self) -> dict[str, Any]:
        return {
            "pool": self.pool_id,
            "default_percent": self.default,
            "before": _json(self.before, self.default),
            "after": _json(self.after, self.default),
            "changes": self.changes,
        }


def plan_rollout(
    pool_id: str,
    default: int,
    before: RolloutState,
    *,
    percent: int | None = None,
    pause: str | None = None,
    resume: bool = False,
) -> RolloutPlan:
    """Whatever is not named stays as it is."""
    after = RolloutState(
        before.percent if percent is None else percent,
        None if resume else before.paused if pause is None else pause,
    )
    return RolloutPlan(pool_id, default, before, after)


def _json(state: RolloutState, default: int) -> dict[str, Any]:
    return {
        "percent": state.share(default),
        "percent_from": "stack" if state.percent is None else "ledger",
        "paused": state.paused,
    }
