"""The ledger's rows of an import: `import#<new pool>` | `run#<id>`, one for each file given to a job.

A file's id is the beginning of its SHA-256, so that the same file is never imported twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cutover.control.refusals import Refusal

RUN = "run#"


class RunState(StrEnum):
    """How far a file came. Every state is written before the step that it announces, or right after it."""

    CREATING = "creating"
    """A job is about to be made; it may be there or not."""
    CREATED = "created"
    UPLOADED = "uploaded"
    STARTED = "started"
    ENDED = "ended"
    """The job has ended; the ledger may not know yet whom it imported."""
    DONE = "done"


@dataclass(frozen=True)
class ImportRun:
    """Times are epoch seconds. `counts` are ours (`imported`, `came_over`, `squatted`, …), `job` is AWS's."""

    new_pool: str
    id: str
    state: RunState
    job_name: str
    folder: str
    file: str
    rows: int
    began_at: int
    attempt: int = 1
    job_id: str = ""
    job: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.state is not RunState.DONE

    def row(self) -> dict[str, Any]:
        fields = {name: value for name, value in vars(self).items() if name not in ("new_pool", "id")}
        fields |= {"state": self.state.value, "job": dict(self.job), "counts": dict(self.counts)}
        return {"pk": run_pk(self.new_pool), "sk": f"{RUN}{self.id}", **fields}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> ImportRun:
        return cls(
            new_pool=str(row["pk"]).removeprefix(run_pk("")),
            id=str(row["sk"]).removeprefix(RUN),
            state=RunState(row["state"]),
            job_name=str(row["job_name"]),
            folder=str(row["folder"]),
            file=str(row["file"]),
            rows=int(row["rows"]),
            began_at=int(row["began_at"]),
            attempt=int(row.get("attempt", 1)),
            job_id=str(row.get("job_id", "")),
            job=dict(row.get("job", {})),
            counts={name: int(number) for name, number in row.get("counts", {}).items()},
        )


def run_pk(new_pool: str) -> str:
    return f"import#{new_pool}"


def unfinished_refusal(runs: Sequence[ImportRun]) -> tuple[Refusal, ...]:
    """While a file is on its way nobody can say who is a straggler."""
    if not runs:
        return ()
    first = runs[0]
    return (
        Refusal(
            "import_unfinished",
            f"an import of {first.file} has not come to its end",
            cause=f"it is {first.state.value}: the ledger does not know yet whom it imported",
            fix=f"cutover import-users {first.folder} brings it to its end",
        ),
    )
