"""User import jobs, which no emulator has, played strictly by AWS's pages. It is not AWS.

Played: GetCSVHeader, Create-, Start-, Describe-, List- and StopUserImportJob, the upload to a presigned URL
over HTTP on 127.0.0.1, and what the job writes into CloudWatch Logs. Each rule names the page that states it:

- [job] https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-creating-import-job.html
- [log] https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-cloudwatch.html
- [csv] https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-csv-header.html
- [api] https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_StartUserImportJob.html

No page says whether the header counts as a line of the log, nor what a second active job is answered with:
the first can be set, the second is PreconditionNotMetException here ([api] has it for conditions in general).
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore import xform_name
from botocore.handlers import BUILTIN_HANDLERS

from tests.simulator.import_csv import Unfit, Unparsable, check, parse

URL_LIVES = 15 * 60
"""Seconds [job]."""
UNSTARTED_LIVES = 24 * 3600
"""Seconds; "24-48 hours" [job]."""
ACTIVE = ("Pending", "InProgress", "Stopping")
STANDARD_COLUMNS = (
    "name given_name family_name middle_name nickname preferred_username profile picture website email "
    "email_verified gender birthdate zoneinfo locale phone_number phone_number_verified address updated_at"
)


class Refused(Exception):
    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass
class Job:
    """One job. `polls` is how often it has been described since it was started."""

    id: str
    name: str
    pool_id: str
    role: str
    created: float
    status: str = "Created"
    document: bytes | None = None
    started: float | None = None
    completed: float | None = None
    message: str = ""
    imported: int = 0
    skipped: int = 0
    failed: int = 0
    polls: int = 0
    lines: list[str] = field(default_factory=list)


@dataclass
class ImportJobs:
    """`cognito` and `logs` are clients of the pools' AWS (moto). `url` is where a file is put.

    `before` and `after` hold, by operation, what happens once around its next call: raise Refused, lose the
    reply, let somebody sign in.
    """

    cognito: Any
    logs: Any
    url: str = ""
    clock: Callable[[], float] = time.time
    polls_needed: int = 2
    """How many looks a job takes from Pending to its end."""
    header_counts: bool = False
    """Whether the first user's line is 2 in the log."""
    most_failures: int = 10**9
    """With more than so many the job fails [job]."""
    stop_after: int | None = None
    """The job fails once it has gone through so many lines."""
    writes_logs: bool = True
    during: Callable[[], None] = lambda: None
    """What happens in the pool between the start of a job and its first line."""
    jobs: dict[str, Job] = field(default_factory=dict)
    before: dict[str, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))
    after: dict[str, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))
    calls: list[str] = field(default_factory=list)
    uploads: list[dict[str, str]] = field(default_factory=list)
    """The headers of every upload."""

    def answer(self, operation: str, asked: dict[str, Any]) -> Any:
        """The reply; None where the pools' own AWS is to answer."""
        self.calls.append(operation)
        for happens in self._once(self.before, operation):
            happens()
        reply = getattr(self, f"_{xform_name(operation)}")(asked)
        for happens in self._once(self.after, operation):
            happens()
        return reply

    @staticmethod
    def _once(hooks: dict[str, list[Callable[[], None]]], operation: str) -> list[Callable[[], None]]:
        return hooks.pop(operation, [])

    def _pool(self, pool_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
        return found

    def _get_csv_header(self, asked: dict[str, Any]) -> dict[str, Any]:
        """ "It also includes any custom attributes you have added to your user pool" [csv]."""
        rows = self._pool(asked["UserPoolId"])["SchemaAttributes"]
        custom = [row["Name"] for row in rows if row["Name"].startswith("custom:")]
        columns = [*STANDARD_COLUMNS.split(), *custom, "cognito:mfa_enabled", "cognito:username"]
        return {"UserPoolId": asked["UserPoolId"], "CSVHeader": columns}

    def _create_user_import_job(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not asked["CloudWatchLogsRoleArn"].startswith("arn:aws:iam::"):
            raise Refused("InvalidParameterException", "The role cannot be assumed")
        job = Job(
            f"import-{uuid.uuid4().hex[:10]}",
            asked["JobName"],
            asked["UserPoolId"],
            asked["CloudWatchLogsRoleArn"],
            self.clock(),
        )
        self.jobs[job.id] = job
        return {"UserImportJob": self._shown(job)}

    def _start_user_import_job(self, asked: dict[str, Any]) -> dict[str, Any]:
        """ "Only one import job can be active at a time per account"; an upload is a precondition [job]."""
        job = self._job(asked)
        self._age(job)
        if any(other.status in ACTIVE for other in self.jobs.values() if other is not job):
            raise Refused("PreconditionNotMetException", "Another import job is active")
        if job.status != "Created":
            raise Refused("PreconditionNotMetException", f"The job is {job.status}")
        if job.document is None:
            raise Refused("PreconditionNotMetException", "Your CSV file has not been uploaded")
        if not self._pool(job.pool_id).get("AutoVerifiedAttributes"):
            raise Refused("PreconditionNotMetException", "no auto-verified attribute")
        job.status, job.started = "Pending", self.clock()
        return {"UserImportJob": self._shown(job)}

    def _describe_user_import_job(self, asked: dict[str, Any]) -> dict[str, Any]:
        job = self._job(asked)
        self._age(job)
        if job.status in ACTIVE:
            job.polls += 1
            job.status = "InProgress"
            if job.polls >= self.polls_needed:
                self._run(job)
        return {"UserImportJob": self._shown(job)}

    def _list_user_import_jobs(self, asked: dict[str, Any]) -> dict[str, Any]:
        """ "Jobs are listed in chronological order from last created to first created" [job]."""
        mine = [job for job in self.jobs.values() if job.pool_id == asked["UserPoolId"]][::-1]
        first = int(asked.get("PaginationToken", "0"))
        last = first + asked["MaxResults"]
        more = {"PaginationToken": str(last)} if last < len(mine) else {}
        return {"UserImportJobs": [self._shown(job) for job in mine[first:last]], **more}

    def _stop_user_import_job(self, asked: dict[str, Any]) -> dict[str, Any]:
        job = self._job(asked)
        job.status, job.message = "Stopped", "The Import Job was stopped by the developer."
        return {"UserImportJob": self._shown(job)}

    def _update_user_pool(self, _asked: dict[str, Any]) -> None:
        """UserImportInProgressException: no UpdateUserPool while a job runs
        (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html)."""
        if any(job.status in ACTIVE for job in self.jobs.values()):
            raise Refused("UserImportInProgressException", "")

    def put(self, query: dict[str, list[str]], headers: dict[str, str], document: bytes) -> int:
        """The upload; its HTTP status."""
        job = self.jobs[query["job"][0]]
        self.uploads.append(headers)
        for happens in self._once(self.before, "PUT"):
            happens()
        expired = self.clock() > job.created + URL_LIVES
        if expired or headers.get("x-amz-server-side-encryption") != "aws:kms" or job.status != "Created":
            return 403
        job.document = document
        return 200

    def _job(self, asked: dict[str, Any]) -> Job:
        job = self.jobs.get(asked["JobId"])
        if job is None or job.pool_id != asked["UserPoolId"]:
            raise Refused("ResourceNotFoundException", "")
        return job

    def _age(self, job: Job) -> None:
        """ "All data associated with the job was deleted, and the job can't be started" [job]."""
        if job.status == "Created" and self.clock() > job.created + UNSTARTED_LIVES:
            job.status, job.document = "Expired", None

    def _run(self, job: Job) -> None:
        self.during()
        pool = self._pool(job.pool_id)
        job.status = "Succeeded"
        try:
            lines = parse(job.document or b"", self._get_csv_header({"UserPoolId": job.pool_id})["CSVHeader"])
        except Unparsable:
            job.status, job.message, lines = "Failed", "Unable to parse the CSV file.", []
        for done, line in enumerate(lines):
            if done == self.stop_after or job.failed + job.skipped > self.most_failures:
                job.status = "Failed"
                job.message = "Too many users have failed or been skipped during the import."
                break
            self._line(job, pool, line.number + self.header_counts, line.values)
        job.completed = self.clock()
        if self.writes_logs:
            self._write_log(job, pool)

    def _line(self, job: Job, pool: dict[str, Any], number: int, values: dict[str, str]) -> None:
        """The texts are the page's [log]."""
        try:
            check(values, pool)
            self._create(job.pool_id, pool, values)
        except self.cognito.exceptions.UsernameExistsException:
            job.skipped += 1
            job.lines.append(f"[SKIPPED] Line Number {number} - The user already exists.")
        except Unfit as unfit:
            job.failed += 1
            job.lines.append(f"[FAILED] Line Number {number} - {unfit}")
        else:
            job.imported += 1
            job.lines.append(f"[SUCCEEDED] Line Number {number} - The import succeeded.")

    def _create(self, pool_id: str, pool: dict[str, Any], values: dict[str, str]) -> None:
        """Imported users have to reset their passwords; nobody is sent anything
        (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html)."""
        attributes = {key: value for key, value in values.items() if not key.startswith("cognito:")}
        self.cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=values["cognito:username"],
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
        self.cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=values["cognito:username"], Password="Aa1!" * 5, Permanent=True
        )
        self.cognito.admin_reset_user_password(UserPoolId=pool_id, Username=values["cognito:username"])

    def _write_log(self, job: Job, pool: dict[str, Any]) -> None:
        """Group `/aws/cognito/userpools/USER_POOL_ID/USER_POOL_NAME`, stream JOB_ID/JOB_NAME [log]."""
        group = f"/aws/cognito/userpools/{job.pool_id}/{pool['Name']}"
        if not self.logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            self.logs.create_log_group(logGroupName=group)
        stream = f"{job.id}/{job.name}"
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in job.lines]
        if events:
            self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)

    def _shown(self, job: Job) -> dict[str, Any]:
        dates = {"StartDate": job.started, "CompletionDate": job.completed}
        return {
            "JobName": job.name,
            "JobId": job.id,
            "UserPoolId": job.pool_id,
            "PreSignedUrl": f"{self.url}/upload?job={job.id}&X-Amz-Signature=not-for-logs",
            "CreationDate": datetime.fromtimestamp(job.created, UTC),
            "Status": job.status,
            "CloudWatchLogsRoleArn": job.role,
            "ImportedUsers": job.imported,
            "SkippedUsers": job.skipped,
            "FailedUsers": job.failed,
            **({"CompletionMessage": job.message} if job.message else {}),
            **{name: datetime.fromtimestamp(at, UTC) for name, at in dates.items() if at is not None},
        }


_OPERATIONS = ("CreateUserImportJob", "StartUserImportJob", "DescribeUserImportJob", "ListUserImportJobs")
PLAYED = (*_OPERATIONS, "StopUserImportJob", "GetCSVHeader", "UpdateUserPool")


@contextmanager
def import_jobs(cognito: Any, logs: Any) -> Iterator[ImportJobs]:
    """Answers the operations for every session that is made while it lasts."""
    jobs = ImportJobs(cognito, logs)
    handlers = [(f"before-call.cognito-identity-provider.{name}", _caller(jobs, name)) for name in PLAYED]
    BUILTIN_HANDLERS.extend(handlers)

    class Upload(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            document = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status = jobs.put(parse_qs(urlsplit(self.path).query), headers, document)
            except ConnectionError:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Says nothing: the address is a secret."""

    try:
        with ThreadingHTTPServer(("127.0.0.1", 0), Upload) as server:
            server.daemon_threads = True
            jobs.url = f"http://127.0.0.1:{server.server_address[1]}"
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield jobs
            server.shutdown()
    finally:
        for handler in handlers:
            BUILTIN_HANDLERS.remove(handler)


def _caller(jobs: ImportJobs, operation: str) -> Callable[..., Any]:
    def call(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]] | None:
        try:
            reply = jobs.answer(operation, json.loads(params["body"]))
            return None if reply is None else (SimpleNamespace(status_code=200), reply)
        except Refused as refused:
            error = {"Code": refused.code, "Message": refused.message}
            return SimpleNamespace(status_code=400), {"Error": error}

    return call
