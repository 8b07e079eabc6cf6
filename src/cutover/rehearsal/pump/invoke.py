"""Calling a mapping's function through Lambda's Invoke API."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Invocation:
    """What came back: `answer` is the function's JSON, `failed` that it raised or could not be called."""

    failed: bool
    answer: Any = None


def invoke(client: Callable[[str], Any], function: str, records: list[dict[str, Any]]) -> Invocation:
    """One synchronous call with `records` as the event's `Records`. Never raises."""
    try:
        answer = client("lambda").invoke(
            FunctionName=function, Payload=json.dumps({"Records": records}).encode()
        )
        payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            return Invocation(failed=True)
        return Invocation(failed=False, answer=json.loads(payload or b"null"))
    except (ClientError, BotoCoreError, ValueError) as error:
        logger.warning("%s cannot be invoked: %s", function, error)
        return Invocation(failed=True)
