"""What an invocation brings besides its event: the process's environment, and how long it may take."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from cutover.aws.session import Aws
from cutover.errors import UsageError

COGNITO_WAITS = 4.5
"""Seconds. Cognito gives a trigger five; the answer has to travel too.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html"""
MARGIN = 0.3

SdkEnvironment = tuple[tuple[str, str], ...]


def sdk_environment(environ: Mapping[str, str] = os.environ) -> SdkEnvironment:
    """What the SDK reads from the environment: clients made under another one are not used any more."""
    return tuple(sorted((name, value) for name, value in environ.items() if name.startswith("AWS_")))


@lru_cache(maxsize=1)
def aws_here(sdk: SdkEnvironment) -> Aws:
    """The Region the function runs in, which is that of its ledger and of its queue."""
    environ = dict(sdk)
    return Aws(region=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"))


class Invocation:
    """One call of a function: its id, its beginning, and what is left of it. All times are in seconds."""

    def __init__(self, context: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._budget = _budget(context)
        self.request_id = str(getattr(context, "aws_request_id", "") or "")

    def seconds(self) -> float:
        """How long it has taken so far."""
        return self._clock() - self._began

    def seconds_left(self) -> float:
        """What is left for the answer, by Cognito's patience and by the function's own timeout."""
        return self._budget - self.seconds()


def _budget(context: Any) -> float:
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    millis = remaining() if callable(remaining) else None
    return min(COGNITO_WAITS, millis / 1000 - MARGIN) if isinstance(millis, int | float) else COGNITO_WAITS


def prepare(make: Callable[[], object]) -> None:
    """In Lambda, make the clients while the function starts, which has its own time and more processor.

    A setting that is wrong is told by the invocation, as the one text that Cognito is to show.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    if "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ:
        with suppress(UsageError):
            make()
