"""Whether DynamoDB may delete an item any moment, because its time is over."""

from __future__ import annotations

from cutover.tables.ports import Item

FIVE_YEARS = 5 * 365 * 86400
"""An item that expired longer ago is never deleted by DynamoDB."""


def expired(item: Item, attribute: str | None, now: float) -> bool:
    """`attribute` is the table's TTL attribute (epoch seconds, a number at the top level), or None.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
    """
    text = item.get(attribute, {}).get("N") if attribute else None
    if text is None:
        return False
    return now - FIVE_YEARS < float(text) <= now
