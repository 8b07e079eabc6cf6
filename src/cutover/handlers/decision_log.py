"""What the migration trigger tells the operator: one line and one metric a decision, and nobody's name."""

from __future__ import annotations

import re

from cutover.errors import UsageError
from cutover.handlers.invocation import Invocation
from cutover.handlers.telemetry import count, kind_and_place, logger
from cutover.users.decide import Outcome
from cutover.users.decision_table import Decision
from cutover.users.events import Attempt

_CAUSE = re.compile(r"[^\w .:,/-]", re.ASCII)
_LONGEST_CAUSE = 120


def report(outcome: Outcome, attempt: Attempt, *, user: str, call: Invocation) -> None:
    """Log and count one decision. `user` is a keyed label, never a name."""
    write = logger.error if outcome.decision.is_fault else logger.info
    write(
        "user decision",
        extra={
            "decision": str(outcome.decision),
            "cause": _CAUSE.sub("?", outcome.cause)[:_LONGEST_CAUSE],
            "source": str(attempt.source or ""),
            "user": user,
            "request_id": call.request_id,
            "duration_ms": round(call.seconds() * 1000),
            "attributes_dropped": outcome.dropped,
        },
    )
    count("UserDecision", decision=str(outcome.decision))
    if outcome.dropped:
        count("UserAttributesDropped", outcome.dropped)


def unexpected(error: Exception) -> Outcome:
    """A fault that nothing foresaw."""
    cause = error.message if isinstance(error, UsageError) else kind_and_place(error)
    return Outcome(Decision.MISCONFIGURED, cause=cause)
