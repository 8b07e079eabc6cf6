"""Calls the function that the pool had for a trigger before ours, as Cognito would have called it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS
from cutover.aws.session import Aws
from cutover.users.chained import UNAVAILABLE_TEXT, UNREADABLE_TEXT, ChainedFailure

CONNECT = 1.0
READ = 4.0
LEAST = 0.2
"""Seconds. With less left than `LEAST` the call is not begun."""


class ChainedFunction:
    """`client` makes one attempt a call: what the function does besides answering may not happen twice."""

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn

    def invoke(self, event: Mapping[str, Any], seconds_left: float) -> dict[str, Any]:
        """The whole event as the function gives it back. Raises ChainedFailure.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
        """
        if seconds_left < LEAST:
            raise ChainedFailure(UNAVAILABLE_TEXT)
        try:
            reply = self._client.invoke(FunctionName=self._arn, Payload=json.dumps(event).encode())
            payload = reply["Payload"].read()
        except AWS_ERRORS:
            raise ChainedFailure(UNAVAILABLE_TEXT) from None
        answer = _json(payload)
        if reply.get("FunctionError"):
            raise ChainedFailure(_text_of(answer))
        if not isinstance(answer, dict):
            raise ChainedFailure(UNREADABLE_TEXT)
        return answer


def chained_function(aws: Aws, arn: str) -> ChainedFunction:
    """The function in its own Region; its client is made here, once."""
    region = arn.split(":")[3] if arn.count(":") > 3 else None
    client = aws.elsewhere(region=region).client(
        "lambda", connect_timeout=CONNECT, read_timeout=READ, attempts=1
    )
    return ChainedFunction(client, arn)


def _json(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _text_of(error: object) -> str:
    text = error.get("errorMessage") if isinstance(error, dict) else None
    return text if isinstance(text, str) and text else UNAVAILABLE_TEXT
