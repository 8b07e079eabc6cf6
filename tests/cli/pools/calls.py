"""Looking at the calls that a verb makes, at the SDK's own event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS


@contextmanager
def before_each(operation: str, happen: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """`happen` is given the inputs of every call of a Cognito `operation`, for the sessions that are made
    while it lasts."""

    def look(params: dict[str, Any], **_: Any) -> None:
        body = params["body"]
        happen(body if isinstance(body, dict) else json.loads(body))

    handler = (f"before-call.cognito-identity-provider.{operation}", look)
    BUILTIN_HANDLERS.append(handler)
    try:
        yield
    finally:
        BUILTIN_HANDLERS.remove(handler)
