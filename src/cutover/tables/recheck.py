"""A suspect is looked at by consistent reads, several times, before it counts as a difference.

    S1 = source; T = target; S2 = source        all strongly consistent

S1 and S2 differ: the item is in flight. They are equal and T is what they ask for: fine. They are equal, T is
not, and so it was at every one of several looks that lie further apart than the mirror is behind, with the
same source item each time: only that is a difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cutover.tables.digest import digest
from cutover.tables.items import key_id, same, strip_replication
from cutover.tables.patience import Patience
from cutover.tables.ports import Item, Key, KeyId, ReadableTable
from cutover.tables.spill import OpenFile
from cutover.tables.suspects import Suspect, SuspectFile
from cutover.tables.transform import Transform, TransformFault
from cutover.tables.ttl import expired

BATCH = 100
FIVE_MORE = 5
"""Rounds beyond those that a difference needs, for items that keep changing."""


class Kind(StrEnum):
    """MISSING: the target has none. EXTRA: the source has none. REFUSED: the transform fails on the item, so
    nobody can say what the target should hold. IN_FLIGHT: it changed at every look; not a difference."""

    MISSING = "missing"
    DIFFERENT = "different"
    EXTRA = "extra"
    REFUSED = "refused"
    IN_FLIGHT = "in_flight"


@dataclass(frozen=True)
class Probing:
    """How to look. `spacing` is the seconds between two looks; `ttl_attribute` is the source's."""

    source: ReadableTable
    target: ReadableTable
    transform: Transform
    patience: Patience
    open_file: OpenFile
    probes: int = 3
    spacing: float = 10.0
    ttl_attribute: str | None = None
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


Found = Callable[[Kind, Key], None]
Looked = Callable[[int], None]


def recheck(suspects: SuspectFile, how: Probing, found: Found, looked: Looked = lambda _: None) -> None:
    """Looks until every suspect is cleared or `found`; `looked` is told how many are left after a round.

    Closes `suspects`. Raises TableFault, and what `how.sleep` raises.
    """
    rounds = how.probes + FIVE_MORE
    for number in range(rounds):
        if suspects.count == 0:
            break
        began = how.monotonic()
        left = SuspectFile(how.open_file)
        for batch in suspects.batches(BATCH):
            for suspect in _look(batch, how, found):
                left.add(suspect)
        suspects.close()
        suspects = left
        looked(left.count)
        if left.count and number + 1 < rounds:
            how.sleep(max(how.spacing - (how.monotonic() - began), 0.0))
    for batch in suspects.batches(BATCH):
        for suspect in batch:
            found(Kind.IN_FLIGHT, suspect.key)
    suspects.close()


def _look(batch: Sequence[Suspect], how: Probing, found: Found) -> list[Suspect]:
    """One look at each; gives those that must be looked at again."""
    keys = [suspect.key for suspect in batch]
    first = how.patience(lambda: _read(how.source, keys))
    held = how.patience(lambda: _read(how.target, [how.transform.target_key(key) for key in keys]))
    second = how.patience(lambda: _read(how.source, keys))
    again: list[Suspect] = []
    for suspect in batch:
        identity = key_id(suspect.key)
        item, there = first.get(identity), held.get(key_id(how.transform.target_key(suspect.key)))
        if not same(item, second.get(identity)):
            again.append(Suspect(suspect.key))
            continue
        kind = _judge(suspect.key, item, there, how)
        if kind is None:
            continue
        struck = _strike(suspect, item)
        if struck.strikes >= how.probes:
            found(kind, suspect.key)
        else:
            again.append(struck)
    return again


def _strike(suspect: Suspect, item: Item | None) -> Suspect:
    seen = b"" if item is None else digest(item)
    strikes = suspect.strikes + 1 if suspect.seen == seen else 1
    return replace(suspect, seen=seen, strikes=strikes)


def _judge(key: Key, item: Item | None, there: Item | None, how: Probing) -> Kind | None:
    """What is wrong with the target for this source item; None where nothing is."""
    try:
        wanted = how.transform.wanted(key, item)
    except TransformFault:
        return Kind.REFUSED
    if same(wanted, there) or _either_is_fine(item, there, how):
        return None
    if there is None:
        return Kind.MISSING
    return Kind.EXTRA if wanted is None else Kind.DIFFERENT


def _either_is_fine(item: Item | None, there: Item | None, how: Probing) -> bool:
    """An item whose time is over may be there still, or gone, on either side."""
    now = how.clock()
    if item is None:
        return there is not None and expired(there, how.ttl_attribute, now)
    return there is None and expired(item, how.ttl_attribute, now)


def _read(table: ReadableTable, keys: Sequence[Key]) -> Mapping[KeyId, Item]:
    return {identity: strip_replication(item) for identity, item in table.get(keys).items()}
