"""Some items of one side, compared with their counterparts, which are read by their keys."""

from __future__ import annotations

from collections.abc import Sequence

from cutover.tables.items import key_id, key_of, same, strip_replication
from cutover.tables.ports import FaultReason, Item, Key
from cutover.tables.recheck import Probing, asks_for
from cutover.tables.transform import TransformFault


def unequal_in_target(items: Sequence[Item], how: Probing) -> tuple[list[Key], int]:
    """Source keys under which the target does not hold what these source items ask for, and how many items
    wait for a new sub. Raises TableFault."""
    how.patience(lambda: how.transform.learn(items))
    unequal: list[Key] = []
    unmapped = 0
    asked: list[tuple[Key, Key, Item | None]] = []
    for item in items:
        key = key_of(item, how.source.key_names)
        try:
            asked.append((key, how.transform.target_key(key), how.transform.wanted(key, item)))
        except TransformFault as fault:
            if fault.reason is FaultReason.UNMAPPED:
                unmapped += 1
            else:
                unequal.append(key)
    held = how.patience(lambda: how.target.get([where for _, where, _ in asked]))
    for key, where, wanted in asked:
        there = held.get(key_id(where))
        if not _alike(wanted, there):
            unequal.append(key)
    return unequal, unmapped


def unasked_in_source(items: Sequence[Item], how: Probing) -> tuple[list[Key], int]:
    """The keys of these target items for which no source item asks. Raises TableFault.

    (What it asks for in another way is found from the source's side.)
    """
    pairs = [(item, key_of(item, how.target.key_names)) for item in items]
    if how.transform.changes_keys:
        how.patience(lambda: how.transform.learn_back(items))
        sources = [asks_for(strip_replication(item), key, how) for item, key in pairs]
    else:
        sources = [key for _, key in pairs]
    asking = how.patience(lambda: how.source.get([source for source in sources if source is not None]))
    how.patience(lambda: how.transform.learn(list(asking.values())))
    return [
        key
        for (_, key), source in zip(pairs, sources, strict=True)
        if source is None or not _asks(source, asking.get(key_id(source)), how)
    ], 0


def _asks(source_key: Key, item: Item | None, how: Probing) -> bool:
    """Where the transform fails nobody knows, and the source's side finds it."""
    try:
        return how.transform.wanted(source_key, item) is not None
    except TransformFault as fault:
        return fault.reason is not FaultReason.UNMAPPED


def _alike(wanted: Item | None, there: Item | None) -> bool:
    stripped = (None if item is None else strip_replication(item) for item in (wanted, there))
    return same(*stripped)
