"""What the target shall hold for some source keys, where, and whose item stands there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

from cutover.tables.items import key_id, same
from cutover.tables.ports import PLACELESS, FaultReason, Item, Key, KeyId
from cutover.tables.transform import Transform, TransformFault


class Aim(NamedTuple):
    """One source key's item in the target. `place` None: it can have none there yet, and needs none.

    `there` is what was seen at the place; `right` says that nothing is to be done about it.
    """

    key: Key
    place: Key | None
    item: Item | None
    there: Item | None = None
    right: bool = True


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
            if problem.reason in PLACELESS and item is None:
                aims[identity] = Aim(key, None, None)
            else:
                fault(key, problem)
    return aims


def places(aims: Aims) -> dict[KeyId, Key]:
    """The distinct places in the target."""
    return {key_id(one.place): one.place for one in aims.values() if one.place is not None}


def to_put(aims: Aims, keys: Set[KeyId]) -> Aims:
    """Those of `keys` that have an item, as if nothing were known of their places."""
    return {k: one._replace(right=False) for k, one in aims.items() if k in keys and one.item is not None}


def judge(transform: Transform, aims: Aims, have: Mapping[KeyId, Item], fault: Fault) -> Aims:
    """The aims beside what the target holds; a collision is handed to `fault`. Raises TableFault."""
    if transform.may_collide:
        transform.learn_back(have.values())
    judged: Aims = {}
    for identity, one in aims.items():
        there = None if one.place is None else have.get(key_id(one.place))
        if there is None or not transform.may_collide or transform.owns(one.key, there):
            judged[identity] = Aim(one.key, one.place, one.item, there, same(one.item, there))
        elif one.item is None:
            judged[identity] = one  # what stands there is another's, and stays
        else:
            fault(
                one.key,
                TransformFault(FaultReason.COLLISION, "another item stands under its target key"),
            )
    return judged


def first_at_each_place(aims: Aims) -> Aims:
    """Of aims at one place, one: a table takes no two writes of a key in one call."""
    first: dict[KeyId, KeyId] = {}
    for identity, one in aims.items():
        first.setdefault(key_id(one.place or {}), identity)
    return {identity: aims[identity] for identity in first.values()}
