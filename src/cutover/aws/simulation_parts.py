"""The trigger's parts for a simulation: the real pools, a ledger that is only looked at, nobody reminded."""

from __future__ import annotations

import time
from typing import Any

from cutover.aws.conditions_only import ConditionsOnly
from cutover.aws.new_pool import CognitoNewPool
from cutover.aws.old_pool import CognitoOldPool
from cutover.aws.secrets import read_secret
from cutover.aws.session import Aws
from cutover.aws.user_ledger import UserLedger
from cutover.users.decide import Parts
from cutover.users.settings import Settings

ATTEMPTS = 3
"""Of each read; a sign-in is never repeated."""


class Nobody:
    """Reminds nobody."""

    def remind(self, old_sub: str, attempt: int, delay: int) -> None:
        """As if a message had been sent."""


def simulation_parts(settings: Settings, aws: Aws, old: Aws) -> Parts:
    """`old` is whom the old pool is asked as. Raises nothing; a call that is refused says so itself."""
    return Parts(
        settings=settings,
        old=CognitoOldPool(
            old.client("cognito-idp"),
            settings.old_pool_id,
            settings.old_client_id,
            secret=lambda: _secret(settings, aws),
            clock=time.monotonic,
        ),
        new=CognitoNewPool(
            aws.elsewhere(region=settings.new_region).client("cognito-idp", attempts=ATTEMPTS),
            settings.new_pool_id,
            clock=time.monotonic,
        ),
        ledger=UserLedger(ConditionsOnly(_dynamodb(aws)), settings.ledger_table, sleep=time.sleep),
        reminders=Nobody(),
        clock=time.time,
    )


def _dynamodb(aws: Aws) -> Any:
    return aws.client("dynamodb", attempts=ATTEMPTS)


def _secret(settings: Settings, aws: Aws) -> str | None:
    arn = settings.old_client_secret_arn
    if arn is None:
        return None
    region = arn.split(":")[3] if arn.startswith("arn:") else None
    client = aws.elsewhere(region=region).client("secretsmanager", attempts=ATTEMPTS)
    return read_secret(client, arn, "client_secret")
