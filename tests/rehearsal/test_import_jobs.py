"""Import jobs on the local stack, as an SDK and an upload meet them."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.rehearsal.local import Local
from tests.rehearsal import probes

pytestmark = pytest.mark.local_stack
ROLE = "arn:aws:iam::000000000000:role/import"
KMS = {"x-amz-server-side-encryption": "aws:kms"}


class Site:
    """One pool that takes imports."""

    def __init__(self, stack: Local, name: str, **settings: Any) -> None:
        self.stack, self.name = stack, name
        self.cognito = stack.client("cognito-idp", attempts=1)
        self.pool = self.cognito.create_user_pool(PoolName=name, **settings)["UserPool"]["Id"]

    def job(self) -> dict[str, Any]:
        made: dict[str, Any] = self.cognito.create_user_import_job(
            UserPoolId=self.pool, JobName="late", CloudWatchLogsRoleArn=ROLE
        )["UserImportJob"]
        return made

    def file(self, *names: str) -> bytes:
        header = self.cognito.get_csv_header(UserPoolId=self.pool)["CSVHeader"]
        rows = [self._row(name) for name in names]
        lines = [",".join(row.get(column, "") for column in header) for row in rows]
        return "\n".join([",".join(header), *lines]).encode()

    def start(self, job: dict[str, Any]) -> None:
        self.cognito.start_user_import_job(UserPoolId=self.pool, JobId=job["JobId"])

    def done(self, job: dict[str, Any]) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            shown = self.cognito.describe_user_import_job(UserPoolId=self.pool, JobId=job["JobId"])
            found: dict[str, Any] = shown["UserImportJob"]
            return found if "CompletionDate" in found else None

        ending: dict[str, Any] = probes.until(ended)
        return ending

    def log(self, job: dict[str, Any]) -> list[str]:
        events = self.stack.client("logs").get_log_events(
            logGroupName=f"/aws/cognito/userpools/{self.pool}/{self.name}",
            logStreamName=f"{job['JobId']}/late",
            startFromHead=True,
        )["events"]
        return [event["message"] for event in events]

    def _row(self, name: str) -> dict[str, str]:
        verified = "false" if name.startswith("bad") else "true"
        user = {"cognito:username": name, "cognito:mfa_enabled": "false"}
        return {**user, "email": f"{name}@example.com", "email_verified": verified}


def put(url: str, content: bytes, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, content, headers, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def site(running_stack: Local, unique: Callable[[str], str]) -> Site:
    return Site(running_stack, unique("pool"), AutoVerifiedAttributes=["email"])


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as raised:
        call()
    return str(raised.value.response["Error"]["Code"])


def test_a_job_imports_skips_and_refuses_and_says_so_line_by_line(site: Site) -> None:
    site.cognito.admin_create_user(UserPoolId=site.pool, Username="here")
    job = site.job()
    assert put(job["PreSignedUrl"], site.file("ann", "here", "bad"), KMS) == 200
    site.start(job)
    ending = site.done(job)
    counts = [ending[name] for name in ("ImportedUsers", "SkippedUsers", "FailedUsers")]
    assert (ending["Status"], counts) == ("Succeeded", [1, 1, 1])
    assert [line.split(" - ")[0] for line in site.log(job)] == [
        "[SUCCEEDED] Line Number 2",
        "[SKIPPED] Line Number 3",
        "[FAILED] Line Number 4",
    ]


def test_who_was_imported_has_to_reset_the_password(site: Site) -> None:
    job = site.job()
    put(job["PreSignedUrl"], site.file("ann"), KMS)
    site.start(job)
    site.done(job)
    found = site.cognito.admin_get_user(UserPoolId=site.pool, Username="ann")
    assert found["UserStatus"] == "RESET_REQUIRED"


def test_a_job_without_a_file_does_not_start(site: Site) -> None:
    job = site.job()
    assert code_of(lambda: site.start(job)) == "PreconditionNotMetException"


def test_a_file_without_the_header_of_its_encryption_is_refused(site: Site) -> None:
    assert put(site.job()["PreSignedUrl"], site.file("ann"), {}) == 403


def test_a_file_that_cannot_be_read_fails_the_job(site: Site) -> None:
    job = site.job()
    put(job["PreSignedUrl"], b"name\nann\n", KMS)
    site.start(job)
    ending = site.done(job)
    assert (ending["Status"], "header" in ending["CompletionMessage"]) == ("Failed", True)


def test_a_job_starts_once(site: Site) -> None:
    job = site.job()
    put(job["PreSignedUrl"], site.file("ann"), KMS)
    site.start(job)
    assert code_of(lambda: site.start(job)) == "PreconditionNotMetException"
    site.done(job)


def test_a_pool_that_verifies_nothing_takes_no_import(
    running_stack: Local, unique: Callable[[str], str]
) -> None:
    site = Site(running_stack, unique("pool"))
    job = site.job()
    put(job["PreSignedUrl"], site.file("ann"), KMS)
    assert code_of(lambda: site.start(job)) == "PreconditionNotMetException"


def test_while_a_job_runs_the_pool_is_not_updated_and_no_other_job_starts(site: Site) -> None:
    job, other = site.job(), site.job()
    for one in (job, other):
        put(one["PreSignedUrl"], site.file(*(f"user-{number}" for number in range(40))), KMS)
    site.start(job)
    assert code_of(lambda: site.cognito.update_user_pool(UserPoolId=site.pool)) == (
        "UserImportInProgressException"
    )
    assert code_of(lambda: site.start(other)) == "PreconditionNotMetException"
    site.cognito.stop_user_import_job(UserPoolId=site.pool, JobId=job["JobId"])
    assert site.done(job)["Status"] == "Stopped"


def test_jobs_are_listed(site: Site) -> None:
    jobs = [site.job()["JobId"] for _ in range(2)]
    listed = site.cognito.list_user_import_jobs(UserPoolId=site.pool, MaxResults=10)["UserImportJobs"]
    assert {job["JobId"] for job in listed} == set(jobs)
