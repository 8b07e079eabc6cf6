"""The export's own file: what was read so far, on disk, so that memory stays small and a run can go on.

It holds names and rows of users, is readable by its owner alone, and goes when the files are written.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cutover.cli.report_file import OWNER_ONLY
from cutover.users.stragglers import Straggler

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS part (pool TEXT, prefix TEXT, PRIMARY KEY (pool, prefix)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS held (value BLOB, new_sub TEXT, PRIMARY KEY (value, new_sub)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claim (value BLOB PRIMARY KEY, old_sub TEXT, created REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS person (
    old_sub TEXT PRIMARY KEY, kind TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,
    old_name TEXT NOT NULL, target_name TEXT, target_by TEXT, line TEXT
) WITHOUT ROWID;
"""
ROW, LEFT_OUT, REFUSED = "row", "left_out", "refused"
COLLISION = "name_collision"


@dataclass(frozen=True)
class Noted:
    """One old user as the export found them."""

    old_sub: str
    kind: str
    reason: str
    detail: str
    old_name: str = field(repr=False)
    target_name: str | None = field(default=None, repr=False)
    target_by: str | None = None
    line: str | None = field(default=None, repr=False)


class ExportStore:
    """Every method that writes belongs into `with store.step():`, which is done as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, OWNER_ONLY))
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = -8000;" + _TABLES)
        self.path = path

    @contextmanager
    def step(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def agree(self, **facts: str) -> list[str]:
        """Notes what this export is of; the names of the facts in which an earlier run was another one."""
        differ = []
        for key, value in facts.items():
            self._db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (key, value))
            (kept,) = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
            differ += [key] if kept != value else []
        return differ

    def fact(self, key: str) -> str:
        """Raises TypeError where it was never noted."""
        (value,) = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(value)

    def is_read(self, pool: str, prefix: str) -> bool:
        found = self._db.execute("SELECT 1 FROM part WHERE pool = ? AND prefix = ?", (pool, prefix))
        return found.fetchone() is not None

    def mark_read(self, pool: str, prefix: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO part VALUES (?, ?)", (pool, prefix))

    def hold(self, new_sub: str, names: Iterable[str]) -> None:
        """A user of the new pool goes by these."""
        rows = [(_hash(name), new_sub) for name in names]
        self._db.executemany("INSERT OR IGNORE INTO held VALUES (?, ?)", rows)

    def holders(self, names: Iterable[str]) -> dict[str, set[str]]:
        """Of these names, who holds each in the new pool."""
        found = {}
        for name in names:
            rows = self._db.execute("SELECT new_sub FROM held WHERE value = ?", (_hash(name),)).fetchall()
            if rows:
                found[name] = {sub for (sub,) in rows}
        return found

    def note(self, noted: Noted, names: Iterable[str], created: float) -> None:
        """A name belongs to the user who was created first; any other row with it is refused."""
        first = True
        for name in sorted(names):
            first &= self._claim(_hash(name), noted.old_sub, created)
        if noted.kind == ROW and not first:
            noted = Noted(noted.old_sub, REFUSED, COLLISION, "", noted.old_name)
        values = tuple(vars(noted).values())
        self._db.execute("INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)

    def people(self, kind: str) -> Iterator[Noted]:
        for values in self._db.execute("SELECT * FROM person WHERE kind = ? ORDER BY old_sub", (kind,)):
            yield Noted(*values)

    def counts(self) -> dict[tuple[str, str], int]:
        """By kind and reason."""
        rows = self._db.execute("SELECT kind, reason, COUNT(*) FROM person GROUP BY kind, reason")
        return {(kind, reason): number for kind, reason, number in rows}

    def close(self) -> None:
        self._db.close()

    def remove(self) -> None:
        self.close()
        self.path.unlink()

    def _claim(self, value: bytes, old_sub: str, created: float) -> bool:
        held = self._db.execute("SELECT old_sub, created FROM claim WHERE value = ?", (value,)).fetchone()
        if held is not None and held[0] != old_sub:
            if (held[1], held[0]) < (created, old_sub):
                return False
            self._db.execute(
                "UPDATE person SET kind = ?, reason = ?, target_name = NULL, target_by = NULL, line = NULL "
                "WHERE old_sub = ? AND kind = ?",
                (REFUSED, COLLISION, held[0], ROW),
            )
        self._db.execute("INSERT OR REPLACE INTO claim VALUES (?, ?, ?)", (value, old_sub, created))
        return True


def row_of(straggler: Straggler, old_name: str) -> Noted:
    return Noted(
        straggler.old_sub,
        ROW,
        "",
        ",".join(straggler.dropped),
        old_name,
        straggler.target.name,
        straggler.target.by,
        straggler.line,
    )


def _hash(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest()
