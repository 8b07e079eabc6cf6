"""Filter criteria: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_MISSING = object()


def admits(patterns: Sequence[str], record: Mapping[str, Any]) -> bool:
    """Whether any pattern matches; no pattern admits everything."""
    return not patterns or any(_matches(json.loads(pattern), record) for pattern in patterns)


def _matches(pattern: Mapping[str, Any], value: Any) -> bool:
    if "$or" in pattern:
        rest = {name: part for name, part in pattern.items() if name != "$or"}
        return any(_matches({**rest, **choice}, value) for choice in pattern["$or"])
    return all(_matches_part(part, _member(value, name)) for name, part in pattern.items())


def _member(value: Any, name: str) -> Any:
    return value.get(name, _MISSING) if isinstance(value, Mapping) else _MISSING


def _matches_part(part: Any, value: Any) -> bool:
    if isinstance(part, Mapping):
        return _matches(part, value)
    values = value if isinstance(value, list) else [value]
    return any(_matches_rule(rule, one) for rule in part for one in values)


def _matches_rule(rule: Any, value: Any) -> bool:
    if not isinstance(rule, Mapping):
        return bool(value == rule)
    name, wanted = next(iter(rule.items()))
    if name == "exists":
        return (value is not _MISSING) is bool(wanted)
    if value is _MISSING:
        return False
    return _compare(name, wanted, value)


def _compare(name: str, wanted: Any, value: Any) -> bool:
    if name == "prefix":
        return str(value).startswith(wanted)
    if name == "suffix":
        return str(value).endswith(wanted)
    if name == "equals-ignore-case":
        return str(value).lower() == str(wanted).lower()
    if name == "anything-but":
        return value not in (wanted if isinstance(wanted, list) else [wanted])
    if name == "numeric":
        return _numeric(wanted, value)
    raise ValueError(f"the filter rule {name} is not played here")


def _numeric(rule: Sequence[Any], value: Any) -> bool:
    if not isinstance(value, int | float):
        return False
    tests = {"=": value.__eq__, "<": value.__lt__, "<=": value.__le__, ">": value.__gt__, ">=": value.__ge__}
    return all(tests[rule[at]](rule[at + 1]) is True for at in range(0, len(rule), 2))
