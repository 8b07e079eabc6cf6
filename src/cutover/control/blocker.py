"""What keeps a migration from being done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Blocker:
    """Why the migration is not done yet. `words`: the verb that goes on; `fix`: what to do without one."""

    code: str
    what: str
    words: tuple[str, ...] = ()
    fix: str = ""
