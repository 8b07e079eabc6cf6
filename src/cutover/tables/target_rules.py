"""What a target table asks of an item's keys: an index of its own may refuse what the source took.

A put fails as a whole where one attribute that is a key of the table or of an index has the wrong type, is
empty or is too long; where an index's key is absent the item merely stays out of that index:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from cutover.tables.ports import AttributeValue, Item

LARGEST_ITEM = 400 * 1024
"""Bytes, names included."""
LONGEST_KEY = (2048, 1024)
"""Bytes of a partition key's value and of a sort key's."""
DIGITS, EXPONENTS = 38, (-130, 125)
"""Of a number: significant digits, and the powers of ten of the smallest and the largest."""

KeyTypes = tuple[tuple[str, str], ...]
"""(attribute, type S, N or B), the partition key first."""


@dataclass(frozen=True)
class IndexRule:
    """A secondary index. `local` shares the table's partition key, and with it the 10 GB of a collection."""

    name: str
    keys: KeyTypes
    local: bool = False


@dataclass(frozen=True)
class TargetRules:
    keys: KeyTypes
    indexes: tuple[IndexRule, ...] = ()

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.keys)


@dataclass(frozen=True)
class KeyMisfit:
    """`index` is empty for the table's own key; `why` names types and limits, never a value."""

    index: str
    attribute: str
    why: str


def misfits(item: Item, rules: TargetRules) -> Iterator[KeyMisfit]:
    """Why the table would refuse `item` (typed well) for its keys; nothing where it would not."""
    for place, (name, kind) in enumerate(rules.keys):
        why = "is missing" if name not in item else unfit(item[name], kind, LONGEST_KEY[place])
        if why:
            yield KeyMisfit("", name, why)
    for index in rules.indexes:
        for place, (name, kind) in enumerate(index.keys):
            if name in rules.key_names or name not in item:
                continue
            why = unfit(item[name], kind, LONGEST_KEY[place])
            if why:
                yield KeyMisfit(index.name, name, why)


def unfit(value: AttributeValue, kind: str, longest: int) -> str:
    """Why `value` (typed well) is no key attribute of type `kind` and of at most `longest` bytes."""
    ((found, content),) = value.items()
    if found != kind:
        return f"is of type {found}, not {kind}"
    if kind == "N":
        return _unfit_number(Decimal(content))
    length = len(content.encode() if kind == "S" else content)
    if not length:
        return "is empty"
    return f"is longer than {longest} bytes" if length > longest else ""


def _unfit_number(number: Decimal) -> str:
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > DIGITS:
        return f"has more than {DIGITS} digits"
    least, most = EXPONENTS
    return "is too large or too small" if number and not least <= number.adjusted() <= most else ""
