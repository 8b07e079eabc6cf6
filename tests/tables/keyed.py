"""Transforms that change keys, as a user would write them, and a map of subs in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cutover.tables.ports import Item, Key, TableFault
from cutover.tables.renames import Renames
from cutover.tables.subs import Subs
from cutover.tables.transform import Transform


def sub(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012x}"


def user(n: int) -> dict[str, str]:
    return {"S": sub(n)}


class FakeSubMap:
    """`pairs` maps old to new; `reads` are the calls so far, `fault` makes it unreadable."""

    def __init__(self, pairs: Mapping[str, str] | None = None) -> None:
        self.pairs = dict(pairs or {})
        self.reads: list[set[str]] = []
        self.fault = ""

    def new_subs(self, old_subs: Collection[str]) -> Mapping[str, str]:
        self._read(old_subs)
        return {old: self.pairs[old] for old in old_subs if old in self.pairs}

    def old_subs(self, new_subs: Collection[str]) -> Mapping[str, str]:
        self._read(new_subs)
        return {new: old for old, new in self.pairs.items() if new in new_subs}

    def _read(self, subs: Collection[str]) -> None:
        if self.fault:
            raise TableFault("ledger", self.fault)
        self.reads.append(set(subs))


def first_letter(key: Key) -> Item:
    """Not injective: every key of one first letter has one place."""
    return {"p": {"S": key["k"]["S"][:1]}}


def who(target: Item) -> Item | None:
    """The source key, which the target item keeps; None of a bare key or of an item that is not ours."""
    return {"k": target["from"]} if "from" in target else None


def lettered(item: Item) -> Item:
    """Raises for the value `!`."""
    if item.get("v") == {"S": "!"}:
        raise ValueError("!")
    rest: dict[str, Any] = {name: value for name, value in item.items() if name != "k"}
    return {**rest, **first_letter(item), "from": item["k"]}


COLLIDING = Transform(lettered, who, first_letter, source_keys=("k",), target_keys=("p",))


def re_keyed(sub_map: FakeSubMap, *names: str, shape: str = "{sub}", **more: Any) -> Transform:
    """Of a table with the key `k`."""
    options: dict[str, Any] = {"source_keys": ("k",), "target_keys": ("k",), **more}
    return Transform(subs=Subs([(name, shape) for name in names], sub_map), **options)


def renamed(names: Mapping[str, str], *drop: str, **more: Any) -> Transform:
    options: dict[str, Any] = {"source_keys": ("k",), "target_keys": ("k",), **more}
    return Transform(renames=Renames(names, frozenset(drop)), **options)
