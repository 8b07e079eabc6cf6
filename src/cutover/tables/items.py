"""Items as DynamoDB types them: when two are equal, what identifies a key, how they travel as JSON.

Equal is what DynamoDB itself cannot tell apart: numbers by value (`1`, `1.0`, `1E0`), sets and maps without
order, lists in order; an absent attribute, a NULL and an empty string are three different things.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cutover.tables.ports import Item, Key, KeyId
from cutover.tables.sizes import size

__all__ = [
    "MalformedItem",
    "canonical",
    "from_json",
    "from_lambda",
    "key_id",
    "key_of",
    "same",
    "size",
    "strip_replication",
    "to_json",
]

REPLICATION_PREFIX = "aws:rep:"
"""Attributes that global tables of version 2017.11.29 keep in the items of their replicas.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables.V1.html
"""


class MalformedItem(ValueError):
    """Not a typed attribute map. The text names attributes and types, never a value."""


def canonical(item: Item | None) -> Hashable:
    """A hashable form: equal for two items exactly when they are the same item. None (no item) stays None.

    Raises MalformedItem.
    """
    return None if item is None else _map(item)


def same(a: Item | None, b: Item | None) -> bool:
    """Whether both are the same item, or both absent. Raises MalformedItem for what differs and is none."""
    if a is None or b is None:
        return a is b
    return a == b or (a.keys() == b.keys() and canonical(a) == canonical(b))


def key_id(key: Key) -> KeyId:
    """What identifies a key, whatever spelling its numbers have. Raises MalformedItem."""
    plain = []
    for name, value in key.items() if type(key) is dict else ():
        if type(value) is not dict or len(value) != 1 or type(content := value.get("S")) is not str:
            return _map(key)
        plain.append((name, ("S", content)))
    return frozenset(plain) if plain else _map(key)


def key_of(item: Item, key_names: Iterable[str]) -> Key:
    """The key attributes of an item. Raises MalformedItem when one is missing."""
    try:
        return {name: item[name] for name in key_names}
    except KeyError as missing:
        raise MalformedItem(f"the item has no key attribute {missing}") from None


def strip_replication(item: Item) -> Item:
    """The item without what DynamoDB's own replication added to it."""
    return {name: value for name, value in item.items() if not name.startswith(REPLICATION_PREFIX)}


def to_json(item: Item) -> dict[str, Any]:
    """The item for JSON: binary as base64 text, all else as it is. Raises MalformedItem."""
    return _convert_map(item, _ENCODED)


def from_json(obj: Mapping[str, Any]) -> dict[str, Any]:
    """The item that `to_json` was given. Raises MalformedItem for anything that is not one."""
    return _convert_map(obj, _DECODED)


def from_lambda(image: Mapping[str, Any]) -> dict[str, Any]:
    """A key or an image of a Lambda stream event, whose binary is base64 text at any depth (keys included).

    Handing that text on to the SDK would encode it a second time without a word.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_AttributeValue.html.
    Raises MalformedItem.
    """
    return from_json(image)


def _typed(value: Any) -> tuple[str, Any]:
    if not (type(value) is dict or isinstance(value, Mapping)) or len(value) != 1:
        raise MalformedItem("an attribute value is a map of one type to its value")
    ((kind, content),) = value.items()
    return kind, content


def _map(attributes: Mapping[str, Any]) -> Hashable:
    if not (type(attributes) is dict or isinstance(attributes, Mapping)):
        raise MalformedItem(f"a map of attributes is wanted, not a {type(attributes).__name__}")
    return frozenset((name, _value(value)) for name, value in attributes.items())


def _value(value: Any) -> Hashable:
    kind, content = _typed(value)
    try:
        return kind, _CANONICAL[kind](content)
    except KeyError:
        raise MalformedItem("an attribute value has a type that DynamoDB has not") from None


def _text(content: Any) -> str:
    if not isinstance(content, str):
        raise MalformedItem(f"S holds a {type(content).__name__}")
    return content


def _number(content: Any) -> Decimal:
    if not isinstance(content, str):
        raise MalformedItem(f"N is written as text, not as a {type(content).__name__}")
    try:
        number = Decimal(content)
    except InvalidOperation:
        raise MalformedItem("N holds no number") from None
    if (
        "_" in content or content != content.strip() or not content.isascii()
    ):  # Python's own: DynamoDB reads no number in it
        raise MalformedItem("N holds no number")
    if not number.is_finite():
        raise MalformedItem("N holds no finite number")
    return number


def _bytes(content: Any) -> bytes:
    if not isinstance(content, bytes | bytearray):
        raise MalformedItem(f"B holds a {type(content).__name__}")
    return bytes(content)


def _flag(content: Any) -> bool:
    if not isinstance(content, bool):
        raise MalformedItem(f"BOOL or NULL holds a {type(content).__name__}")
    return content


def _list(content: Any) -> Hashable:
    return tuple(_value(value) for value in _members(content))


def _set_of(member: Callable[[Any], Hashable]) -> Callable[[Any], Hashable]:
    return lambda content: frozenset(member(value) for value in _members(content))


def _members(content: Any) -> Iterable[Any]:
    if not isinstance(content, list | tuple | set | frozenset):
        raise MalformedItem(f"a list or a set holds a {type(content).__name__}")
    return content


_CANONICAL: dict[str, Callable[[Any], Hashable]] = {
    "S": _text,
    "N": _number,
    "B": _bytes,
    "BOOL": _flag,
    "NULL": _flag,
    "SS": _set_of(_text),
    "NS": _set_of(_number),
    "BS": _set_of(_bytes),
    "L": _list,
    "M": _map,
}


_Conversions = Mapping[str, Callable[[Any], Any]]


def _convert(value: Any, conversions: _Conversions) -> dict[str, Any]:
    """The attribute value with the conversion of its type done to what it holds, at any depth."""
    if type(value) is dict and len(value) == 1 and type(text := value.get("S")) is str:
        return {"S": text}
    kind, content = _typed(value)
    if kind == "L":
        return {kind: [_convert(member, conversions) for member in _members(content)]}
    if kind == "M":
        return {kind: _convert_map(content, conversions)}
    try:
        return {kind: conversions[kind](content)}
    except KeyError:
        raise MalformedItem("an attribute value has a type that DynamoDB has not") from None


def _convert_map(attributes: Any, conversions: _Conversions) -> dict[str, Any]:
    if not (type(attributes) is dict or isinstance(attributes, Mapping)):
        raise MalformedItem(f"a map of attributes is wanted, not a {type(attributes).__name__}")
    return {name: _convert(value, conversions) for name, value in attributes.items()}


def _checked(canonical_form: Callable[[Any], Hashable]) -> Callable[[Any], Any]:
    """The content as it is, once it has been seen to be of its type."""

    def check(content: Any) -> Any:
        canonical_form(content)
        return content

    return check


def _each(member: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda content: [member(value) for value in _members(content)]


def _encode(content: Any) -> str:
    return base64.b64encode(_bytes(content)).decode("ascii")


def _decode(content: Any) -> bytes:
    if not isinstance(content, str):
        raise MalformedItem(f"binary in JSON is base64 text, not a {type(content).__name__}")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedItem("binary in JSON is not base64") from None


_DECODED: _Conversions = {
    **{kind: _checked(_CANONICAL[kind]) for kind in ("S", "N", "BOOL", "NULL", "SS", "NS")},
    "B": _decode,
    "BS": _each(_decode),
}
_ENCODED: _Conversions = {
    **{kind: lambda content: content for kind in ("S", "N", "BOOL", "NULL", "SS", "NS")},
    "B": _encode,
    "BS": _each(_encode),
}
