"""What a verify keeps, so that it can go on after it was stopped or killed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, Protocol

from cutover.tables.spill import OpenFile


class Keep(Protocol):
    """Named files, and one document that says how far they are right.

    The document is the last thing written: what the files hold behind the sizes that it names was never
    counted, and is cut off by whoever goes on.
    """

    def file(self, name: str) -> BinaryIO:
        """To be read and written, at its beginning; what was kept of it is there."""

    def drop(self, *names: str) -> None:
        """These are needed no longer. (A file that is not there is no error.)"""

    def load(self) -> Mapping[str, Any] | None:
        """The document saved last; None at the first start."""

    def save(self, document: Mapping[str, Any]) -> None:
        """All of it or nothing, and not before the files' content is safe. Raises OSError."""


class Unkept:
    """Keeps nothing: its files have no name and vanish with the process."""

    def __init__(self, open_file: OpenFile) -> None:
        self._open_file = open_file

    def file(self, name: str) -> BinaryIO:  # noqa: ARG002 - none has a name
        return self._open_file()

    def drop(self, *names: str) -> None:
        """Nothing to drop."""

    def load(self) -> None:
        return None

    def save(self, document: Mapping[str, Any]) -> None:
        """Nothing is kept."""
