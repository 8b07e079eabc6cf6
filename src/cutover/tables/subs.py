"""Old subs in a source item become the new subs that the ledger has for them.

A mapping counts when it can never change: its user came over, to one user of the new pool, and was never
released from that one. Whose user has not come over waits (`unmapped`); nothing is guessed.

A sub that is a new one already is not left as it is (`new_sub`): the item of its old sub goes to the same
place, and the deletion of either would take the other's. It waits for no user: those who do are others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from cutover.tables.learnt import Learnt
from cutover.tables.pair_fields import SUB
from cutover.tables.ports import FaultReason, Item
from cutover.tables.sub_paths import Elsewhere, Path, parse_path, texts_at, with_texts
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
    """Where subs stand, and the text around each."""

    path: Path
    pattern: re.Pattern[str]
    shape: str

    def subs_of(self, item: Item) -> Iterator[str]:
        """Where the item has something else there, none."""
        for text in texts_at({"M": item}, self.path):
            if match := self.pattern.fullmatch(text):
                yield match[1]

    def replaced(self, item: Item, other: Callable[[str], str]) -> Item:
        def one(text: str) -> str:
            match = self.pattern.fullmatch(text)
            return self.shape.replace(SUB, other(match[1])) if match else text

        try:
            replaced: Item = with_texts({"M": item}, self.path, one)["M"]
        except Elsewhere as elsewhere:
            raise broken(f"subs: {elsewhere}") from None
        return replaced


class Subs:
    """The places of one pair that hold a sub: texts, or sets of texts, at any depth. Thread-safe."""

    def __init__(self, attributes: Iterable[tuple[str, str]], sub_map: SubMap) -> None:
        self._places = [_place(path, shape) for path, shape in attributes]
        self._new = Learnt(sub_map.new_subs, keep=lambda new: new != CHANGED)
        self._old = Learnt(sub_map.old_subs)

    @property
    def names(self) -> frozenset[str]:
        """The attributes that are changed, whole or within."""
        return frozenset(str(place.path[0]) for place in self._places)

    def learn(self, items: Iterable[Item]) -> None:
        """Reads in one go what `forward` needs for these source items or keys. Raises TableFault."""
        held = self._held(items)
        found = self._new.learn(held)
        if unknown := held - found.keys():
            self._old.learn(unknown)
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
        for place in self._places:
            item = place.replaced(item, other)
        return item

    def _held(self, items: Iterable[Item]) -> set[str]:
        return {sub for item in items for place in self._places for sub in place.subs_of(item)}

    def _new_sub(self, old: str) -> str:
        new = self._new.get(old)
        if new is None and self._old.get(old) is not None:
            raise TransformFault(FaultReason.NEW_SUB, "it holds a new sub where the old one belongs")
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


def _place(path: str, shape: str) -> _Place:
    before, after = (re.escape(part) for part in shape.split(SUB))
    return _Place(parse_path(path), re.compile(f"{before}({_UUID}){after}", re.DOTALL), shape)
