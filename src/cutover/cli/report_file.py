"""A report file: claimed before the work, so that hours of it do not end at a wrong path."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OWNER_ONLY = 0o600


@dataclass(frozen=True)
class ReportFile:
    """Readable by its owner alone: it may hold keys."""

    path: Path

    @classmethod
    def claim(cls, path: Path) -> ReportFile:
        """Raises OSError where the file cannot be written. What it holds stays until `write`."""
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
        return cls(path)

    def write(self, document: dict[str, Any]) -> None:
        """Replaces the file as a whole, by one of the right mode. Raises OSError."""
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.write("\n")
        draft.replace(self.path)
