"""Every call that reaches moto, by name; and answers to the reads that moto does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock

from botocore.handlers import BUILTIN_HANDLERS

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "SimulatePrincipalPolicy": {"EvaluationResults": [], "IsTruncated": False},
    "DescribeKinesisStreamingDestination": {"TableName": "", "KinesisDataStreamDestinations": []},
}


@contextmanager
def moto_calls(**answers: Mapping[str, Any]) -> Iterator[list[str]]:
    """The operations that are called while it lasts, by sessions that are made meanwhile; `answers` go before
    those above."""
    called: list[str] = []

    def note(model: Any, **_: Any) -> tuple[Any, Mapping[str, Any]] | None:
        called.append(model.name)
        answer = answers.get(model.name) or ANSWERS.get(model.name)
        return None if answer is None else (Mock(status_code=200), answer)

    handler = ("before-call", note)
    BUILTIN_HANDLERS.insert(0, handler)  # whoever is inside answers first
    try:
        yield called
    finally:
        BUILTIN_HANDLERS.remove(handler)
