"""From a source item and its key to the target's, and from a target item back to its source key.

The steps of a pair, in this order (each may be left out):

1. `subs`: old subs become new ones;
2. `transform`, the user's pure function: a typed attribute map to one, or to None for an item that the target
   shall not hold. It depends on nothing but its argument: it is called again whenever an item is compared.
   The user's `key` does the same for keys; without it the transform is called with the bare key;
3. `drop`, then `rename`.

Where an item goes depends on its source key alone (and on mapping rows that never change), or a deletion
could not be found. So each item is checked to be where its bare key leads. A user's function that changes
keys needs an `inverse`: before an item of the target is overwritten or deleted, the inverse says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from cutover.errors import UsageError
from cutover.tables.items import MalformedItem, key_id, key_of, strip_replication
from cutover.tables.pairs import TablePair
from cutover.tables.ports import Item, Key
from cutover.tables.renames import Renames
from cutover.tables.subs import SubMap, Subs
from cutover.tables.target_rules import KeyTypes, TargetRules, misfits
from cutover.tables.user_functions import ItemFunction, TransformFault, broken, called, imported

__all__ = ["IDENTITY", "ItemFunction", "Transform", "TransformFault", "is_identity", "load"]

KeyNames = tuple[str, ...]


@dataclass(frozen=True)
class Transform:
    """All steps; without any, items go over as they are. Thread-safe.

    `source_keys` and `target_keys` name the key attributes of the two tables. They may be left out where no
    step can touch a key.
    """

    function: ItemFunction | None = None
    inverse: ItemFunction | None = None
    key: ItemFunction | None = None
    renames: Renames = field(default_factory=Renames)
    subs: Subs | None = None
    source_keys: KeyNames = ()
    target_keys: KeyNames = ()
    target_types: KeyTypes = ()
    """Names and types of `target_keys`: a key that a function makes is held to them."""
    source_types: KeyTypes = ()
    """Names and types of `source_keys`: an inverse that gives another key names nobody's."""

    @property
    def may_collide(self) -> bool:
        """Whether a user's function makes the keys: nothing proves then that each has a place of its own."""
        return self.inverse is not None

    @cached_property
    def changes_keys(self) -> bool:
        """Whether a target key may differ from its source key."""
        touched = {*self.renames.names, *self.renames.drop, *(self.subs.names if self.subs else ())}
        return self.may_collide or not touched.isdisjoint(self.source_keys)

    @cached_property
    def _leaves_keys_alone(self) -> bool:
        """By what is declared, so that no item needs to be looked at."""
        return self.function is None and not self.changes_keys

    def learn(self, items: Iterable[Item]) -> None:
        """Reads, in one go, what `target_key` and `wanted` need to know of these source items or keys.

        Raises TableFault.
        """
        if self.subs:
            self.subs.learn(items)

    def learn_back(self, target_items: Iterable[Item]) -> None:
        """Reads, in one go, what `source_key` needs to know of these target items or keys.

        Raises TableFault.
        """
        if self.subs and self.changes_keys:
            self.subs.learn_back(before for one in target_items if (before := self._undone(one)) is not None)

    def target_key(self, source_key: Key) -> Key:
        """Where the target keeps what the source has under `source_key`.

        Raises TransformFault; TableFault where a mapping was not learnt and cannot be read.
        """
        if not self.changes_keys:
            return source_key
        key = self.subs.forward(source_key) if self.subs else source_key
        if self.may_collide:
            key = self._key_by_function(key)
        return self._cut(self.renames.forward(key))

    def source_key(self, target_item: Item) -> Key | None:
        """The source key that a target item (or a bare target key) is of.

        None where nobody can say, or where it is the target's own item: also where the inverse gives a key
        that the source would refuse, for one such key fails the read of a whole slice. Raises TableFault
        where a mapping was not learnt and cannot be read.
        """
        if not self.changes_keys:
            return _of(target_item, self.source_keys) if self.source_keys else target_item
        before = self._undone(target_item)
        if before is not None and self.subs:
            before = self.subs.backward({name: before[name] for name in self.source_keys if name in before})
        key = None if before is None else _of(before, self.source_keys)
        return None if key is None or any(misfits(key, TargetRules(self.source_types))) else key

    def owns(self, source_key: Key, target_item: Item) -> bool:
        """Whether the inverse of what stands in the target is this source key."""
        found = self.source_key(target_item)
        return found is not None and key_id(found) == key_id(source_key)

    def leads_to(self, source_key: Key, target_key: Key) -> bool:
        """Whether this source key's item belongs under `target_key`. Raises TableFault."""
        try:
            return key_id(self.target_key(source_key)) == key_id(target_key)
        except TransformFault:
            return False

    def forward(self, item: Item) -> Item | None:
        """The target item of a source item. Raises as `target_key` does."""
        own = strip_replication(item)
        if self.subs:
            own = self.subs.forward(own)
        if self.function is None:
            result: Item | None = own if self.key is None else self._under_its_key(own)
        else:
            result = called(self.function, own)
        return None if result is None else self.renames.forward(result)

    def wanted(self, source_key: Key, item: Item | None) -> Item | None:
        """What the target shall hold for `source_key`: None is nothing. Raises as `target_key` does."""
        target = None if item is None else self.forward(item)
        if target is None or self._leaves_keys_alone:
            return target
        place = self.target_key(source_key)
        there = _of(target, place)
        if there is None or key_id(there) != key_id(place):
            raise broken(
                "changes a key attribute in another way than its bare key"
                if self.may_collide
                else "changes a key attribute: name an inverse, and it may"
            )
        return target

    def _key_by_function(self, key: Key) -> Key:
        function = self.key or self.function
        what = "the key function " if self.key else "called with the bare key, it "
        result = called(function, key, what=what) if function else None
        if result is None:
            raise broken(f"{what}gave nothing: name a key function that gives every key a place")
        return result

    def _under_its_key(self, own: Item) -> Item:
        """The item as it is, and under the key that the key function makes; nothing else is overwritten."""
        key = self._key_by_function(key_of(own, self.source_keys))
        taken = sorted(own.keys() & key.keys() - set(self.source_keys))
        if taken:
            raise broken(f"the key function makes {', '.join(taken)}, and the item has it already")
        return {**own, **key}

    def _cut(self, key: Item) -> Key:
        if not self.target_keys:
            return key
        cut = _of(key, self.target_keys)
        if cut is None:
            raise broken("the target key lacks a key attribute of the target")
        if self.may_collide:  # a key that the table does not take would fail the read of a whole slice
            for misfit in misfits(cut, TargetRules(self.target_types)):
                raise broken(f"the target's key attribute {misfit.attribute} {misfit.why}")
        return cut

    def _undone(self, target_item: Item) -> Item | None:
        """Before renames and function; None where the inverse says nothing."""
        before = self.renames.backward(strip_replication(target_item))
        if self.inverse is None:
            return before
        try:
            return called(self.inverse, before)
        except TransformFault:
            return None


IDENTITY = Transform()


def is_identity(transform: Transform) -> bool:
    """Whether every item goes over as it is."""
    steps = (transform.function, transform.inverse, transform.key, transform.subs)
    return steps == (None, None, None, None) and not transform.renames


def load(
    pair: TablePair,
    source_keys: KeyNames = (),
    target_keys: KeyNames = (),
    sub_map: SubMap | None = None,
    target_types: KeyTypes = (),
    source_types: KeyTypes = (),
) -> Transform:
    """The pair's transform between tables of these key attributes; `sub_map` is where its subs are read.

    IDENTITY where the pair asks for nothing. Raises UsageError when a function it names cannot be imported.
    """
    if pair == TablePair(pair.source, pair.target):
        return IDENTITY
    return Transform(
        function=imported(pair.transform),
        inverse=imported(pair.inverse),
        key=imported(pair.key),
        renames=Renames(dict(pair.rename), frozenset(pair.drop)),
        subs=_subs(pair, sub_map),
        source_keys=source_keys,
        target_keys=target_keys,
        target_types=target_types,
        source_types=source_types,
    )


def _subs(pair: TablePair, sub_map: SubMap | None) -> Subs | None:
    if not pair.subs:
        return None
    if sub_map is None:
        raise UsageError(
            f"the pair {pair.id} names subs, and there is no map of subs",
            fix="deploy it with the stack of the users, or give that stack's ledger in SubMapTableArn",
        )
    return Subs(pair.subs, sub_map)


def _of(item: Item, key_names: Iterable[str]) -> Key | None:
    try:
        return key_of(item, key_names)
    except MalformedItem:
        return None
