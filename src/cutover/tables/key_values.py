"""What DynamoDB takes as a key. One key that it does not take fails the whole call that it stands in.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from cutover.tables.ports import Key

PARTITION_KEY_BYTES, SORT_KEY_BYTES = 2048, 1024
DIGITS = 38
LEAST, MOST = -130, 125
"""Exponents of ten of the smallest and the largest number."""


def key_problem(key: Key, types: Sequence[tuple[str, str]]) -> str:
    """Why the table of these key attributes and types takes no such key; empty where it does.

    `key` is a typed attribute map that holds these attributes. The text never holds a value.
    """
    for (name, kind), most in zip(types, (PARTITION_KEY_BYTES, SORT_KEY_BYTES), strict=False):
        if kind not in key[name]:
            return f"the target's key attribute {name} is of type {kind}"
        problem = _problem(kind, key[name][kind], most)
        if problem:
            return f"the target's key attribute {name} {problem}"
    return ""


def _problem(kind: str, content: Any, most: int) -> str:
    if kind == "N":
        return _number_problem(Decimal(content))
    length = len(content.encode() if kind == "S" else content)
    if length == 0:
        return "may not be empty"
    return f"may have {most} bytes" if length > most else ""


def _number_problem(number: Decimal) -> str:
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > DIGITS:
        return f"may have {DIGITS} digits"
    return "is too large or too small a number" if number and not LEAST <= number.adjusted() <= MOST else ""
