"""Drops and renames of top-level attributes, as `TABLES` declares them: first the drops, then the renames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cutover.tables.ports import Item
from cutover.tables.user_functions import broken


@dataclass(frozen=True)
class Renames:
    """`names` maps old to new; all at once, so that two attributes can change places."""

    names: Mapping[str, str] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names or self.drop)

    def forward(self, item: Item) -> Item:
        """Raises TransformFault where a new name is taken: nothing is overwritten."""
        if not self:
            return item
        left = {name: value for name, value in item.items() if name not in self.drop}
        renamed = {self.names.get(name, name): value for name, value in left.items()}
        if len(renamed) < len(left):
            moved = [new for old, new in self.names.items() if old in left and new in left]
            taken = ", ".join(sorted(new for new in moved if new not in self.names))
            raise broken(f"rename: the item has an attribute {taken} already")
        return renamed

    def backward(self, item: Item) -> Item:
        """What was given to `forward`, without what was dropped."""
        old_names = {new: old for old, new in self.names.items()}
        kept = {name: value for name, value in item.items() if name not in old_names}
        return {**kept, **{old_names[name]: value for name, value in item.items() if name in old_names}}
