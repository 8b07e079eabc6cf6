"""A transform that leaves items as they are, and does what a test has put into MEANWHILE, each once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MEANWHILE: list[Callable[[], None]] = []


def transform(item: dict[str, Any]) -> dict[str, Any]:
    if MEANWHILE:
        MEANWHILE.pop(0)()
    return item


def interrupt() -> None:
    """As Ctrl-C."""
    raise KeyboardInterrupt
