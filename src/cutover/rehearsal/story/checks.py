"""What was promised, what was seen, and whether they are the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class Check:
    name: str
    expected: str
    seen: str

    @property
    def ok(self) -> bool:
        return self.expected == self.seen


@dataclass
class Checks:
    rows: list[Check] = field(default_factory=list)

    def equal(self, name: str, expected: object, seen: object) -> bool:
        """Notes the check and says whether it held."""
        self.rows.append(Check(name, str(expected), str(seen)))
        return self.rows[-1].ok

    @property
    def ok(self) -> bool:
        """Whether every check held; a story without checks proves nothing."""
        return bool(self.rows) and all(row.ok for row in self.rows)

    def table(self) -> Table:
        table = Table(
            "", "what was checked", "expected", "seen", title="What was checked", title_justify="left"
        )
        for row in self.rows:
            mark = Text("ok", style="green") if row.ok else Text("WRONG", style="bold red")
            table.add_row(mark, Text(row.name), Text(row.expected), Text(row.seen))
        return table

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"check": row.name, "expected": row.expected, "seen": row.seen, "ok": row.ok} for row in self.rows
        ]
