"""What a row of `TABLES` declares without code: renames, drops, and attributes that hold a sub."""

from __future__ import annotations

from typing import Any

from cutover.tables.items import REPLICATION_PREFIX
from cutover.tables.sub_paths import overlapping, parse_path, spelled

SUB = "{sub}"
"""Stands for the sub in the text of an attribute: `USER#{sub}`."""


class Refused(ValueError):
    """A field that asks for what cannot be done; the text says why."""

    def __init__(self, field: str, why: str, fix: str = "see docs/transforms.md") -> None:
        super().__init__(why)
        self.field = field
        self.fix = fix


def parse_rename(value: Any) -> tuple[tuple[str, str], ...]:
    """`{"old": "new"}`. Raises Refused."""
    if value is None:
        return ()
    if not isinstance(value, dict) or not all(_is_name(new) for new in value.values()):
        raise Refused("rename", "it is no map of names", 'write {"old name": "new name"}')
    _refuse_names("rename", [*value, *value.values()])
    new = list(value.values())
    twice = sorted({name for name in new if new.count(name) > 1})
    if twice:
        raise Refused("rename", f"two attributes would become {', '.join(twice)}")
    idle = sorted(old for old, name in value.items() if old == name)
    if idle:
        raise Refused("rename", f"{', '.join(idle)} would stay what it is", "leave it out")
    return tuple(value.items())


def parse_drop(value: Any) -> tuple[str, ...]:
    """`["name"]`. Raises Refused."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(_is_name(name) for name in value):
        raise Refused("drop", "it is no list of names", 'write ["name", "another name"]')
    _refuse_names("drop", value)
    return tuple(dict.fromkeys(value))


def parse_subs(value: Any) -> tuple[tuple[str, str], ...]:
    """`["name"]`, or `{"name": "USER#{sub}"}`; names are paths (`sub_paths`). Raises Refused."""
    if value is None:
        return ()
    if isinstance(value, list) and all(_is_name(name) for name in value):
        value = dict.fromkeys(value, SUB)
    if not isinstance(value, dict) or not all(isinstance(shape, str) for shape in value.values()):
        raise Refused(
            "subs", "it is neither a list of names nor a map", 'write ["owner"] or {"pk": "USER#{sub}"}'
        )
    _refuse_paths(list(value))
    bare = sorted(name for name, shape in value.items() if shape.count(SUB) != 1)
    if bare:
        raise Refused("subs", f"the text for {', '.join(bare)} does not hold {SUB} once")
    return tuple(value.items())


def _refuse_paths(texts: list[str]) -> None:
    _refuse_names("subs", texts)
    fix = 'write "owner.sub" or "members[].sub"; a dot or bracket of a name stands behind a backslash'
    try:
        paths = [parse_path(text) for text in texts]
    except ValueError as error:
        raise Refused("subs", str(error), fix) from None
    if found := overlapping(paths):
        inner, outer = map(spelled, reversed(found))
        raise Refused("subs", f"{outer} cannot be a sub and hold one in {inner}", fix)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _refuse_names(field: str, names: list[str]) -> None:
    if not all(_is_name(name) for name in names):
        raise Refused(field, "an attribute has no empty name")
    theirs = sorted(name for name in names if name.startswith(REPLICATION_PREFIX))
    if theirs:
        raise Refused(field, f"{', '.join(theirs)}: DynamoDB's own attribute, which is never copied")
