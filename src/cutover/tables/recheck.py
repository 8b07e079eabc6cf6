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

from cutover.tables.digest import digest
from cutover.tables.items import MalformedItem, key_id, key_of, same, strip_replication
from cutover.tables.kinds import Kind
from cutover.tables.patience import Patience
from cutover.tables.ports import FaultReason, Item, Key, KeyId, ReadableTable
from cutover.tables.spill import OpenFile
from cutover.tables.spill_join import Side
from cutover.tables.suspects import Suspect, SuspectFile
from cutover.tables.transform import Transform, TransformFault
from cutover.tables.ttl import expired

BATCH = 100
FIVE_MORE = 5
"""Rounds beyond those that a difference needs, for items that keep changing."""


@dataclass(frozen=True)
class Probing:
    """How to look. `spacing` is the seconds between two looks; `ttl_attribute` is the source's;
    `inverse_proves` says that the user declared an inverse: what it leads back to the source is the mirror's.
    """

    source: ReadableTable
    target: ReadableTable
    transform: Transform
    patience: Patience
    open_file: OpenFile
    probes: int = 3
    spacing: float = 10.0
    ttl_attribute: str | None = None
    inverse_proves: bool = False
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


Found = Callable[[Kind, Suspect, Key | None], None]
"""Told what is wrong with a suspect, and the source key whose `converge` would put it right."""
Looked = Callable[[int], None]


@dataclass(frozen=True)
class Rounds:
    """Where a recheck begins, where the suspects of round `n` are kept, and who is told that one is over."""

    open_round: Callable[[int], SuspectFile]
    first: int = 0
    over: Callable[[int, SuspectFile], None] = lambda _number, _left: None


def recheck(
    suspects: SuspectFile,
    how: Probing,
    found: Found,
    looked: Looked = lambda _: None,
    rounds: Rounds | None = None,
) -> None:
    """Looks until every suspect is cleared or `found`; `looked` is told how many are left after a round.

    Closes `suspects`. Raises TableFault, and what `how.sleep` raises.
    """
    rounds = rounds or Rounds(lambda _: SuspectFile(how.open_file))
    last = how.probes + FIVE_MORE
    for number in range(rounds.first, last):
        if suspects.count == 0:
            break
        began = how.monotonic()
        left = rounds.open_round(number + 1)
        for batch in suspects.batches(BATCH):
            for suspect in look(batch, how, found):
                left.add(suspect)
        suspects.close()
        suspects = left
        rounds.over(number + 1, left)
        looked(left.count)
        if left.count and number + 1 < last:
            how.sleep(max(how.spacing - (how.monotonic() - began), 0.0))
    for batch in suspects.batches(BATCH):
        for suspect in batch:
            found(Kind.IN_FLIGHT, suspect, None)
    suspects.close()


@dataclass(frozen=True)
class _Place:
    """Where to look for a suspect; `source` is None where no source key can be its."""

    suspect: Suspect
    source: Key | None
    target: Key


def look(batch: Sequence[Suspect], how: Probing, found: Found) -> list[Suspect]:
    """One look at each; gives those that must be looked at again."""
    places = _places(batch, how, found)
    from_source = [place.source for place in places if place.source is not None]
    first = how.patience(lambda: _read(how.source, from_source))
    held = how.patience(lambda: _read(how.target, [place.target for place in places]))
    second = how.patience(lambda: _read(how.source, from_source))
    how.patience(lambda: how.transform.learn(list(first.values())))
    again: list[Suspect] = []
    for place in places:
        suspect = place.suspect
        item, later = (
            None if place.source is None else rows.get(key_id(place.source)) for rows in (first, second)
        )
        if not same(item, later):
            again.append(replace(suspect, seen=None, strikes=0))
            continue
        there = held.get(key_id(place.target))
        kind = _judge(place, item, there, how)
        if kind is None:
            continue
        struck = _strike(suspect, item)
        if kind is Kind.UNMAPPED or struck.strikes >= how.probes:
            proof = _proof(place, there, how) if kind is Kind.NATIVE else None
            found(kind if proof is None else Kind.MIRRORED, suspect, proof or place.source)
        else:
            again.append(struck)
    return again


def _places(batch: Sequence[Suspect], how: Probing, found: Found) -> list[_Place]:
    """Where to look. A source key that has no target key yet is `found` at once."""
    keys = [suspect.key for suspect in batch if suspect.side is Side.SOURCE]
    how.patience(lambda: how.transform.learn(keys))
    places = _places_from_target([one for one in batch if one.side is Side.TARGET], how)
    for suspect in batch:
        if suspect.side is Side.SOURCE:
            try:
                places.append(_Place(suspect, suspect.key, how.transform.target_key(suspect.key)))
            except TransformFault as fault:
                found(Kind.UNMAPPED if fault.reason is FaultReason.UNMAPPED else Kind.REFUSED, suspect, None)
    return places


def _places_from_target(batch: Sequence[Suspect], how: Probing) -> list[_Place]:
    if not how.transform.changes_keys:
        return [_Place(suspect, suspect.key, suspect.key) for suspect in batch]
    held = how.patience(lambda: _read(how.target, [suspect.key for suspect in batch]))
    how.patience(lambda: how.transform.learn_back(list(held.values())))
    sources = [asks_for(held.get(key_id(suspect.key)), suspect.key, how) for suspect in batch]
    return [_Place(suspect, source, suspect.key) for suspect, source in zip(batch, sources, strict=True)]


def asks_for(there: Item | None, target_key: Key, how: Probing) -> Key | None:
    """The source key that the inverse gives for what the target holds under `target_key`, and that maps back
    to it; None where there is none. Raises TableFault."""
    try:
        given = None if there is None else how.patience(lambda: how.transform.source_key(there))
        if given is None:
            return None
        source_key = key_of(given, how.source.key_names)
        how.patience(lambda: how.transform.learn([source_key]))
        return source_key if how.transform.leads_to(source_key, target_key) else None
    except (TransformFault, MalformedItem):
        return None


def _strike(suspect: Suspect, item: Item | None) -> Suspect:
    seen = b"" if item is None else digest(item)
    strikes = suspect.strikes + 1 if suspect.seen == seen else 1
    return replace(suspect, seen=seen, strikes=strikes)


def _judge(place: _Place, item: Item | None, there: Item | None, how: Probing) -> Kind | None:
    """What is wrong with the target for this source item; None where nothing is."""
    try:
        wanted = None if place.source is None else how.transform.wanted(place.source, item)
    except TransformFault as fault:
        if fault.reason is not FaultReason.UNMAPPED:
            return Kind.REFUSED
        if place.suspect.side is Side.SOURCE:
            return Kind.UNMAPPED
        wanted = None
    if same(wanted, there) or _either_is_fine(item, there, how):
        return None
    if there is None:
        return Kind.MISSING
    if wanted is not None:
        return Kind.DIFFERENT
    return Kind.NATIVE


def _proof(place: _Place, there: Item | None, how: Probing) -> Key | None:
    """The source key that the user's own inverse says an extra item is of."""
    return asks_for(there, place.target, how) if how.inverse_proves else None


def _either_is_fine(item: Item | None, there: Item | None, how: Probing) -> bool:
    """An item whose time is over may be there still, or gone, on either side."""
    now = how.clock()
    if item is None:
        return there is not None and expired(there, how.ttl_attribute, now)
    return there is None and expired(item, how.ttl_attribute, now)


def _at(key: Key | None, rows: Mapping[KeyId, Item]) -> Item | None:
    return None if key is None else rows.get(key_id(key))


def _read(table: ReadableTable, keys: Sequence[Key]) -> Mapping[KeyId, Item]:
    return {identity: strip_replication(item) for identity, item in table.get(keys).items()}
