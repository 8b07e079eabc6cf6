"""User import jobs over the real API, the upload to a presigned address, and the job's log.

Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-creating-import-job.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from cutover.aws.faults import error_code
from cutover.aws.paced_calls import PacedCalls
from cutover.control.import_job import JobSeen, StartRefused
from cutover.errors import AwsUnavailable

ENCRYPTION = {"x-amz-server-side-encryption": "aws:kms"}
"""The header that the presigned address was signed with."""
UPLOAD_TIMEOUT = 120
UPLOADS = 3
_LINE = re.compile(r"\[(SUCCEEDED|SKIPPED|FAILED)\] Line Number (\d+) - ")
_LOST = (ReadTimeoutError, ConnectionClosedError)


class PoolJobs:
    """The jobs of one pool; `role_arn` is the role by which Cognito writes the log."""

    def __init__(self, calls: PacedCalls, pool_id: str, role_arn: str) -> None:
        self._calls, self._pool_id, self._role_arn = calls, pool_id, role_arn

    def create(self, name: str) -> JobSeen:
        try:
            reply = self._calls.write(
                "create_user_import_job",
                UserPoolId=self._pool_id,
                JobName=name,
                CloudWatchLogsRoleArn=self._role_arn,
            )
        except _LOST:
            found = self.find(name)
            if found is None:
                raise
            return found
        return _seen(reply["UserImportJob"])

    def find(self, name: str) -> JobSeen | None:
        return next((job for job in self.all() if job.name == name), None)

    def all(self) -> Iterator[JobSeen]:
        """The newest first."""
        rows = self._calls.pages(
            "list_user_import_jobs",
            "UserImportJobs",
            "PaginationToken",
            UserPoolId=self._pool_id,
            MaxResults=60,
        )
        yield from map(_seen, rows)

    def describe(self, job_id: str) -> JobSeen:
        reply = self._calls.read("describe_user_import_job", UserPoolId=self._pool_id, JobId=job_id)
        return _seen(reply["UserImportJob"])

    def upload(self, job: JobSeen, file: str) -> None:
        """Puts the file, streamed; again where the reply was lost, which does no harm before the start.

        What the HTTP library raises names the address, and with it the signature: none of it goes on.
        """
        why = ""
        for _ in range(UPLOADS):
            status, why = _put(job.url, Path(file))
            if status == 200:
                return
            if status:
                break
        raise AwsUnavailable(
            f"the file could not be put to the import job {job.id}",
            cause=why,
            fix="run the same command again; a new job is made where the address has run out",
        )

    def start(self, job_id: str) -> None:
        try:
            self._calls.write("start_user_import_job", UserPoolId=self._pool_id, JobId=job_id)
        except ClientError as error:
            if error_code(error) in ("PreconditionNotMetException", "LimitExceededException"):
                raise StartRefused(str(error.response["Error"].get("Message", ""))) from error
            raise
        except _LOST:
            return


def log_lines(
    client: Any, pool_id: str, pool_name: str, job_id: str, job_name: str
) -> Iterator[tuple[int, str]]:
    """Line number and `succeeded`, `skipped` or `failed`, as the job's log has them; nothing without a log.

    A page may be empty and not be the last: the listing ends where the token comes back unchanged.
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
    """
    where = {
        "logGroupName": f"/aws/cognito/userpools/{pool_id}/{pool_name}",
        "logStreamName": f"{job_id}/{job_name}",
        "startFromHead": True,
    }
    token: dict[str, str] = {}
    while True:
        try:
            page = client.get_log_events(**where, **token)
        except ClientError as error:
            if error_code(error) == "ResourceNotFoundException":
                return
            raise
        for event in page["events"]:
            found = _LINE.match(event["message"])
            if found:
                yield int(found[2]), found[1].lower()
        if page["nextForwardToken"] == token.get("nextToken"):
            return
        token = {"nextToken": page["nextForwardToken"]}


def _put(url: str, file: Path) -> tuple[int, str]:
    """HTTP status and a reason that names nothing; 0 where nobody answered."""
    with file.open("rb") as body:
        request = AWSRequest(method="PUT", url=url, headers=dict(ENCRYPTION), data=body).prepare()
        try:
            status = int(URLLib3Session(timeout=UPLOAD_TIMEOUT).send(request).status_code)
        except BotoCoreError as error:
            return 0, type(error).__name__
    return status, f"HTTP {status}"


def _seen(row: Mapping[str, Any]) -> JobSeen:
    return JobSeen(
        id=row["JobId"],
        name=row.get("JobName", ""),
        status=row.get("Status", ""),
        created_at=row["CreationDate"].timestamp() if row.get("CreationDate") else 0.0,
        url=row.get("PreSignedUrl", ""),
        imported=int(row.get("ImportedUsers", 0)),
        skipped=int(row.get("SkippedUsers", 0)),
        failed=int(row.get("FailedUsers", 0)),
        message=row.get("CompletionMessage", ""),
    )
