"""Each table has one place among the pairs of a deployment.

As two sources or two targets it would be read or written by two pairs at once; as the source of one pair and
the target of another, what the one writes the other would carry on: a chain, or a loop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Protocol

from cutover.errors import UsageError


class Side(StrEnum):
    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True)
class Place:
    """A table as a pair names it; `region` and `account` are those of an ARN, None of a name."""

    spec: str
    name: str
    region: str | None
    account: str | None
    side: Side
    pair: str


class Home(Protocol):
    """Where the tables stand that are named without an ARN. Asked only where one might be another's ARN."""

    def region(self) -> str | None: ...

    def account(self, side: Side, /) -> str | None:
        """None where nobody knows."""


def refuse_shared(places: Sequence[Place], home: Home | None) -> None:
    """Raises UsageError."""
    by_name: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        by_name[place.name].append(place)
    for alike in by_name.values():
        for one, other in combinations(alike, 2):
            if _same(one, other, home):
                raise UsageError(
                    "a table stands twice in TABLES",
                    cause=f"{_said(one)} and {_said(other)} are one table{_chained(one, other)}",
                    fix="give each table one place; name tables of two accounts by their ARNs",
                )


def _same(one: Place, other: Place, home: Home | None) -> bool:
    """All tables of one side are reached in the same way, so a name there is in the ARN's account."""
    if one.spec == other.spec:
        return True
    named, arn = (one, other) if one.account is None else (other, one)
    if named.account is not None or arn.account is None or home is None or home.region() != arn.region:
        return False
    return named.side is arn.side or home.account(named.side) == arn.account


def _said(place: Place) -> str:
    return f"{place.spec} (the {place.side} of {place.pair})"


def _chained(one: Place, other: Place) -> str:
    if one.side is other.side or one.pair == other.pair:
        return ""
    return ": what is written there for the one pair would be mirrored by the other"
