"""How large DynamoDB counts an item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutover.tables.ports import Item

_CONTAINER = 3
"""Bytes that a list or a map takes, empty or not; each of its members takes one more."""


def size(item: Item) -> int:
    """Bytes of names and values by DynamoDB's published rules; numbers as "approximate" as those are.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value(value) for name, value in item.items())


def _value(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "M":
        return _CONTAINER + sum(1 + len(name.encode()) + _value(member) for name, member in content.items())
    if kind == "L":
        return _CONTAINER + sum(1 + _value(member) for member in content)
    if kind in {"SS", "NS", "BS"}:
        return sum(_scalar(kind[0], member) for member in content)
    return _scalar(kind, content)


def _scalar(kind: str, content: Any) -> int:
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return _number(content)
    return len(content) if kind == "B" else 1


def _number(text: str) -> int:
    """About one byte for two significant digits, one for the sign, and one more."""
    digits = text.lower().partition("e")[0].lstrip("-+").replace(".", "").strip("0")
    return min(21, (len(digits) + 1) // 2 + 1 + text.startswith("-"))
