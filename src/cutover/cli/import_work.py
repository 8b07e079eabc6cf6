"""One file of an import: the job, then who it made, by the job's log and by the new pool."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from cutover.aws.import_jobs import log_lines
from cutover.aws.import_ledger import ImportLedger
from cutover.aws.paced_calls import PacedCalls
from cutover.aws.straggler_reads import pages, parts_of
from cutover.cli.export_files import MANIFEST, people_of, whole, write_files, write_manifest
from cutover.cli.export_store import ROW, Noted
from cutover.cli.progress import Bar
from cutover.control.import_job import JobPorts
from cutover.control.import_outcome import CLOCKS_DIFFER, RETRIED, Outcome, by_row, outcome_unmade
from cutover.control.import_plan import ImportFile
from cutover.control.import_runs import ImportRun, RunState
from cutover.users.import_rows import ImportPool
from cutover.users.ledger_rows import Offer, State, name_key
from cutover.users.ports import Profile


@dataclass(frozen=True)
class ImportSite:
    """Where a file goes and where its outcome is looked for."""

    new_pool: str
    pool_name: str
    new_users: int
    pool: ImportPool
    legacy_sub: str
    calls: PacedCalls
    logs: Any
    ledger: ImportLedger
    ports: JobPorts


@dataclass
class Person:
    """One row of the file. `new_sub` and `carries` are what the new pool shows."""

    old_sub: str
    name: str
    by: str
    number: int
    outcome: Outcome | None = None
    carries: bool = False


def settle_file(site: ImportSite, folder: Path, file: ImportFile, run: ImportRun, bar: Bar) -> ImportRun:
    """Marks in the ledger whom the ended job has made; the counts are in the run that it answers."""
    people = {
        one["old_sub"]: Person(one["old_sub"], one["name"], one["by"], number)
        for number, one in enumerate(people_of(folder / file.people), start=1)
    }
    lines = log_lines(site.logs, site.new_pool, site.pool_name, run.job_id, run.job_name)
    words = by_row(lines, file.rows)
    for profile in _made(site, bar):
        person = people.get(profile.attributes.get(site.legacy_sub, ""))
        if person is not None:
            _look(site, run, person, profile, words.get(person.number, ""))
    for person in people.values():
        if person.outcome is None:
            known = site.ledger.row(person.old_sub) is not None
            word = words.get(person.number, "")
            person.outcome = outcome_unmade(word, known=known, carries=person.carries)
    counts = Counter(str(person.outcome) for person in people.values())
    _write(site, folder, file, run, list(people.values()))
    waits = counts[Outcome.UNSEEN.value] > 0
    run = replace(run, counts=dict(counts), state=RunState.ENDED if waits else RunState.DONE)
    site.ports.save(run)
    return run


def retry_folder(folder: Path, run: ImportRun) -> Path:
    return folder / f"retry-{run.id}"


def _made(site: ImportSite, bar: Bar) -> Iterator[Profile]:
    for part in parts_of(site.new_users):
        for page in pages(site.calls, site.new_pool, part):
            yield from page
            bar.advance(len(page))


def _look(site: ImportSite, run: ImportRun, person: Person, profile: Profile, word: str) -> None:
    """A profile with the old sub of a row: marked where this job made it. A line that was skipped or failed
    made nobody, whatever a profile carries; where the log is silent only a job's user has a reset to do."""
    sensitive = site.pool.rules.case_sensitive
    names = (profile.username, profile.attributes.get(person.by, ""))
    called = name_key(person.name, case_sensitive=sensitive) in [
        name_key(name, case_sensitive=sensitive) for name in names
    ]
    since = profile.created_at >= run.began_at - CLOCKS_DIFFER
    made_by_job = word == "succeeded" or (not word and profile.status == "RESET_REQUIRED")
    if not called or not since or not made_by_job:
        person.carries = True
        return
    made = Offer(
        old_sub=person.old_sub,
        target_name=person.name,
        target_by=person.by,
        case_sensitive=sensitive,
        new_pool=site.new_pool,
        state=State.IMPORTED,
        source="import",
        offered_at=int(site.ports.clock()),
        carried_sub_in=site.legacy_sub,
    )
    if site.ledger.mark_imported(made, profile.sub):
        person.outcome = Outcome.IMPORTED
    else:
        person.carries = True


def _write(
    site: ImportSite, folder: Path, file: ImportFile, run: ImportRun, people: Sequence[Person]
) -> None:
    """`result-….jsonl` beside the file, and those to try again as an export folder of their own."""
    with whole(folder / f"result-{Path(file.csv).stem}.jsonl") as result:
        for person in people:
            row = {"line": person.number, "old_sub": person.old_sub, "outcome": str(person.outcome)}
            result.write(json.dumps(row) + "\n")
    again = {person.number: person for person in people if person.outcome in RETRIED}
    if not again:
        return
    target = retry_folder(folder, run)
    target.mkdir(mode=0o700, exist_ok=True)
    first = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    files = write_files(target, _rows_again(folder / file.csv, again), site.pool)
    write_manifest(
        target,
        files,
        new_pool=site.new_pool,
        legacy_sub=site.legacy_sub,
        exported_at=first["exported_at"],
        attempt=int(first.get("attempt", 1)) + 1,
        counts={"rows": len(again), "left_out": {}, "refused": {}},
    )


def _rows_again(csv: Path, again: dict[int, Person]) -> Iterator[Noted]:
    with csv.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(islice(lines, 1, None), start=1):
            person = again.get(number)
            if person is not None:
                yield Noted(person.old_sub, ROW, "", "", person.name, person.name, person.by, line)
