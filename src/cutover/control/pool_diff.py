"""Two descriptions of a pool, compared leaf by leaf."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VOLATILE = frozenset(
    {"LastModifiedDate", "EstimatedNumberOfUsers", "EmailConfigurationFailure", "SmsConfigurationFailure"}
)
"""What changes in a description without anybody changing a setting."""


@dataclass(frozen=True)
class Change:
    """One leaf that differs; None stands for a setting that is not there."""

    path: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        return {"path": self.path, "before": self.before, "after": self.after}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], *, ignore: frozenset[str] = frozenset()
) -> tuple[Change, ...]:
    """The leaves that differ, by path. Empty maps, lists and texts count as absent; lists have no order.

    `ignore` holds paths; what stands below one is ignored with it.
    """
    old, new = leaves(before), leaves(after)
    skipped = ignore | VOLATILE
    return tuple(
        Change(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path) and not is_below(path, skipped)
    )


def leaves(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Every set leaf by its dotted path; a list is one leaf, but the schema is one entry an attribute."""
    return dict(_leaves("", settings))


def is_below(path: str, parents: frozenset[str]) -> bool:
    return any(path == parent or path.startswith(f"{parent}.") for parent in parents)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if path == "SchemaAttributes":
        value = {attribute["Name"]: attribute for attribute in value}
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if value:
            yield path, sorted(value, key=_canonical)
    elif value is not None and value != "":
        yield path, value


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
