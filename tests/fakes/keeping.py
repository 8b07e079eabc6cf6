"""What a verify keeps, as a machine that may die at any moment leaves it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast


class Died(Exception):
    """The process is gone."""


class _File(io.BytesIO):
    """Its content outlives `close`."""

    def close(self) -> None:
        """Nothing to give back."""


class FakeKeep:
    """`before_save` is called with the number of each save before it is done: a test lets the process die."""

    def __init__(self, before_save: Callable[[int], None] = lambda _: None) -> None:
        self.files: dict[str, _File] = {}
        self.document: str | None = None
        self.saves = 0
        self.before_save = before_save

    def file(self, name: str) -> BinaryIO:
        file = self.files.setdefault(name, _File())
        file.seek(0)
        return cast("BinaryIO", file)

    def drop(self, *names: str) -> None:
        for name in names:
            self.files.pop(name, None)

    def load(self) -> Mapping[str, Any] | None:
        return json.loads(self.document) if self.document else None

    def save(self, document: Mapping[str, Any]) -> None:
        self.saves += 1
        self.before_save(self.saves)
        self.document = json.dumps(document)

    @property
    def phase(self) -> str:
        return str((self.load() or {}).get("phase"))
