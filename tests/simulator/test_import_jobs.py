"""What the simulator of import jobs holds against whoever breaks AWS's rules. It is not AWS."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.simulator.import_jobs import ImportJobs, import_jobs

ROLE = "arn:aws:iam::123456789012:role/logs"
GOOD = {"x-amz-server-side-encryption": "aws:kms"}


@pytest.fixture
def played() -> Iterator[ImportJobs]:
    with mock_aws():
        clients = [boto3.client(name, region_name="eu-west-1") for name in ("cognito-idp", "logs")]
        with import_jobs(*clients) as jobs:
            yield jobs


@pytest.fixture
def client(played: ImportJobs) -> Any:
    """Made after the simulator stands, as the sessions of a verb are."""
    return boto3.Session().client("cognito-idp", region_name="eu-west-1")


@pytest.fixture
def pool(client: Any) -> str:
    made = client.create_user_pool(PoolName="new", AutoVerifiedAttributes=["email"])
    return str(made["UserPool"]["Id"])


def create(client: Any, pool: str) -> dict[str, Any]:
    job: dict[str, Any] = client.create_user_import_job(
        JobName="one", UserPoolId=pool, CloudWatchLogsRoleArn=ROLE
    )["UserImportJob"]
    return job


def put(job: dict[str, Any], document: bytes = b"x", headers: dict[str, str] = GOOD) -> int:
    request = urllib.request.Request(job["PreSignedUrl"], data=document, headers=headers, method="PUT")
    try:
        with urllib.request.urlopen(request) as reply:
            return int(reply.status)
    except HTTPError as error:
        return error.code


def start(client: Any, pool: str, job: dict[str, Any]) -> str:
    """Empty, or the code of the refusal."""
    try:
        client.start_user_import_job(UserPoolId=pool, JobId=job["JobId"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_job_without_a_file_does_not_start(client: Any, pool: str) -> None:
    assert start(client, pool, create(client, pool)) == "PreconditionNotMetException"


def test_a_file_without_the_header_is_refused(client: Any, pool: str) -> None:
    job = create(client, pool)
    assert (put(job, headers={}), put(job)) == (403, 200)


def test_an_address_lives_for_fifteen_minutes(played: ImportJobs, client: Any, pool: str) -> None:
    job = create(client, pool)
    played.jobs[job["JobId"]].created -= 15 * 60 + 1
    assert put(job) == 403


def test_one_job_is_active_at_a_time(client: Any, pool: str) -> None:
    first, second = create(client, pool), create(client, pool)
    put(first)
    put(second)
    assert (start(client, pool, first), start(client, pool, second)) == ("", "PreconditionNotMetException")


def test_an_unstarted_job_expires(played: ImportJobs, client: Any, pool: str) -> None:
    job = create(client, pool)
    played.jobs[job["JobId"]].created -= 24 * 3600 + 1
    shown = client.describe_user_import_job(UserPoolId=pool, JobId=job["JobId"])["UserImportJob"]
    assert shown["Status"] == "Expired"


def test_the_pool_does_not_change_while_a_job_runs(client: Any, pool: str) -> None:
    job = create(client, pool)
    put(job)
    start(client, pool, job)
    with pytest.raises(ClientError, match="UserImportInProgressException"):
        client.update_user_pool(UserPoolId=pool, AutoVerifiedAttributes=["email"])
    client.stop_user_import_job(UserPoolId=pool, JobId=job["JobId"])
    client.update_user_pool(UserPoolId=pool, AutoVerifiedAttributes=["email"])


def test_a_pool_that_verifies_nothing_starts_no_job(client: Any) -> None:
    pool = str(client.create_user_pool(PoolName="none")["UserPool"]["Id"])
    job = create(client, pool)
    put(job)
    assert start(client, pool, job) == "PreconditionNotMetException"


def test_a_file_that_is_no_table_fails_as_a_whole(client: Any, pool: str) -> None:
    job = create(client, pool)
    put(job, b"\xef\xbb\xbfa,b\n")
    start(client, pool, job)
    looks = [client.describe_user_import_job(UserPoolId=pool, JobId=job["JobId"]) for _ in range(2)]
    assert [look["UserImportJob"]["Status"] for look in looks] == ["InProgress", "Failed"]
