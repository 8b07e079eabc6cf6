"""What samconfig.toml says about the stack: SAM CLI's own file is the only local configuration.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cutover.errors import UsageError

SAMCONFIG = Path("samconfig.toml")


@dataclass(frozen=True)
class SamConfig:
    """The default environment's parameters: `deploy` over `global`; empty where there is no file."""

    path: Path = SAMCONFIG
    settings: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        value = self.settings.get(name)
        return value if isinstance(value, str) and value else None

    def stack(self) -> str:
        """Raises UsageError where the file names none."""
        name = self.text("stack_name")
        if name is None:
            raise UsageError(
                "no stack is named",
                cause=f"{self.path} {'names none' if self.path.exists() else 'does not exist'}",
                fix="give --stack NAME, or let init write the file",
                next_command="cutover init",
            )
        return name


def read_samconfig(path: Path = SAMCONFIG) -> SamConfig:
    """Raises UsageError where the file is not TOML."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return SamConfig(path)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML", cause=str(error), fix="put the file right") from error
    default = _table(content, "default")
    merged = {
        name: value
        for command in ("global", "deploy")
        for name, value in _table(_table(default, command), "parameters").items()
    }
    return SamConfig(path, merged)


def _table(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = content.get(name)
    return value if isinstance(value, Mapping) else {}
