"""One item before and after its transform, side by side. Values are the user's data, shown as asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from rich.table import Table
from rich.text import Text

from cutover.tables.items import same, size, to_json
from cutover.tables.ports import Item
from cutover.tables.target_rules import TargetRules
from cutover.tables.trials import Problem, Tally, Trial

LONGEST = 300
"""Characters of a value on the screen; JSON has all of it."""


class Shown(StrEnum):
    """How much of the items: everything, the keys alone, or types and sizes in the place of values."""

    VALUES = "values"
    KEYS = "keys"
    MASKED = "masked"


def item_view(trial: Trial, rules: TargetRules, shown: Shown) -> dict[str, Any]:
    """For JSON. Binary is base64 text; masked, a value is its type and bytes."""
    spell = _masked if shown is Shown.MASKED else to_json
    before, after = _parts(trial, rules, shown)
    return {
        "before": spell(before),
        "after": None if after is None else spell(after),
        "dropped": trial.dropped,
        "moves": trial.moves,
        "problems": [{"problem": kind.value, "detail": detail} for kind, detail in trial.problems],
    }


def item_table(number: int, trial: Trial, rules: TargetRules, shown: Shown) -> Table:
    """For the terminal; what did not change is `=`, what is not there `-`."""
    before, after = _parts(trial, rules, shown)
    table = Table(title=Text(f"{number}: {_outcome(trial)}"), title_justify="left", show_lines=False)
    for name in ("attribute", "before", "after"):
        table.add_column(name, overflow="fold")
    for name in (*before, *(name for name in after or {} if name not in before)):
        old, new = _cell(before, name, shown), _cell(after or {}, name, shown)
        equal = (
            name in before and name in (after or {}) and same({"": before[name]}, {"": (after or {})[name]})
        )
        table.add_row(Text(_visible(name)), Text(old), Text("=" if equal else new))
    return table


def summary(pair_id: str, count: Tally) -> Text:
    """What became of all of them."""
    first = (
        f"{pair_id}: {count.items:,} items; {count.changed:,} changed, {count.moved:,} under another key, "
        f"{count.dropped:,} left out, {count.faulty:,} with a problem; "
        f"largest {count.largest_before:,} bytes before, {count.largest_after:,} after"
    )
    lines = [first]
    for kind in Problem:
        for detail, items in sorted(count.of(kind).items()):
            lines.append(f"  {kind.value}{': ' if detail else ''}{_visible(detail)}: {items:,}")
    return Text("\n".join(lines))


def _parts(trial: Trial, rules: TargetRules, shown: Shown) -> tuple[Item, Item | None]:
    if shown is not Shown.KEYS:
        return trial.before, trial.after
    after = trial.after
    return trial.key, after and {name: after[name] for name in rules.key_names if name in after}


def _outcome(trial: Trial) -> str:
    if trial.dropped:
        return "left out"
    found = [f"{kind.value}{': ' if detail else ''}{_visible(detail)}" for kind, detail in trial.problems]
    if found:
        return "; ".join(found)
    return "goes over under another key" if trial.moves else "goes over"


def _cell(item: Mapping[str, Any], name: str, shown: Shown) -> str:
    if name not in item:
        return "-"
    if shown is Shown.MASKED:
        masked = _masked({name: item[name]})[name]
        return f"{masked['type']}, {masked['bytes']:,} bytes"
    text = _visible(json.dumps(to_json({name: item[name]})[name], ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _masked(item: Item) -> dict[str, Any]:
    return {
        name: {"type": next(iter(value)), "bytes": size({name: value}) - len(name.encode())}
        for name, value in item.items()
    }


def _visible(text: str) -> str:
    """Without what a terminal would obey instead of showing: controls, and marks that turn the direction."""
    return "".join(_printable(text))


def _printable(text: str) -> Iterator[str]:
    for character in text:
        yield character if character.isprintable() else ascii(character)[1:-1]
