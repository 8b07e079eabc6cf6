"""What the claims function tells the operator: that tokens went out without their claims; nobody's name."""

from __future__ import annotations

from cutover.errors import UsageError
from cutover.handlers.telemetry import count, kind_and_place, logger
from cutover.users.decision_table import Stop


def unavailable(error: Exception) -> None:
    """Log and count; the sign-in goes on."""
    known = isinstance(error, Stop | UsageError)
    logger.error("claims", extra={"cause": str(error) if known else kind_and_place(error)})
    count("ClaimsUnavailable")
