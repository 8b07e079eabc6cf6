"""The new pool's UserMigration trigger: the event goes back answered or untouched, or a fault is raised."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cutover.aws.user_parts import Migration, migration_parts
from cutover.handlers import invocation, telemetry
from cutover.handlers.decision_log import report, unexpected
from cutover.users.decide import decide
from cutover.users.events import MigrationFault, read_attempt
from cutover.users.settings import Settings, read_settings


@lru_cache(maxsize=1)
def _made(settings: Settings, sdk: invocation.SdkEnvironment) -> Migration:
    return migration_parts(settings, invocation.aws_here(sdk))


def _here() -> Migration:
    return _made(read_settings(os.environ), invocation.sdk_environment())


def handler(event: Any, context: Any, make: Callable[[], Migration] = _here) -> Any:
    """Answers a `UserMigration_*` event. Raises MigrationFault, of one constant text, and nothing else."""
    telemetry.quiet()
    call, attempt, user = invocation.Invocation(context), read_attempt(event), ""
    try:
        migration = make()
        user = migration.label(attempt.name)
        outcome = decide(attempt, migration.parts, call.seconds_left)
    except Exception as error:  # noqa: BLE001 - its text could hold the password: only its kind is told
        outcome = unexpected(error)
    report(outcome, attempt, user=user, call=call)
    if outcome.decision.is_fault:
        raise MigrationFault
    return event if outcome.response is None else {**event, "response": outcome.response}


invocation.prepare(_here)
