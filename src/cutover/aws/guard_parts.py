"""The sign-up guard put together from its settings.

Time: Cognito waits five seconds for the whole. A call that is not answered within one is given up, and the
sign-up is refused; whoever it was may try again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cutover.aws.chained_function import ChainedFunction, chained_function
from cutover.aws.guard_ledger import GuardLedger
from cutover.aws.old_directory import CognitoOldDirectory
from cutover.aws.reservation_index import ReservationIndex
from cutover.aws.session import Aws
from cutover.aws.user_ledger import UserLedger
from cutover.aws.user_parts import labels_of
from cutover.users.guard_ports import GuardParts
from cutover.users.guard_settings import GuardSettings

CONNECT = READ = 1.0
"""Seconds."""


@dataclass(frozen=True)
class Guarding:
    """What the function is made of; `label` is a user's word in the log, `chained` what runs after us."""

    parts: GuardParts
    label: Callable[[str], str]
    chained: ChainedFunction | None


def guarding(settings: GuardSettings, aws: Aws) -> Guarding:
    """Clients are made here, once; nothing is called yet."""
    users = settings.users
    there = aws.elsewhere(
        region=users.old_region, role_arn=users.old_role_arn, external_id=users.old_external_id
    )
    dynamodb, table = _client(aws, "dynamodb"), users.ledger_table
    parts = GuardParts(
        settings,
        ReservationIndex(dynamodb, table),
        GuardLedger(dynamodb, table, UserLedger(dynamodb, table, sleep=time.sleep)),
        CognitoOldDirectory(_client(there, "cognito-idp"), users.old_pool_id),
        time.time,
    )
    chained = chained_function(aws, settings.chained_arn) if settings.chained_arn else None
    return Guarding(parts, labels_of(users, aws), chained)


def _client(where: Aws, service: str) -> Any:
    return where.client(service, connect_timeout=CONNECT, read_timeout=READ, attempts=1)
