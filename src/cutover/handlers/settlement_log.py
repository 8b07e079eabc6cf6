"""What settling tells the operator: one line a message, and a metric for what somebody should know."""

from __future__ import annotations

from collections.abc import Callable

from cutover.errors import UsageError
from cutover.handlers.telemetry import count, kind_and_place, logger
from cutover.users.decision_table import Stop
from cutover.users.settle import Settlement

_METRICS = {
    Settlement.CONFIRMED: "UserConfirmed",
    Settlement.MISMATCH: "SettleMismatch",
    Settlement.EXPIRED: "SettleExpired",
}


def report(message_id: str, look: Callable[[], Settlement]) -> None:
    """Settle one message and tell. Raises its error again where the message has to come back."""
    try:
        settlement = look()
    except Exception as error:
        cause = str(error) if isinstance(error, Stop | UsageError) else kind_and_place(error)
        logger.error("settle", extra={"settlement": "fault", "cause": cause, "message_id": message_id})
        raise
    logger.info("settle", extra={"settlement": str(settlement), "message_id": message_id})
    if settlement in _METRICS:
        count(_METRICS[settlement])
