"""When an invocation stops beginning new work."""

from __future__ import annotations

import pytest

from cutover.handlers.deadline import near_end
from tests.handlers.table_world import LambdaContext


@pytest.mark.parametrize(
    ("began_with", "left", "near"),
    [
        (120_000, 31_000, False),
        (120_000, 29_000, True),
        (10_000, 2_600, False),
        (10_000, 2_400, True),
        (30_000, 30_000, False),
    ],
)
def test_the_margin_is_thirty_seconds_or_a_quarter(began_with: int, left: int, near: bool) -> None:
    context = LambdaContext(began_with)
    stop = near_end(context, 30.0)
    context.left = left
    assert stop() is near


@pytest.mark.parametrize("context", [None, object()])
def test_outside_lambda_there_is_no_end(context: object) -> None:
    assert near_end(context, 30.0)() is False
