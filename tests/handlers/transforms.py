"""Transforms as a user would write them."""

from __future__ import annotations

from cutover.tables.ports import Item


def refuse_paid(item: Item) -> Item:
    """Raises, with a value in its text, for a paid order."""
    if item["status"]["S"] == "paid":
        raise ValueError(f"cannot take {item}")
    return item
