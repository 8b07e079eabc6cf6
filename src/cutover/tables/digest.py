"""Sixteen bytes that stand for an item or a key: equal exactly where `items.same` says equal.

(Two different items share a digest once in 2**64 tries of somebody who looks for it, and never by chance.)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from cutover.tables.ports import Item

DIGEST_BYTES = 16


def digest(item: Item) -> bytes:
    """The digest of an item, or of a key."""
    return blake2b(_map(item), digest_size=DIGEST_BYTES).digest()


def _map(attributes: Mapping[str, Any]) -> bytes:
    return _framed(
        b"M", b"".join(_framed(b"k", _utf8(name)) + _value(attributes[name]) for name in sorted(attributes))
    )


def _value(value: Mapping[str, Any]) -> bytes:
    ((kind, content),) = value.items()
    if kind == "M":
        return _map(content)
    if kind == "L":
        return _framed(b"L", b"".join(map(_value, content)))
    if kind in {"SS", "NS", "BS"}:
        members = sorted({_scalar(kind[0], member) for member in content})
        return _framed(kind.encode(), b"".join(members))
    return _scalar(kind, content)


def _scalar(kind: str, content: Any) -> bytes:
    if kind == "S":
        return _framed(b"S", _utf8(content))
    if kind == "N":
        return _framed(b"N", _number(content).encode())
    if kind == "B":
        return _framed(b"B", bytes(content))
    return _framed(kind.encode(), b"1" if content else b"0")


def _number(text: str) -> str:
    """One spelling for each value; a Decimal's own normalising would round to its context's precision."""
    if text.isdecimal() and text.isascii() and text[0] != "0" and text[-1] != "0":
        return f"{text}E0"
    sign, digits, exponent = Decimal(text).as_tuple()
    plain = "".join(map(str, digits)).lstrip("0")
    short = plain.rstrip("0")
    if not short:
        return "0E0"
    return f"{'-' if sign else ''}{short}E{int(exponent) + len(plain) - len(short)}"


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _framed(tag: bytes, content: bytes) -> bytes:
    """Tag, length, content: no two different values have the same bytes."""
    return b"%b%d:%b" % (tag, len(content), content)
