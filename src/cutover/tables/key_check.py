"""Whether the keys of two tables fit what a pair declares, before anything is copied."""

from __future__ import annotations

from collections.abc import Sequence

from cutover.errors import UsageError
from cutover.tables.pairs import TablePair
from cutover.tables.sub_paths import parse_path

KeyTypes = Sequence[tuple[str, str]]
"""Name and type (S, N or B) of the partition key and, where there is one, of the sort key."""


def check_keys(pair: TablePair, source: KeyTypes, target: KeyTypes) -> None:
    """Raises UsageError where no item of the source could stand in the target.

    What a user's function makes of a key is seen item by item; what `TABLES` declares is seen here.
    """
    _refuse_subs(pair, source)
    _refuse_lost(pair, source, target)
    if pair.inverse is not None:
        return
    _refuse_merged(pair, source)
    names = dict(pair.rename)
    expected = tuple((names.get(name, name), kind) for name, kind in source if name not in pair.drop)
    if expected != tuple(target):
        raise UsageError(
            f"the keys of {pair.source.name} and {pair.target.name} differ",
            cause=f"{dict(source)}{' (renamed)' if pair.rename else ''} and {dict(target)}",
            fix="give the target the source's partition and sort key, of the same types, or say in TABLES "
            "how the one becomes the other (rename, or a key function with an inverse)",
        )


def _refuse_subs(pair: TablePair, source: KeyTypes) -> None:
    types = dict(source)
    for text, _ in pair.subs:
        path = parse_path(text)
        if path[0] in types and (len(path) > 1 or types[path[0]] != "S"):
            raise UsageError(
                f"subs of the pair {pair.id} names {text}: the key attribute {path[0]} holds no text there",
                fix="of key attributes name those that hold a sub as a text",
            )


def _refuse_merged(pair: TablePair, source: KeyTypes) -> None:
    """What is dropped from a key leaves one place to many items, and only an inverse tells whose it is."""
    dropped = [name for name, _ in source if name in pair.drop]
    if dropped:
        raise UsageError(
            f"the pair {pair.id} drops {dropped[0]}, which tells items of {pair.source.name} apart",
            cause=f"{dropped[0]} is a key attribute there: items that differ in it alone would overwrite each"
            " other in the target, and a deletion of one would delete them all",
            fix="leave it out of drop, or give a key function with an inverse",
        )


def _refuse_lost(pair: TablePair, source: KeyTypes, target: KeyTypes) -> None:
    names, made_by_function = dict(pair.rename), pair.inverse is not None
    before = {new: old for old, new in names.items()}
    for name, _ in target:
        if before.get(name, name) in pair.drop or (name in names and name not in before):
            raise UsageError(
                f"the pair {pair.id} takes the key attribute {name} of {pair.target.name} away",
                cause="it is dropped or renamed, and every item of the target needs it",
                fix="leave it out of drop and rename",
            )
    for name, _ in source:
        if not made_by_function and name in before and name not in names and name not in pair.drop:
            raise UsageError(
                f"the pair {pair.id} renames {before[name]} to {name}, which every item has already",
                cause=f"{name} is a key attribute of {pair.source.name}",
                fix=f"rename {name} too, or choose another name",
            )
