"""Old subs in a source item become the new subs that the ledger has for them.

A mapping counts when it can never change: its user came over, to one user of the new pool, and was never
released from that one. Whose user has not come over waits (`unmapped`); nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from cutover.tables.learnt import Learnt
from cutover.tables.pair_fields import SUB
from cutover.tables.ports import AttributeValue, FaultReason, Item
from cutover.tables.user_functions import TransformFault, broken

CHANGED = ""
"""In the place of a new sub: items may stand under another, so nobody can say where this user's belong."""

_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
"""A sub is a UUID; any other text is no user's.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html"""


class SubMap(Protocol):
    """The ledger's map of subs, one to one. Both raise TableFault, and leave out what they do not know."""

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        """By old sub; `CHANGED` where a user has had more than one new sub."""

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        """By new sub."""


@dataclass(frozen=True)
class _Place:
    """An attribute and the text around its sub."""

    name: str
    pattern: re.Pattern[str]
    shape: str

    def subs_of(self, value: AttributeValue) -> list[str]:
        """Of what holds no text, none."""
        texts = [value["S"]] if "S" in value else value.get("SS", ())
        return [match[1] for text in texts if (match := self.pattern.fullmatch(text))]

    def replaced(self, value: AttributeValue, other: Callable[[str], str]) -> AttributeValue:
        def one(text: str) -> str:
            match = self.pattern.fullmatch(text)
            return self.shape.replace(SUB, other(match[1])) if match else text

        if "SS" in value:
            return {"SS": [one(text) for text in value["SS"]]}
        if "S" in value:
            return {"S": one(value["S"])}
        if "NULL" in value:
            return value
        kind = next(iter(value), "")
        raise broken(f"subs: {self.name} is of type {kind}, and a sub stands in a text or a set of texts")


class Subs:
    """The attributes of one pair that hold a sub: top-level texts, or sets of texts. Thread-safe."""

    def __init__(self, attributes: Iterable[tuple[str, str]], sub_map: SubMap) -> None:
        self._places = {name: _place(name, shape) for name, shape in attributes}
        self._new = Learnt(sub_map.new_subs, keep=lambda new: new != CHANGED)
        self._old = Learnt(sub_map.old_subs)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._places)

    def learn(self, items: Iterable[Item]) -> None:
        """Reads in one go what `forward` needs for these source items or keys. Raises TableFault."""
        found = self._new.learn(self._held(items))
        self._old.keep({new: old for old, new in found.items() if new != CHANGED})

    def learn_back(self, items: Iterable[Item]) -> None:
        """Reads in one go what `backward` needs. Raises TableFault."""
        self._old.learn(self._held(items))

    def forward(self, item: Item) -> Item:
        """Raises TransformFault; TableFault where something was not learnt and cannot be read."""
        return self._through(item, self._new_sub)

    def backward(self, item: Item) -> Item | None:
        """None where a sub is no migrated user's: the item is the target's own. Raises as `forward`."""
        try:
            return self._through(item, self._old_sub)
        except (_Native, TransformFault):
            return None

    def _through(self, item: Item, other: Callable[[str], str]) -> Item:
        mine = {name: place for name, place in self._places.items() if name in item}
        return {**item, **{name: place.replaced(item[name], other) for name, place in mine.items()}}

    def _held(self, items: Iterable[Item]) -> set[str]:
        mine = ((place, item[name]) for item in items for name, place in self._places.items() if name in item)
        return {sub for place, value in mine for sub in place.subs_of(value)}

    def _new_sub(self, old: str) -> str:
        new = self._new.get(old)
        if new is None:
            raise TransformFault(FaultReason.UNMAPPED, "its user has not come over yet", waits_for=old)
        if new == CHANGED:
            raise broken("its user was released after coming over: the sub has changed since")
        return new

    def _old_sub(self, new: str) -> str:
        old = self._old.get(new)
        if old is None:
            raise _Native
        return old


class _Native(Exception):
    """A sub of the new pool that no old user became."""


def _place(name: str, shape: str) -> _Place:
    before, after = (re.escape(part) for part in shape.split(SUB))
    return _Place(name, re.compile(f"{before}({_UUID}){after}", re.DOTALL), shape)
