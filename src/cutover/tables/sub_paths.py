"""Where in an item a sub stands: `owner`, `owner.sub`, `members[]`, `members[].sub`.

A dot goes into a map, `[]` to each member of a list or, at the end, of a set of texts. A dot, a bracket or a
backslash that belongs to a name stands behind a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from cutover.tables.ports import AttributeValue

Path = tuple[str | None, ...]
"""Names of attributes; None is each member. The first is a name."""

_NAME = r"(?:[^.\[\]\\]|\\[.\[\]\\])+"
_PATH = re.compile(rf"{_NAME}(?:\[\])*(?:\.{_NAME}(?:\[\])*)*")
_STEP = re.compile(rf"{_NAME}|\[\]")


class Elsewhere(Exception):
    """The path meets a type that it cannot go on through; the text says where, and holds no value."""


def parse_path(text: str) -> Path:
    """Raises ValueError for what is no path."""
    if not _PATH.fullmatch(text):
        raise ValueError(f"{text} is no path")
    return tuple(
        None if step == "[]" else re.sub(r"\\(.)", r"\1", step, flags=re.DOTALL)
        for step in _STEP.findall(text)
    )


def spelled(path: Path) -> str:
    """The text that `parse_path` reads as this path."""
    steps = ("[]" if step is None else "." + re.sub(r"([.\[\]\\])", r"\\\1", step) for step in path)
    return "".join(steps).removeprefix(".")


def texts_at(value: AttributeValue, path: Path) -> Iterator[str]:
    """The texts at the end of `path` in `value`; what the path cannot go through has none."""
    if not path:
        yield from [value["S"]] if "S" in value else value.get("SS", ())
    elif path[0] is not None:
        if path[0] in value.get("M", ()):
            yield from texts_at(value["M"][path[0]], path[1:])
    elif "L" in value:
        for member in value["L"]:
            yield from texts_at(member, path[1:])
    elif len(path) == 1:
        yield from value.get("SS", ())


def with_texts(value: AttributeValue, path: Path, one: Callable[[str], str]) -> AttributeValue:
    """A copy of `value` with `one` of each text at the end of `path`. What is absent or NULL there stays.

    Raises Elsewhere, and what `one` raises.
    """
    return _with_texts(value, path, 0, one)


def _with_texts(value: AttributeValue, path: Path, at: int, one: Callable[[str], str]) -> AttributeValue:
    if "NULL" in value:
        return value
    left = path[at:]
    if left in ((), (None,)) and "SS" in value:
        return {"SS": [one(text) for text in value["SS"]]}
    if not left:
        if "S" in value:
            return {"S": one(value["S"])}
        raise _elsewhere(value, path, at, "a sub stands in a text or a set of texts")
    step = left[0]
    if step is None:
        if "L" not in value:
            raise _elsewhere(value, path, at, "[] stands for the members of a list")
        return {"L": [_with_texts(member, path, at + 1, one) for member in value["L"]]}
    if "M" not in value:
        raise _elsewhere(value, path, at, f"{spelled(path)} goes into a map")
    inner = value["M"]
    if step not in inner:
        return value
    return {"M": {**inner, step: _with_texts(inner[step], path, at + 1, one)}}


def _elsewhere(value: AttributeValue, path: Path, at: int, expected: str) -> Elsewhere:
    return Elsewhere(f"{spelled(path[:at])} is of type {next(iter(value), '')}, and {expected}")


def overlapping(paths: Sequence[Path]) -> tuple[Path, Path] | None:
    """Two of them of which one ends on the way of the other, if there are such."""
    ends = set(paths)
    for path in paths:
        for length in range(1, len(path)):
            if path[:length] in ends:
                return path[:length], path
    return None
