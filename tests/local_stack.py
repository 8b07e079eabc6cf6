"""A pytest plugin: one local stack for the whole run, started when the first test asks for it.

Tests share it, so each makes tables, queues and pools of its own names (`unique`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from cutover.rehearsal.local import Local, start_local_stack


@pytest.fixture(scope="session")
def running_stack() -> Iterator[Local]:
    with start_local_stack() as local:
        yield local


@pytest.fixture
def local_stack(running_stack: Local) -> str:
    """The endpoint URL. Credentials may be anything; its Region is us-east-1."""
    return running_stack.url


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test has: `unique("orders")`."""
    return lambda name: f"{name}-{uuid.uuid4().hex[:8]}"
