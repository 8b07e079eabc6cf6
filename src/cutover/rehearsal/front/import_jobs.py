"""Import jobs, which no emulator has: `pages.IMPORT`, `pages.IMPORT_JOB`, `pages.IMPORT_RESULTS`.

A job is created, its file put to the address that it names, and started; it writes a line of log a user. The
users are made over public APIs, so the emulated pool's password policy must admit the passwords they never
learn. Not AWS: a job here takes no time to begin, and asks no role.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cutover.rehearsal.front.forward import Reply, Request, Upstream, refusal
from cutover.rehearsal.front.import_file import Row, UnreadableFile, header_of, read_file
from cutover.rehearsal.front.pools import Pools, pairs_of

PATH = "/_rehearsal/import/"
ACTIVE = ("Pending", "InProgress", "Stopping")
UPLOAD_SECONDS = 900.0
"""How long the address for the file is good: `pages.IMPORT_JOB`."""
ENCRYPTION = "x-amz-server-side-encryption"
_NAME = re.compile(r"[\w\s+=,.@-]{1,128}\Z")


@dataclass
class Job:
    id: str
    name: str
    pool_id: str
    role: str
    url: str
    created: float
    status: str = "Created"
    file: bytes | None = field(default=None, repr=False)
    counts: dict[str, int] = field(default_factory=lambda: {"SUCCEEDED": 0, "SKIPPED": 0, "FAILED": 0})
    started: float | None = None
    completed: float | None = None
    message: str = ""

    def shown(self) -> dict[str, Any]:
        """As the API shows it; what is not known yet is absent."""
        all_of_it = {
            "JobName": self.name,
            "JobId": self.id,
            "UserPoolId": self.pool_id,
            "PreSignedUrl": self.url if self.status == "Created" else None,
            "CreationDate": self.created,
            "StartDate": self.started,
            "CompletionDate": self.completed,
            "Status": self.status,
            "CloudWatchLogsRoleArn": self.role,
            "ImportedUsers": self.counts["SUCCEEDED"],
            "SkippedUsers": self.counts["SKIPPED"],
            "FailedUsers": self.counts["FAILED"],
            "CompletionMessage": self.message or None,
        }
        return {name: value for name, value in all_of_it.items() if value is not None}


class ImportJobs:
    """`logs` is a CloudWatch Logs client of the emulator."""

    def __init__(self, pools: Pools, logs: Any, *, clock: Callable[[], float] = time.time) -> None:
        self._pools = pools
        self._logs = logs
        self._clock = clock
        self._jobs: dict[str, Job] = {}

    def is_running(self, pool_id: str) -> bool:
        """No update of the pool meanwhile: `pages.UPDATE_POOL`, UserImportInProgressException."""
        return any(job.pool_id == pool_id and job.status in ACTIVE for job in self._jobs.values())

    def upload(self, request: Request) -> Reply | None:
        """A file that is put to the address of a job; None for any other request."""
        if request.method != "PUT" or not request.path.startswith(PATH):
            return None
        job = self._jobs.get(request.path.removeprefix(PATH))
        late = job is None or job.status != "Created" or self._clock() > job.created + UPLOAD_SECONDS
        if job is None or late or request.headers.get(ENCRYPTION) != "aws:kms":
            return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", (("Content-Type", "text/xml"),))
        job.file = request.body
        return Reply(200, b"", ())

    def csv_header(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        return _reply({"UserPoolId": pool["Id"], "CSVHeader": header_of(pool)})

    def create(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        data = request.json()
        name, role = str(data.get("JobName", "")), str(data.get("CloudWatchLogsRoleArn", ""))
        if not _NAME.match(name) or not role.startswith("arn:"):
            return refusal("InvalidParameterException", "JobName or CloudWatchLogsRoleArn is invalid")
        number = f"import-{secrets.token_hex(8)}"
        url = f"http://{request.headers.get('host', 'localhost')}{PATH}{number}"
        job = Job(number, name, str(pool["Id"]), role, url, self._clock())
        self._jobs[number] = job
        return _job(job)

    def describe(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        job = self._job_of(request, pool)
        return job if isinstance(job, Reply) else _job(job)

    def list(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        """The newest first, on one page: a rehearsal has few."""
        own = [job for job in self._jobs.values() if job.pool_id == pool["Id"]]
        return _reply({"UserImportJobs": [job.shown() for job in reversed(own)]})

    def start(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        """One active job in an account; without a file PreconditionNotMetException was seen
        (https://github.com/aws-amplify/amplify-js/issues/6416), of the others no page names the error."""
        job = self._job_of(request, pool)
        if isinstance(job, Reply):
            return job
        if job.status != "Created" or job.file is None:
            return refusal("PreconditionNotMetException", "The job has no file, or was started already.")
        if any(other.status in ACTIVE for other in self._jobs.values()):
            return refusal("PreconditionNotMetException", "Another import job is active in this account.")
        if not pool.get("AutoVerifiedAttributes"):
            return refusal("PreconditionNotMetException", "The pool verifies no attribute automatically.")
        job.status, job.started = "Pending", self._clock()
        threading.Thread(target=self._run, args=(job, dict(pool)), daemon=True).start()
        return _job(job)

    def stop(self, request: Request, upstream: Upstream, pool: Mapping[str, Any]) -> Reply:  # noqa: ARG002
        job = self._job_of(request, pool)
        if isinstance(job, Reply):
            return job
        if job.status not in ACTIVE:
            return refusal("PreconditionNotMetException", "The job is not active.")
        job.status = "Stopping"
        return _job(job)

    def _job_of(self, request: Request, pool: Mapping[str, Any]) -> Job | Reply:
        job = self._jobs.get(str(request.json().get("JobId")))
        if job is None or job.pool_id != pool["Id"]:
            return refusal("ResourceNotFoundException", "The import job does not exist.")
        return job

    def _run(self, job: Job, pool: Mapping[str, Any]) -> None:
        log = _Log(self._logs, job, str(pool["Name"]))
        job.status, ending = "InProgress", "Succeeded"
        try:
            for row in read_file(job.file or b"", pool):
                if job.status == "Stopping":
                    ending = "Stopped"
                    break
                outcome, words = self._import(row, pool)
                job.counts[outcome] += 1
                log.say(f"[{outcome}] Line Number {row.number} - {words}")
        except UnreadableFile as error:
            ending, job.message = "Failed", str(error)
        log.flush()
        job.completed, job.status = self._clock(), ending

    def _import(self, row: Row, pool: Mapping[str, Any]) -> tuple[str, str]:
        """The three kinds of line that `pages.IMPORT_RESULTS` shows."""
        if row.problem:
            return "FAILED", row.problem
        who = {"UserPoolId": str(pool["Id"]), "Username": row.name}
        cognito, attributes = self._pools.cognito, pairs_of(row.attributes)
        try:
            cognito.admin_create_user(**who, UserAttributes=attributes, MessageAction="SUPPRESS")
            cognito.admin_set_user_password(**who, Password=_unguessable(), Permanent=True)
            cognito.admin_reset_user_password(**who)
        except cognito.exceptions.UsernameExistsException:
            return "SKIPPED", "The user already exists."
        except ClientError as error:
            return "FAILED", error.response["Error"]["Message"]
        return "SUCCEEDED", "The import succeeded."


class _Log:
    """`/aws/cognito/userpools/POOL_ID/POOL_NAME`, stream `JOB_ID/JOB_NAME`: `pages.IMPORT_RESULTS`."""

    def __init__(self, logs: Any, job: Job, pool_name: str) -> None:
        self._logs = logs
        self._where = {
            "logGroupName": f"/aws/cognito/userpools/{job.pool_id}/{pool_name}",
            "logStreamName": f"{job.id}/{job.name}",
        }
        self._said: list[str] = []

    def say(self, line: str) -> None:
        self._said.append(line)

    def flush(self) -> None:
        group = self._where["logGroupName"]
        with contextlib.suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=group)
        self._logs.create_log_stream(**self._where)
        now = int(time.time() * 1000)
        for start in range(0, len(self._said), 1000):
            events = [{"timestamp": now, "message": line} for line in self._said[start : start + 1000]]
            self._logs.put_log_events(**self._where, logEvents=events)


def _job(job: Job) -> Reply:
    return _reply({"UserImportJob": job.shown()})


def _reply(data: Mapping[str, Any]) -> Reply:
    return Reply(200).with_json(data)


def _unguessable() -> str:
    return "Aa1!" + secrets.token_urlsafe(24)
