"""How long an invocation may go on before it must put its leftovers away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MARGIN_SHARE = 4


def near_end(context: Any, margin: float) -> Callable[[], bool]:
    """Whether the invocation's end is near: less than `margin` seconds are left, or less than a quarter of
    what it began with where that is shorter. Never, outside Lambda.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(remaining):
        return lambda: False
    enough = min(margin * 1000, remaining() / MARGIN_SHARE)
    return lambda: bool(remaining() < enough)
