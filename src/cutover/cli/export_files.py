"""The export's files: rows in as many as a job takes, who is in each line, and who is in none.

| file | holds |
|---|---|
| `users-001.csv` | what an import job reads |
| `users-001.people.jsonl` | line by line: the old sub and the name that the line makes |
| `refused.jsonl`, `left_out.jsonl` | old subs and reasons |
| `manifest.json` | which pool, which files, their digests; written last |
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from cutover.cli.export_store import LEFT_OUT, REFUSED, ROW, ExportStore, Noted
from cutover.cli.report_file import OWNER_ONLY, ReportFile
from cutover.errors import CutoverError
from cutover.users.import_check import MOST_BYTES, MOST_ROWS, FileUnfit, checked_rows
from cutover.users.import_rows import ImportPool, header_line

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Limits:
    """How much one job takes."""

    rows: int = MOST_ROWS
    size: int = MOST_BYTES


@dataclass(frozen=True)
class Written:
    """One CSV file with its companion."""

    csv: str
    people: str
    rows: int
    csv_sha256: str
    people_sha256: str

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def write_rows(
    folder: Path,
    store: ExportStore,
    pool: ImportPool,
    limits: Limits = Limits(),
) -> list[Written]:
    """Raises CutoverError where a file that we wrote does not read back as what it should say."""
    return write_files(folder, store.people(ROW), pool, limits)


def write_files(
    folder: Path,
    rows: Iterable[Noted],
    pool: ImportPool,
    limits: Limits = Limits(),
) -> list[Written]:
    written: list[Written] = []
    waiting = iter(rows)
    carried = next(waiting, None)
    while carried is not None:
        stem = f"users-{len(written) + 1:03}"
        csv, people = folder / f"{stem}.csv", folder / f"{stem}.people.jsonl"
        with whole(csv) as lines, whole(people) as companions:
            carried, number = _fill(lines, companions, carried, waiting, header_line(pool.header), limits)
        _read_back(csv, people, pool)
        written.append(Written(csv.name, people.name, number, digest(csv), digest(people)))
    return written


def write_reasons(folder: Path, store: ExportStore, *, show_users: bool) -> None:
    for kind in (REFUSED, LEFT_OUT):
        with whole(folder / f"{kind}.jsonl") as file:
            for one in store.people(kind):
                named = {"name": one.old_name} if show_users else {}
                reason = {"old_sub": one.old_sub, "reason": one.reason, "detail": one.detail}
                file.write(json.dumps({**reason, **named}) + "\n")


def write_manifest(folder: Path, files: list[Written], **facts: Any) -> None:
    file = ReportFile.claim(folder / MANIFEST)
    file.write({"schema_version": SCHEMA_VERSION, **facts, "files": [one.as_json() for one in files]})


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def people_of(path: Path) -> Iterator[dict[str, str]]:
    """Line by line who the rows of a CSV file are: `old_sub`, `name`, `by`."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


@contextmanager
def whole(path: Path) -> Iterator[TextIO]:
    """A file that is there as a whole or not at all, with mode 0600."""
    draft = path.with_name(f".{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _fill(
    lines: TextIO, people: TextIO, first: Noted, waiting: Iterator[Noted], header: str, limits: Limits
) -> tuple[Noted | None, int]:
    """The row that did not fit any more, and how many did."""
    lines.write(header)
    size, number = len(header.encode()), 0
    one: Noted | None = first
    while one is not None:
        line = one.line or ""
        size += len(line.encode())
        if number and (number == limits.rows or size > limits.size):
            return one, number
        lines.write(line)
        companion = {"old_sub": one.old_sub, "name": one.target_name, "by": one.target_by}
        people.write(json.dumps(companion) + "\n")
        number += 1
        one = next(waiting, None)
    return None, number


def _read_back(csv: Path, people: Path, pool: ImportPool) -> None:
    check_file(
        csv,
        people,
        pool,
        lambda rule: CutoverError(
            f"{csv.name} does not read back as it was written",
            cause=rule,
            fix="report it: nothing was imported, and the file must not be",
        ),
    )


def check_file(csv: Path, people: Path, pool: ImportPool, wrong: Callable[[str], Exception]) -> int:
    """How many rows the file has. Raises `wrong` of the rule that a line breaks, or of its companion."""
    number = 0
    companions = people_of(people)
    try:
        with csv.open("rb") as file:
            for row in checked_rows(file, pool):
                number += 1
                if row["cognito:username"] != next(companions, {}).get("name"):
                    raise wrong(f"line {number + 1}: {people.name} names somebody else")
    except FileUnfit as unfit:
        raise wrong(str(unfit)) from None
    if next(companions, None) is not None:
        raise wrong(f"{people.name} has more lines")
    return number
