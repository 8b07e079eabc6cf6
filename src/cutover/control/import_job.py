"""One file through one import job, a step at a time; the ledger's row is written around every step.

Whatever is cut off, the next run finds in the row and in the job how far it came, and goes on from there.
Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-creating-import-job.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from cutover.control.import_runs import ImportRun, RunState
from cutover.errors import InterlockRefused

URL_LIVES = 15 * 60
"""Seconds from a job's creation in which its file can be put."""
UPLOAD_MARGIN = 5 * 60
"""Seconds of that which an upload must still have when it begins."""
POLL_SECONDS = 10.0
ACTIVE = ("Pending", "InProgress", "Stopping")


@dataclass(frozen=True)
class JobSeen:
    """A job as AWS shows it. `created_at` in epoch seconds; the address to put the file to is a secret."""

    id: str
    name: str
    status: str
    created_at: float
    url: str = field(default="", repr=False)
    imported: int = 0
    skipped: int = 0
    failed: int = 0
    message: str = ""

    @property
    def done(self) -> int:
        return self.imported + self.skipped + self.failed

    def as_json(self) -> dict[str, object]:
        names = ("id", "status", "imported", "skipped", "failed", "message")
        return {name: getattr(self, name) for name in names}


class StartRefused(Exception):
    """StartUserImportJob was answered with a no; `str()` is AWS's reason."""


class Jobs(Protocol):
    """The import jobs of one pool. Every call but `upload` and `start` may be made twice."""

    def create(self, name: str) -> JobSeen: ...

    def find(self, name: str) -> JobSeen | None: ...

    def describe(self, job_id: str) -> JobSeen: ...

    def upload(self, job: JobSeen, file: str) -> None:
        """Raises CutoverError, without the address."""

    def start(self, job_id: str) -> None:
        """Raises StartRefused. A lost reply is no error: the job says whether it was started."""


@dataclass(frozen=True)
class JobPorts:
    jobs: Jobs
    save: Callable[[ImportRun], None]
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    show: Callable[[JobSeen], None]
    poll_seconds: float = POLL_SECONDS


def run_job(run: ImportRun, path: str, ports: JobPorts) -> ImportRun:
    """Until the job has ended, however it ended. Raises InterlockRefused `job_not_started`."""
    while run.state not in (RunState.ENDED, RunState.DONE):
        ports.save(run)
        run = _STEPS[run.state](run, path, ports)
    ports.save(run)
    return run


def _create(run: ImportRun, _path: str, ports: JobPorts) -> ImportRun:
    job = ports.jobs.find(run.job_name) or ports.jobs.create(run.job_name)
    return replace(run, state=RunState.CREATED, job_id=job.id)


def _upload(run: ImportRun, path: str, ports: JobPorts) -> ImportRun:
    job = ports.jobs.describe(run.job_id)
    if job.status != "Created":
        return _after_created(run, job)
    if ports.clock() > job.created_at + URL_LIVES - UPLOAD_MARGIN:
        return _another(run)
    ports.jobs.upload(job, path)
    return replace(run, state=RunState.UPLOADED)


def _start(run: ImportRun, _path: str, ports: JobPorts) -> ImportRun:
    job = ports.jobs.describe(run.job_id)
    if job.status != "Created":
        return _after_created(run, job)
    try:
        ports.jobs.start(run.job_id)
    except StartRefused as refused:
        job = ports.jobs.describe(run.job_id)
        if job.status == "Created":
            raise InterlockRefused(
                "job_not_started",
                f"AWS did not start the import job {run.job_id}",
                cause=str(refused),
                fix="one job may be active in an account, whichever pool it is of: wait for the other one, "
                "then run the same command again",
            ) from None
    return replace(run, state=RunState.STARTED)


def _poll(run: ImportRun, _path: str, ports: JobPorts) -> ImportRun:
    while True:
        job = ports.jobs.describe(run.job_id)
        ports.show(job)
        if job.status == "Created":
            return replace(run, state=RunState.UPLOADED)
        if job.status not in ACTIVE:
            return replace(run, state=RunState.ENDED, job=job.as_json())
        ports.sleep(ports.poll_seconds)


def _after_created(run: ImportRun, job: JobSeen) -> ImportRun:
    return _another(run) if job.status == "Expired" else replace(run, state=RunState.STARTED)


def _another(run: ImportRun) -> ImportRun:
    """The job's address has run out, and AWS drops the job by itself: a new one, under a new name."""
    attempt = run.attempt + 1
    return replace(
        run, state=RunState.CREATING, attempt=attempt, job_name=job_name(run.id, attempt), job_id=""
    )


def job_name(run_id: str, attempt: int) -> str:
    return f"cutover-{run_id}-{attempt}"


_STEPS: dict[RunState, Callable[[ImportRun, str, JobPorts], ImportRun]] = {
    RunState.CREATING: _create,
    RunState.CREATED: _upload,
    RunState.UPLOADED: _start,
    RunState.STARTED: _poll,
}
