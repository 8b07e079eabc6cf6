"""The users' functions put together from their settings.

Time: Cognito waits five seconds for the trigger. A sign-in may take one second to connect and two to be
answered; everything behind it answers within one or is given up, and the person signs in again.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cutover.aws.cached import Cached
from cutover.aws.new_pool import CognitoNewPool
from cutover.aws.old_pool import CognitoOldPool
from cutover.aws.rollout_switch import LedgerRolloutSwitch, on_a_thread, rollout_of_ledger
from cutover.aws.secrets import MAX_AGE, read_secret
from cutover.aws.session import Aws
from cutover.aws.settle_queue import SettleQueue
from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Stop
from cutover.users.labels import label
from cutover.users.parts import Parts
from cutover.users.settings import NewSide, Settings
from cutover.users.settle import SettleParts

CONNECT = 1.0
SIGN_IN_READ = 2.0
READ = 1.0
SETTLE_READ = 10.0
"""Seconds."""


@dataclass(frozen=True)
class Migration:
    """What the trigger is made of; `label` is a user's word in the log."""

    parts: Parts
    label: Callable[[str], str]


def migration_parts(settings: Settings, aws: Aws) -> Migration:
    """Clients are made here, once; nothing is called yet."""
    there = aws.elsewhere(
        region=settings.old_region, role_arn=settings.old_role_arn, external_id=settings.old_external_id
    )
    old = CognitoOldPool(
        _client(there, "cognito-idp", SIGN_IN_READ),
        settings.old_pool_id,
        settings.old_client_id,
        secret=_secret(aws, settings.old_client_secret_arn, "client_secret"),
        clock=time.monotonic,
    )
    dynamodb = _client(aws, "dynamodb", READ)
    new, ledger, reminders = _new_side(settings, aws, READ, dynamodb)
    parts = Parts(settings, old, new, ledger, reminders, _rollout(settings, dynamodb), time.time)
    return Migration(parts, labels_of(settings, aws))


def settling_parts(settings: NewSide, aws: Aws) -> SettleParts:
    """As `migration_parts`, for the function that confirms; nobody waits for it."""
    new, ledger, reminders = _new_side(settings, aws, SETTLE_READ, _client(aws, "dynamodb", SETTLE_READ))
    return SettleParts(settings.new_pool_id, new, ledger, reminders, time.time)


def _rollout(settings: Settings, dynamodb: Any) -> LedgerRolloutSwitch:
    """With the ledger's own client, which several threads may use: making another one costs a cold start."""
    read = rollout_of_ledger(dynamodb, settings.ledger_table, settings.new_pool_id, settings.rollout_percent)
    return LedgerRolloutSwitch(read, clock=time.monotonic, start=on_a_thread())


def labels_of(settings: Settings, aws: Aws) -> Callable[[str], str]:
    """What names a user in the log, keyed by the deployment's secret."""
    return _labels(_secret(aws, settings.log_key_arn, "key"))


def _labels(log_key: Callable[[], str | None]) -> Callable[[str], str]:
    """Without the deployment's key the labels of this process are keyed by a random one of its own."""
    own = secrets.token_bytes(32)

    def key() -> bytes:
        try:
            return (log_key() or "").encode() or own
        except Stop:
            return own

    kept = Cached(key, max_age=MAX_AGE, clock=time.monotonic)
    return lambda name: label(kept.get(), name)


def _new_side(
    settings: NewSide, aws: Aws, read: float, dynamodb: Any
) -> tuple[CognitoNewPool, UserLedger, SettleQueue]:
    pool = _client(aws.elsewhere(region=settings.new_region), "cognito-idp", read)
    return (
        CognitoNewPool(pool, settings.new_pool_id, clock=time.monotonic),
        UserLedger(dynamodb, settings.ledger_table, sleep=time.sleep),
        SettleQueue(_client(aws, "sqs", read), settings.settle_queue_url),
    )


def _secret(aws: Aws, arn: str | None, field: str) -> Callable[[], str | None]:
    if arn is None:
        return lambda: None
    region = arn.split(":")[3] if arn.startswith("arn:") else None
    client = _client(aws.elsewhere(region=region), "secretsmanager", READ)
    return Cached(lambda: read_secret(client, arn, field), max_age=MAX_AGE, clock=time.monotonic).get


def _client(where: Aws, service: str, read: float) -> Any:
    return where.client(service, connect_timeout=CONNECT, read_timeout=read, attempts=1)
