"""What the sign-up guard tells the operator: one line a sign-up, metrics for refusals, and nobody's name."""

from __future__ import annotations

from cutover.errors import UsageError
from cutover.handlers.invocation import Invocation
from cutover.handlers.telemetry import count, kind_and_place, logger
from cutover.users.guard import Reason, Ruling
from cutover.users.sign_ups import SignUp

_UNAVAILABLE = frozenset({Reason.UNAVAILABLE, Reason.NOT_ASKED})


def report(ruling: Ruling, sign_up: SignUp, *, user: str, call: Invocation) -> None:
    """Log one ruling and count what an operator should see. `user` is a keyed label, never a name."""
    unavailable = ruling.reason in _UNAVAILABLE
    write = logger.error if unavailable else logger.info
    write(
        "sign-up",
        extra={
            "reason": str(ruling.reason),
            "passes": ruling.passes,
            "cause": ruling.cause,
            "source": str(sign_up.source or ""),
            "user": user,
            "request_id": call.request_id,
            "duration_ms": round(call.seconds() * 1000),
        },
    )
    if not ruling.passes:
        count("GuardRefused", reason=str(ruling.reason))
    if unavailable:
        count("GuardUnavailable")


def chained_failed(call: Invocation) -> None:
    """The application's own function refused, or failed: its text is its own affair."""
    logger.info("chained function failed", extra={"request_id": call.request_id})
    count("GuardChainedFailed")


def unexpected(error: Exception) -> Ruling:
    """A fault that nothing foresaw."""
    cause = error.message if isinstance(error, UsageError) else kind_and_place(error)
    return Ruling(Reason.UNAVAILABLE, cause)
