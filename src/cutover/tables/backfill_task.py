"""What the state machine asks of one invocation, and what it is answered.

The machine hands over its whole state, `{"pair", "run", "concurrency", "turn": the last answer}`, with
`keys_from` where the run takes its keys from an export; inside the map `epoch` and `slot` stand in it, too.
The answer becomes the new `turn`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any

from cutover.errors import UsageError

SHORTEST_WAIT = 5
LONGEST_WAIT = 300
WAIT_SHARE = 10
"""Who has waited for so long asks again after a tenth of that: soon at first, rarely in a long pause."""

MOST_CONCURRENCY = 200
"""Workers at once: they all renew one row, and add to another, every five seconds."""
LONGEST_FAULT = 3600
"""Seconds for which a table may be at fault."""
LONGEST_PAUSE = 7 * 86400
"""Seconds. An execution holds 25,000 events (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html),
and each time that it asks makes about ten: in a week that is 20,000."""


class Phase(StrEnum):
    """`begin` takes the lease and converges what is pending, `copy` works on one slot, `end` converges what
    is pending again and says whether all is done."""

    BEGIN = "begin"
    COPY = "copy"
    END = "end"


class Outcome(StrEnum):
    """`more` wants to be called again at once, `wait` after `wait` seconds, `again` wants another round from
    `begin` on. After `stopped` nothing is called any more: somebody asked for an end."""

    DONE = "done"
    MORE = "more"
    WAIT = "wait"
    AGAIN = "again"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Task:
    """`owner` is the ARN of the execution, `waited` the seconds waited since it last got on, `keys_from` the
    folder of an export in S3."""

    phase: Phase
    pair: str
    run_id: str
    owner: str
    concurrency: int
    epoch: int = 0
    slot: int = 0
    waited: int = 0
    round: int = 0
    keys_from: str = ""

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Task:
        """Raises UsageError for anything but what template.yaml's state machine sends."""
        try:
            state = event["state"]
            last = state.get("turn", {})
            return cls(
                phase=Phase(event["phase"]),
                pair=str(state["pair"]),
                run_id=str(state["run"]),
                owner=str(event["execution"]),
                concurrency=_width(state["concurrency"]),
                epoch=int(state.get("epoch", last.get("epoch", 0))),
                slot=int(state.get("slot", 0)),
                waited=int(last.get("waited", 0)),
                round=int(last.get("round", 0)),
                keys_from=str(state.get("keys_from", "")),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UsageError(
                "the task of a backfill cannot be understood",
                cause=f"{type(error).__name__}: {error}",
                fix="start it by `cutover backfill --on aws`",
            ) from error


def _width(concurrency: Any) -> int:
    """The map takes 0 for no limit, which no pace could be shared out among."""
    if type(concurrency) is not int or not 1 <= concurrency <= MOST_CONCURRENCY:
        raise ValueError(f"concurrency is {concurrency!r}, not 1 to {MOST_CONCURRENCY}")
    return concurrency


@dataclass(frozen=True)
class Turn:
    """An answer. `error` and `why` tell of a failure; `items` and `parked` are for the log; `keys_from` is
    the task's, for the map."""

    outcome: Outcome
    why: str = ""
    error: str = ""
    wait: int = 0
    waited: int = 0
    epoch: int = 0
    slots: tuple[int, ...] | None = None
    round: int = 0
    keys_from: str = ""
    items: int = 0
    parked: int = 0

    def data(self) -> dict[str, object]:
        """For the state machine, which may hold 256 KB of state."""
        return {
            "outcome": self.outcome.value,
            "error": self.error,
            "why": self.why[:500],
            "wait": self.wait,
            "waited": self.waited,
            "epoch": self.epoch,
            "round": self.round,
            "keys_from": self.keys_from,
            **({} if self.slots is None else {"slots": list(self.slots)}),
        }


def answer(task: Task, outcome: Outcome, **changes: Any) -> Turn:
    """The answer to `task`, with what it carries on from turn to turn."""
    carried = {"epoch": task.epoch, "round": task.round, "keys_from": task.keys_from}
    return Turn(outcome, **{**carried, **changes})


def failing(task: Task, error: str, why: str) -> Turn:
    return answer(task, Outcome.FAILED, error=error, why=why)


def waiting(task: Task, why: str, *, progressed: bool = False, longest: int = LONGEST_FAULT) -> Turn:
    """The task is to come again after a while; once it has waited for `longest` seconds it fails."""
    waited = 0 if progressed else task.waited
    if waited >= longest:
        return failing(task, "waited_too_long", f"for {waited // 60} minutes: {why}")
    wait = min(max(ceil(waited / WAIT_SHARE), SHORTEST_WAIT), LONGEST_WAIT)
    return answer(task, Outcome.WAIT, why=why, wait=wait, waited=waited + wait)
