"""A certificate's file: claimed before the work, written once, readable by its owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover.cli.report_file import OWNER_ONLY
from cutover.errors import UsageError


@dataclass
class CertificateFile:
    path: Path
    written: bool = False

    @classmethod
    @contextmanager
    def claimed(cls, path: Path) -> Iterator[CertificateFile]:
        """The file is there inside, empty, and gone afterwards unless it was written.

        Raises UsageError where it exists, OSError where it cannot be made.
        """
        refuse_existing(path)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY))
        except FileExistsError:
            refuse_existing(path)
            raise
        file = cls(path)
        try:
            yield file
        finally:
            if not file.written:
                path.unlink(missing_ok=True)

    def write(self, document: Mapping[str, Any]) -> None:
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(document, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        self.written = True


def refuse_existing(path: Path) -> None:
    """Raises UsageError."""
    if path.exists() or path.is_symlink():
        raise UsageError(
            f"{path} exists", cause="a certificate is never overwritten", fix="name another file"
        )
