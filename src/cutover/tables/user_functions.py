"""A user's functions: importing them, calling them, and what is wrong with an item on which one fails."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from copy import deepcopy

from cutover.errors import UsageError
from cutover.tables.items import MalformedItem, canonical, size
from cutover.tables.ports import FaultReason, Item

ItemFunction = Callable[[Item], Item | None]


class TransformFault(Exception):
    """This one item has no target item; the text names the exception or the rule, never a value."""

    def __init__(self, reason: FaultReason, detail: str, waits_for: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.waits_for = waits_for


def broken(detail: str) -> TransformFault:
    """The transform does not do for this item what a transform must."""
    return TransformFault(FaultReason.TRANSFORM, detail)


def called(function: ItemFunction, item: Item, *, what: str = "") -> Item | None:
    """The function's result, which cannot change `item`. Raises TransformFault, whatever it raised."""
    try:  # a user's function may raise anything, and then its item is put aside
        result = function(deepcopy(item))
    except (Exception, SystemExit) as error:
        raise broken(f"{what}raised {type(error).__name__}") from error
    return None if result is None else _checked(result, what)


def _checked(result: object, what: str) -> Item:
    """The result, if it can be sent as it is: names and texts in UTF-8, which a lone surrogate has not."""
    try:
        canonical(result)  # type: ignore[arg-type]
        size(result)  # type: ignore[arg-type]
    except (AttributeError, UnicodeEncodeError):
        raise broken(f"{what}gave no typed item: a name or a text is no Unicode text") from None
    except RecursionError:
        raise broken(f"{what}gave no typed item: it is nested without an end") from None
    except (MalformedItem, TypeError) as error:
        raise broken(f"{what}gave no typed item: {error}") from error
    return result  # type: ignore[return-value]


def imported(name: str | None) -> ItemFunction | None:
    """The function of a `module:function`. Raises UsageError."""
    if name is None:
        return None
    module, _, attribute = name.partition(":")
    try:
        function = getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:  # its module may raise anything too
        raise UsageError(
            f"the transform {name} cannot be imported",
            cause=f"{type(error).__name__}: {error}",
            fix="write it as module:function and deploy the module beside the functions' code",
        ) from error
    if not callable(function):
        raise UsageError(f"the transform {name} is not a function", fix="write it as module:function")
    return function  # type: ignore[no-any-return]
