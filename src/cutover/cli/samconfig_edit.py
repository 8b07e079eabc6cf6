"""Writing samconfig.toml: what is ours is set, every other line stays as it is.

The parameters stand as a table of their own (`[default.global.parameters.parameter_overrides]`), where the
build and the deployment both find them; a list is what CloudFormation calls a CommaDelimitedList. An older
text form (`parameter_overrides = "Key=value …"`) is read and replaced.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from cutover.errors import UsageError

Value = str | list[str]
OVERRIDES = "parameter_overrides"


@dataclass(frozen=True)
class Edit:
    """`before` and `after` are the file's texts; `replaced` names the settings that had another value."""

    before: str
    after: str
    replaced: tuple[str, ...]


def edit(text: str, settings: Mapping[str, str], parameters: Mapping[str, Value]) -> Edit:
    """Sets `settings` (stack_name, region) and `parameters` in the text of a samconfig.toml.

    Raises UsageError where the text is not TOML.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError("samconfig.toml is not TOML", cause=str(error), fix="put the file right") from error
    document.setdefault("version", 0.1)
    shared = _section(document, "global")
    home = _section(document, "deploy") if OVERRIDES in _section(document, "deploy") else shared
    present = read_overrides(home.get(OVERRIDES))
    replaced = [
        name for name, value in parameters.items() if name in present and _differs(present[name], value)
    ]
    if present:
        replaced += [name for name, value in settings.items() if shared.get(name, value) != value]
    for name, value in settings.items():
        shared[name] = value
    table = home.get(OVERRIDES)
    fresh = not isinstance(table, Mapping)
    if fresh:
        table = tomlkit.table()
        for name, kept in present.items():
            table[name] = kept
        home.pop(OVERRIDES, None)
        home[OVERRIDES] = table
    for name, new in parameters.items():
        if name not in present or _differs(present[name], new):
            table[name] = _toml(new)
    if fresh:
        table.add(tomlkit.nl())
    return Edit(text, tomlkit.dumps(document), tuple(replaced))


def without_overrides(text: str) -> str:
    """The file of another stack as a start: its parameters are that stack's own."""
    document = tomlkit.parse(text)
    for command in ("global", "deploy"):
        _section(document, command).pop(OVERRIDES, None)
    return tomlkit.dumps(document)


def read_overrides(value: Any) -> dict[str, Value]:
    """The parameters of any form that SAM CLI takes: a table, a text, a list of texts."""
    if isinstance(value, Mapping):
        return {
            str(name): [str(one) for one in held] if isinstance(held, list) else str(held)
            for name, held in value.items()
        }
    words = shlex.split(value) if isinstance(value, str) else [str(word) for word in value or ()]
    return dict(_assignment(word) for word in words)


def write(path: Path, text: str) -> None:
    """In one step: a reader finds the old file or the new one."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _assignment(word: str) -> tuple[str, str]:
    if word.startswith("ParameterKey="):
        name, _, value = word.removeprefix("ParameterKey=").partition(",ParameterValue=")
    else:
        name, _, value = word.partition("=")
    return name, value.strip('"')


def _section(document: Any, command: str) -> Any:
    for name in ("default", command, "parameters"):
        document = document.setdefault(name, tomlkit.table(is_super_table=name != "parameters"))
    return document


def _differs(held: Value, new: Value) -> bool:
    def flat(value: Value) -> str:
        return ",".join(value) if isinstance(value, list) else value

    return flat(held) not in ("", flat(new))


def _toml(value: Value) -> Any:
    if isinstance(value, list):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(len(value) > 1)
    return tomlkit.string(value, literal='"' in value and "'" not in value)
