"""The new pool's PreTokenGeneration trigger: the old sub and, at first, the old groups go into the tokens.

Tokens without these claims are better than no sign-in for anybody: whatever is wrong with the ledger or with
our settings leaves the answer as it is. Only the application's own function, called after ours, may refuse.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Any

from cutover.aws.chained_function import ChainedFunction, chained_function
from cutover.aws.claims_parts import ClaimsParts, claims_parts
from cutover.handlers import invocation, telemetry
from cutover.handlers.claims_log import unavailable
from cutover.users.claims_settings import ClaimsSettings, read_claims_settings
from cutover.users.environment import optional
from cutover.users.token_events import NO_CLAIMS, Claims, add_claims, read_token_request


@lru_cache(maxsize=1)
def _made(settings: ClaimsSettings, sdk: invocation.SdkEnvironment) -> ClaimsParts:
    return claims_parts(settings, invocation.aws_here(sdk), time.time)


@lru_cache(maxsize=1)
def _chained(arn: str, sdk: invocation.SdkEnvironment) -> ChainedFunction:
    return chained_function(invocation.aws_here(sdk), arn)


def handler(event: Any, context: Any) -> Any:
    """Answers a `TokenGeneration_*` event. Raises ChainedFailure, and nothing else."""
    telemetry.quiet()
    call = invocation.Invocation(context)
    claims, claim = _claims(event)
    arn = optional(os.environ, "CHAINED_PRE_TOKEN_ARN")
    answered = event
    if arn is not None:
        answered = _chained(arn, invocation.sdk_environment()).invoke(event, call.seconds_left())
    response = add_claims(event, answered.get("response"), claims, claim)
    return {**answered, "response": response} if "response" in answered or response else answered


def _claims(event: Any) -> tuple[Claims, str | None]:
    try:
        parts = _made(read_claims_settings(os.environ), invocation.sdk_environment())
        return parts.claims(read_token_request(event)), parts.settings.claim
    except Exception as error:  # noqa: BLE001 - no sign-in fails because of a claim
        unavailable(error)
        return NO_CLAIMS, None


invocation.prepare(lambda: _made(read_claims_settings(os.environ), invocation.sdk_environment()))
