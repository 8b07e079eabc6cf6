"""What `import-users` will do, and what refuses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cutover.control.import_runs import ImportRun, RunState, unfinished_refusal
from cutover.control.refusals import Refusal

MOST_A_DAY = 10.0
STALE_HOURS = 24.0


@dataclass(frozen=True)
class ImportFile:
    """One file of the folder. `state` is how far an earlier run came; empty where there was none."""

    csv: str
    people: str
    rows: int
    id: str
    state: str = ""


@dataclass(frozen=True)
class ImportPlan:
    new_pool: str
    folder: str
    role_arn: str
    files: tuple[ImportFile, ...]
    confirmed_a_day: float
    refusals: tuple[Refusal, ...] = ()

    @property
    def open_files(self) -> tuple[ImportFile, ...]:
        return tuple(one for one in self.files if one.state != RunState.DONE.value)

    @property
    def lose_the_seamless_way(self) -> int:
        return sum(one.rows for one in self.open_files)

    def as_json(self) -> dict[str, Any]:
        return {
            **vars(self),
            "files": [dict(vars(one)) for one in self.files],
            "lose_the_seamless_way": self.lose_the_seamless_way,
            "refusals": [refusal.as_json() for refusal in self.refusals],
        }


@dataclass(frozen=True)
class Accepted:
    """What the operator accepts."""

    max_rate: float = MOST_A_DAY
    squatted: bool = False
    max_age_hours: float = STALE_HOURS


def import_refusals(
    *,
    confirmed_a_day: float,
    squatted: int,
    age_hours: float,
    active_jobs: Sequence[str],
    others: Sequence[ImportRun],
    begun: bool,
    accepted: Accepted,
) -> tuple[Refusal, ...]:
    """`others` are unfinished runs of other folders' files. What was `begun` is brought to its end, whatever
    the day: only another job keeps it waiting."""
    refusals = list(unfinished_refusal(others))
    if active_jobs:
        refusals.append(
            Refusal(
                "import_active",
                "another import job is active in the new pool",
                cause=f"{', '.join(active_jobs)}: an account has one active job at a time",
                fix="wait until it has ended",
            )
        )
    if begun:
        return tuple(refusals)
    if confirmed_a_day > accepted.max_rate:
        refusals.append(
            Refusal(
                "still_coming",
                f"{confirmed_a_day:g} users a day still come over by themselves",
                cause=f"more than {accepted.max_rate:g}; whoever is imported has lost the seamless way and "
                "must reset the password",
                fix="wait; --max-rate accepts another number a day",
                options=("--max-rate", f"{confirmed_a_day:g}"),
            )
        )
    if squatted and not accepted.squatted:
        refusals.append(
            Refusal(
                "squatted",
                f"{squatted} users of the new pool keep old users out",
                cause="they go by an old user's name, e-mail or phone and did not come by this migration",
                fix="settle with them first; left_out.jsonl of the export names the old subs",
                options=("--allow-squatted",),
            )
        )
    if age_hours > accepted.max_age_hours:
        refusals.append(
            Refusal(
                "export_stale",
                f"the export is {age_hours:.0f} hours old",
                cause="whoever was disabled or deleted in the old pool since then would be brought back",
                fix="export again into another folder",
                options=("--max-age-hours", f"{age_hours + 1:.0f}"),
            )
        )
    return tuple(refusals)


def counted(outcomes: Mapping[str, int], run_job: Mapping[str, Any]) -> str:
    """Where the job's own counts and ours differ, a sentence; else empty."""
    said = {name: int(run_job.get(name, 0)) for name in ("imported", "skipped", "failed")}
    ours = outcomes.get("imported", 0) + outcomes.get("unseen", 0)
    if said["imported"] != ours:
        return f"the job says {said['imported']} imported, the new pool and the log say {ours}"
    return ""
