"""What the target shall hold for some source keys, where, and whose item stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from cutover.tables.items import key_id, same
from cutover.tables.ports import FaultReason, Item, Key, KeyId
from cutover.tables.transform import Transform, TransformFault


class Do(Enum):
    """PUT replaces what is known to be this key's own; INSERT takes a place only while it is empty."""

    NOTHING = auto()
    PUT = auto()
    INSERT = auto()
    DELETE = auto()


@dataclass(frozen=True)
class Aim:
    """One source key's item in the target. `place` None: it can have none there yet, and needs none."""

    key: Key
    place: Key | None
    item: Item | None
    do: Do = Do.NOTHING


Aims = dict[KeyId, Aim]
Fault = Callable[[Key, TransformFault], None]


def aim(
    transform: Transform, keys: Mapping[KeyId, Key], seen: Mapping[KeyId, Item | None], fault: Fault
) -> Aims:
    """The aims of `keys`, whose source items are `seen`; what has none is handed to `fault`.

    Raises TableFault.
    """
    transform.learn([seen.get(identity) or key for identity, key in keys.items()])
    aims: Aims = {}
    for identity, key in keys.items():
        item = seen.get(identity)
        try:
            aims[identity] = Aim(key, transform.target_key(key), transform.wanted(key, item))
        except TransformFault as problem:
            if problem.reason is FaultReason.UNMAPPED and item is None:
                aims[identity] = Aim(key, None, None)  # a mapping never changes: nothing was ever written
            else:
                fault(key, problem)
    return aims


def places(aims: Aims) -> dict[KeyId, Key]:
    """The distinct places in the target."""
    return {key_id(one.place): one.place for one in aims.values() if one.place is not None}


def judge(transform: Transform, aims: Aims, have: Mapping[KeyId, Item], fault: Fault) -> Aims:
    """The aims with what is to be done, given what the target holds; a collision is handed to `fault`.

    Raises TableFault.
    """
    if transform.may_collide:
        transform.learn_back(have.values())
    judged: Aims = {}
    for identity, one in aims.items():
        there = None if one.place is None else have.get(key_id(one.place))
        if there is not None and transform.may_collide and not transform.owns(one.key, there):
            if one.item is not None:
                fault(
                    one.key, TransformFault(FaultReason.COLLISION, "another item stands under its target key")
                )
                continue
            judged[identity] = one  # what stands there is another's, and stays
        else:
            judged[identity] = replace(one, do=_what(one.item, there, careful=transform.may_collide))
    return judged


def _what(wanted: Item | None, there: Item | None, *, careful: bool) -> Do:
    if same(wanted, there):
        return Do.NOTHING
    if wanted is None:
        return Do.DELETE
    return Do.INSERT if careful and there is None else Do.PUT


def first_at_each_place(aims: Iterable[tuple[KeyId, Aim]]) -> Aims:
    """Of aims at one place, one: a table takes no two writes of a key in one call."""
    taken: set[KeyId] = set()
    first: Aims = {}
    for identity, one in aims:
        where = key_id(one.place or {})
        if where not in taken:
            taken.add(where)
            first[identity] = one
    return first
