"""What can be a key of some table: anything else comes from no table, and no ledger takes it in a row."""

from __future__ import annotations

from cutover.tables.items import MalformedItem
from cutover.tables.ports import Item, Key
from cutover.tables.target_rules import LONGEST_KEY, unfit

LONGEST_NAME = 255
"""Bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""


def as_key(attributes: Item) -> Key:
    """`attributes` (typed well), where a table could have them as a key. Raises MalformedItem."""
    if not 1 <= len(attributes) <= len(LONGEST_KEY):
        raise MalformedItem("a key has one attribute or two")
    for name, value in attributes.items():
        try:
            long, why = len(name.encode()), unfit(value, _kind(value), LONGEST_KEY[0])
        except UnicodeEncodeError:
            raise MalformedItem("a name or a text of the key is no Unicode text") from None
        if why or not 1 <= long <= LONGEST_NAME:
            raise MalformedItem(f"a key attribute {why or 'has no name, or too long a one'}")
    return attributes


def _kind(value: object) -> str:
    """S, N or B; what is of another type does not fit."""
    return next((kind for kind in ("S", "N", "B") if isinstance(value, dict) and kind in value), "S, N or B")
