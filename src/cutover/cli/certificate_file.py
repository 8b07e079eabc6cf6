"""A certificate's file: written once, never over another one, readable by its owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.cli.report_file import OWNER_ONLY
from cutover.errors import UsageError


@dataclass(frozen=True)
class CertificateFile:
    path: Path

    @classmethod
    def promised(cls, path: Path) -> CertificateFile:
        """Before the work: the file is not there, and can be made.

        Raises UsageError where it exists, OSError where it cannot be made.
        """
        if path.exists() or path.is_symlink():
            raise _exists(path)
        trial = path.with_name(f".{path.name}.{os.getpid()}")
        os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        trial.unlink()
        return cls(path)

    def write(self, document: Mapping[str, Any]) -> None:
        """Raises UsageError where somebody has made the file meanwhile, OSError; no half of it is left."""
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except FileExistsError:
            raise _exists(self.path) from None
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(document, file, indent=2, ensure_ascii=False)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self.path.unlink(missing_ok=True)
            raise


def _exists(path: Path) -> UsageError:
    return UsageError(f"{path} exists", cause="a certificate is never overwritten", fix="name another file")
