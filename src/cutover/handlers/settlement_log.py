"""What settling tells the operator: one line a message, and a metric for what somebody should know."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from typing import TypeVar

from cutover.aws.settling import Settling
from cutover.errors import UsageError
from cutover.handlers.telemetry import count, kind_and_place, logger
from cutover.users.announcing import announce
from cutover.users.decision_table import Stop
from cutover.users.groups import Account, Left, bring_groups
from cutover.users.settle import Settlement

T = TypeVar("T", bound=StrEnum)

_METRICS = {
    Settlement.CONFIRMED: "UserConfirmed",
    Settlement.MISMATCH: "SettleMismatch",
    Settlement.EXPIRED: "SettleExpired",
    Settlement.SWEPT: "ForgottenSwept",
}


def report(message_id: str, look: Callable[[], Settlement]) -> Settlement:
    """Settle one message and tell. Raises its error again where the message has to come back."""
    settlement = _told("settlement", message_id, look)
    if settlement in _METRICS:
        count(_METRICS[settlement])
    return settlement


def follow_up(message_id: str, old_sub: str, parts: Settling, account: Account) -> None:
    """Bring over what waits for a confirmation, and tell. The confirmation stands whatever becomes of it.

    No step waits for another one's success; an error is raised again in the end.
    """

    def left_behind(reason: Left) -> None:
        count("GroupsLeftBehind", reason=str(reason))

    with ExitStack() as steps:  # runs the last one first, and each of them
        steps.callback(
            lambda: _told(
                "groups", message_id, lambda: bring_groups(old_sub, parts.groups, account, left_behind)
            )
        )
        announcing = parts.announcing
        if announcing is not None:
            steps.callback(lambda: _told("event", message_id, lambda: announce(old_sub, announcing)))


def _told(step: str, message_id: str, run: Callable[[], T]) -> T:
    try:
        outcome = run()
    except Exception as error:
        cause = str(error) if isinstance(error, Stop | UsageError) else kind_and_place(error)
        logger.error("settle", extra={step: "fault", "cause": cause, "message_id": message_id})
        raise
    logger.info("settle", extra={step: str(outcome), "message_id": message_id})
    return outcome
