"""The trigger's parts for a simulation: the real pools, a ledger that is only looked at, nobody reminded."""

from __future__ import annotations

import time
from collections.abc import Callable

from cutover.aws.conditions_only import ConditionsOnly
from cutover.aws.new_pool import CognitoNewPool
from cutover.aws.old_pool import CognitoOldPool
from cutover.aws.rollout_switch import rollout_of_ledger
from cutover.aws.secrets import read_secret
from cutover.aws.session import Aws
from cutover.aws.user_ledger import UserLedger
from cutover.users.parts import Parts
from cutover.users.rollout import Rollout
from cutover.users.settings import Settings

ATTEMPTS = 3
"""Of each read; a sign-in is never repeated."""


class Nobody:
    """Reminds nobody."""

    def remind(self, old_sub: str, attempt: int, delay: int) -> None:
        """As if a message had been sent."""


class AsItStands:
    """The rollout, read whenever it is asked for: nobody waits for a simulation."""

    def __init__(self, read: Callable[[], Rollout]) -> None:
        self._read = read

    def last(self) -> Rollout | None:
        return None

    def now(self) -> Rollout:
        return self._read()


def simulation_parts(settings: Settings, aws: Aws, old: Aws) -> Parts:
    """`old` is whom the old pool is asked as. Raises nothing; a call that is refused says so itself."""
    dynamodb, table = aws.client("dynamodb", attempts=ATTEMPTS), settings.ledger_table
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
        ledger=UserLedger(ConditionsOnly(dynamodb), table, sleep=time.sleep),
        reminders=Nobody(),
        rollout=AsItStands(
            rollout_of_ledger(dynamodb, table, settings.new_pool_id, settings.rollout_percent)
        ),
        clock=time.time,
    )


def _secret(settings: Settings, aws: Aws) -> str | None:
    arn = settings.old_client_secret_arn
    if arn is None:
        return None
    region = arn.split(":")[3] if arn.startswith("arn:") else None
    client = aws.elsewhere(region=region).client("secretsmanager", attempts=ATTEMPTS)
    return read_secret(client, arn, "client_secret")
