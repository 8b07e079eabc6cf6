"""What stands for an item or a key: equal exactly where `items.same` says equal.

The canonical text of an item is what is digested. It can be read back in one way only: every name, text and
number is preceded by its length, every list, set and map by its count.

    map    M<count>:  and for each attribute, by name: <length>:<name> and its value
    list   L<count>:  and its values             set  SS<count>: (NS, BS)  and its distinct members, sorted
    text   S<length>:<text>                      number  N<length>:<digits>E<exponent>, no zeros at the end
    binary B<length>:<hex>                       BOOL1 BOOL0 NULL1

`digest` are 16 bytes of BLAKE2b, for comparing while a verify runs. (Two different items share a digest once
in 2**64 tries of somebody who looks for it, and never by chance.) `long_digest` is SHA-256, for certificates.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from hashlib import blake2b, sha256
from typing import Any

from cutover.tables.ports import Item

DIGEST_BYTES = 16
LONG_BYTES = 32


def digest(item: Item) -> bytes:
    """The digest of an item, or of a key."""
    return blake2b(canonical_bytes(item), digest_size=DIGEST_BYTES).digest()


def long_digest(item: Item) -> bytes:
    return sha256(canonical_bytes(item)).digest()


def canonical_bytes(item: Item) -> bytes:
    """The canonical text of an item or a key in UTF-8."""
    return _map(item).encode("utf-8", "surrogatepass")


def _map(attributes: Mapping[str, Any]) -> str:
    parts = [f"M{len(attributes)}:"]
    for name in sorted(attributes):
        for kind, content in attributes[name].items():
            if kind == "S":
                parts.append(f"{len(name)}:{name}S{len(content)}:{content}")
            else:
                parts.append(f"{len(name)}:{name}{_value(kind, content)}")
    return "".join(parts)


def _value(kind: str, content: Any) -> str:
    if kind == "M":
        return _map(content)
    if kind == "L":
        members = [_value(*one) for value in content for one in value.items()]
        return f"L{len(members)}:{''.join(members)}"
    if kind in {"SS", "NS", "BS"}:
        distinct = sorted({_scalar(kind[0], member) for member in content})
        return f"{kind}{len(distinct)}:{''.join(distinct)}"
    return _scalar(kind, content)


def _scalar(kind: str, content: Any) -> str:
    if kind == "S":
        return f"S{len(content)}:{content}"
    if kind == "N":
        number = _number(content)
        return f"N{len(number)}:{number}"
    if kind == "B":
        text = bytes(content).hex()
        return f"B{len(text)}:{text}"
    return f"{kind}1" if content else f"{kind}0"


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
