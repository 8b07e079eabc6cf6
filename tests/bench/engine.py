"""The engine under the benchmark: Amazon's DynamoDB Local where it is there, else the local stack."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cutover.rehearsal.local import start_local_stack
from tests import dynamodb_local


@contextmanager
def running_engine() -> Iterator[tuple[str, str, str]]:
    """Name, endpoint URL and Region of a running engine."""
    reason = dynamodb_local.why_not()
    if reason is None:
        with dynamodb_local.running() as url:
            yield "DynamoDB Local", url, dynamodb_local.REGION
        return
    with start_local_stack() as local:
        yield f"ministack ({reason})", local.url, "us-east-1"
