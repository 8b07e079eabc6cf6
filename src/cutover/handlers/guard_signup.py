"""The new pool's PreSignUp trigger: a sign-up goes on, or is refused with one constant text."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cutover.aws.chained_function import ChainedFunction
from cutover.aws.guard_parts import Guarding, guarding
from cutover.handlers import invocation, telemetry
from cutover.handlers.guard_log import chained_failed, report, unexpected
from cutover.users.chained import ChainedFailure
from cutover.users.guard import Ruling, guard
from cutover.users.guard_settings import GuardSettings, read_guard_settings, read_guard_text
from cutover.users.sign_ups import SignUp, SignUpRefused, nothing_verified, read_sign_up, without_values


@lru_cache(maxsize=1)
def _made(settings: GuardSettings, sdk: invocation.SdkEnvironment) -> Guarding:
    return guarding(settings, invocation.aws_here(sdk))


def _here() -> Guarding:
    return _made(read_guard_settings(os.environ), invocation.sdk_environment())


def handler(event: Any, context: Any, make: Callable[[], Guarding] = _here) -> Any:
    """Answers a `PreSignUp_*` event. Raises SignUpRefused, or ChainedFailure, and nothing else."""
    telemetry.quiet()
    call, sign_up, user = invocation.Invocation(context), read_sign_up(event), ""
    made: Guarding | None = None
    try:
        made = make()
        user = made.label(sign_up.name)
        ruling = guard(sign_up, made.parts, call.seconds_left)
    except Exception as error:  # noqa: BLE001 - its text could hold a name: only its kind is told
        ruling = unexpected(error)
    report(ruling, sign_up, user=user, call=call)
    if made is None or not ruling.passes:
        raise SignUpRefused(read_guard_text(os.environ))
    return event if made.chained is None else _follow(made.chained, event, sign_up, ruling, call)


def _follow(
    chained: ChainedFunction, event: Any, sign_up: SignUp, ruling: Ruling, call: invocation.Invocation
) -> Any:
    """What the function answers that the pool had before; of an answer Cognito reads the response alone."""
    try:
        answered = chained.invoke(event, call.seconds_left())
    except ChainedFailure as failure:
        chained_failed(call)
        raise ChainedFailure(without_values(str(failure), sign_up)) from None
    response = answered.get("response")
    return {**event, "response": nothing_verified(response) if ruling.verifies_nobody else response}


invocation.prepare(_here)
