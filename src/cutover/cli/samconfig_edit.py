"""Writing samconfig.toml: what is ours is set, every other line stays as it is.

The parameters stand as a table of their own (`[default.global.parameters.parameter_overrides]`), where the
build and the deployment both find them; a list is what CloudFormation calls a CommaDelimitedList. An older
text form (`parameter_overrides = "Key=value …"`) is read and replaced.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
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
    document = _parsed(text)
    document.setdefault("version", 0.1)
    home = _counting(document, OVERRIDES)
    present = read_overrides(home.get(OVERRIDES))
    replaced = [
        name for name, value in parameters.items() if name in present and _differs(present[name], value)
    ]
    if present:
        replaced += [
            name for name, value in settings.items() if _counting(document, name).get(name, value) != value
        ]
    for name, value in settings.items():
        _counting(document, name)[name] = value
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


def held_parameters(text: str) -> dict[str, Value]:
    """The parameters that the text of a samconfig.toml holds. Raises UsageError where it is not TOML."""
    document = _parsed(text)
    return read_overrides(_counting(document, OVERRIDES).get(OVERRIDES))


def check_writable(path: Path) -> None:
    """Raises UsageError where `write` would fail, or would replace a file that nobody may write."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise UsageError(
            f"{path} cannot be written",
            cause=f"there is no folder {folder}",
            fix="make it, or name another file",
        )
    for place in (folder, path):
        if place.exists() and not (os.access(place, os.W_OK) and place.stat().st_mode & stat.S_IWUSR):
            raise UsageError(
                f"{path} cannot be written",
                cause=f"{place} is read-only",
                fix="make it writable (chmod u+w), or name another file with --config-file",
            )


def write(path: Path, text: str) -> None:
    """In one step: a reader finds the old file or the new one. Behind a link it is the file that changes."""
    real = path.resolve()
    beside = real.with_name(f".{real.name}.new")
    beside.write_text(text, encoding="utf-8")
    if real.exists():
        shutil.copymode(real, beside)
    beside.replace(real)


def _assignment(word: str) -> tuple[str, str]:
    if word.startswith("ParameterKey="):
        name, _, value = word.removeprefix("ParameterKey=").partition(",ParameterValue=")
    else:
        name, _, value = word.partition("=")
    return name, value.strip('"')


def _parsed(text: str) -> Any:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError("samconfig.toml is not TOML", cause=str(error), fix="put the file right") from error


def _section(document: Any, command: str) -> Any:
    for name in ("default", command, "parameters"):
        document = document.setdefault(name, tomlkit.table(is_super_table=name != "parameters"))
    return document


def _counting(document: Any, name: str) -> Any:
    """The section whose value of `name` counts at a deployment, which `sam deploy --guided` writes to."""
    deploy = _section(document, "deploy")
    return deploy if name in deploy else _section(document, "global")


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
