"""The user's pure function between a source item and its target item.

It is named `module:function` in `TABLES`, takes a typed attribute map and gives one, or None for an item
that the target shall not hold. It must depend on nothing but its argument: it is called again for the same
item whenever that item is compared. The target's key is the source's key: a transform that changes a key
attribute is refused item by item, because a deletion could not be found under the new key.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass

from cutover.errors import UsageError
from cutover.tables.items import MalformedItem, canonical, key_id, key_of, size, strip_replication
from cutover.tables.pairs import TablePair
from cutover.tables.ports import FaultReason, Item, Key

ItemFunction = Callable[[Item], Item | None]


class TransformFault(Exception):
    """This one item has no target item; the text names the exception or the rule, never a value."""

    def __init__(self, reason: FaultReason, detail: str, waits_for: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.waits_for = waits_for


@dataclass(frozen=True)
class Transform:
    """`function` None hands items over as they are; `inverse` maps a target item back where one is named."""

    function: ItemFunction | None = None
    inverse: ItemFunction | None = None

    @property
    def changes_keys(self) -> bool:
        """Whether a target key may differ from its source key."""
        return False

    def learn(self, items: Iterable[Item]) -> None:
        """Reads, in one go, what `target_key` and `wanted` need to know of these source items or keys.

        Raises TableFault.
        """

    def target_key(self, source_key: Key) -> Key:
        """Where the target keeps what the source has under `source_key`. Raises TransformFault."""
        return source_key

    def source_key(self, target_item: Item) -> Key | None:
        """The source key that a target item (or a bare target key) is of; None where nobody can say."""
        return target_item if self.inverse is None and self.function is None else None

    def forward(self, item: Item) -> Item | None:
        """The target item of a source item. Raises TransformFault, whatever the user's function raised."""
        own = strip_replication(item)
        if self.function is None:
            return own
        try:  # a user's function may raise anything, and then its item is parked
            result = self.function(deepcopy(own))
        except Exception as error:
            raise TransformFault(FaultReason.TRANSFORM, f"raised {type(error).__name__}") from error
        return None if result is None else _checked(result)

    def wanted(self, source_key: Key, item: Item | None) -> Item | None:
        """What the target shall hold for `source_key`: None is nothing. Raises TransformFault."""
        target = None if item is None else self.forward(item)
        if target is not None and not _is_under(self.target_key(source_key), target):
            raise TransformFault(FaultReason.TRANSFORM, "changes a key attribute")
        return target


IDENTITY = Transform()


def load(pair: TablePair) -> Transform:
    """The pair's transform. Raises UsageError when a function it names cannot be imported."""
    if pair.transform is None and pair.inverse is None:
        return IDENTITY
    return Transform(_function(pair.transform), _function(pair.inverse))


def _checked(result: object) -> Item:
    """The result, if it can be sent as it is: names and texts in UTF-8, which a lone surrogate has not."""
    try:
        canonical(result)  # type: ignore[arg-type]
        size(result)  # type: ignore[arg-type]
    except (AttributeError, UnicodeEncodeError):
        raise TransformFault(
            FaultReason.TRANSFORM, "gave no typed item: a name or a text is no Unicode text"
        ) from None
    except (MalformedItem, TypeError) as error:
        raise TransformFault(FaultReason.TRANSFORM, f"gave no typed item: {error}") from error
    return result  # type: ignore[return-value]


def _is_under(key: Key, item: Item) -> bool:
    try:
        return key_id(key_of(item, key)) == key_id(key)
    except MalformedItem:
        return False


def _function(name: str | None) -> ItemFunction | None:
    if name is None:
        return None
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError, SyntaxError) as error:
        raise UsageError(
            f"the transform {name} cannot be imported",
            cause=f"{type(error).__name__}: {error}",
            fix="write it as module:function and deploy the module beside the functions' code",
        ) from error
    if not callable(function):
        raise UsageError(f"the transform {name} is not a function", fix="write it as module:function")
    return function  # type: ignore[no-any-return]
