"""One contract for disabling and deleting a user: the fake, moto and the local stack keep it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from cutover.aws.new_pool import CognitoNewPool
from cutover.aws.new_pool_users import NewPoolUsers
from cutover.users.decision_table import Stop
from cutover.users.ports import NewPool, Profile
from cutover.users.sweep import SweepPool
from tests.fakes.pools import FakeNewPool, Person
from tests.fakes.sweep import Calls, FakeSweepPool

NOBODY = "0a1b2c3d-0000-4000-8000-00000000000a"


@dataclass
class Pool:
    reads: NewPool
    users: SweepPool
    ann: str
    """Her sub."""

    def profile(self) -> Profile:
        found = self.reads.profile(self.ann)
        assert found is not None
        return found


def _emulated(cognito: Any) -> Pool:
    """A pool that signs in by e-mail, whose user names are subs: moto finds users by nothing else."""
    made = cognito.create_user_pool(PoolName="pool", UsernameAttributes=["email"])
    pool, email = made["UserPool"]["Id"], f"{uuid.uuid4().hex}@example.com"
    user = cognito.admin_create_user(UserPoolId=pool, Username=email, MessageAction="SUPPRESS")["User"]
    sub = next(row["Value"] for row in user["Attributes"] if row["Name"] == "sub")
    return Pool(CognitoNewPool(cognito, pool, clock=time.monotonic), NewPoolUsers(cognito, pool), sub)


@pytest.fixture(params=["fake", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    if request.param == "fake":
        fake = FakeNewPool([Person("ann", "sub-of-ann")])
        yield Pool(fake, FakeSweepPool(fake, Calls()), "sub-of-ann")
    elif request.param == "moto":
        with mock_aws():
            yield _emulated(boto3.client("cognito-idp", region_name="eu-west-1"))
    else:
        url = request.getfixturevalue("local_stack")
        yield _emulated(boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=url))


def test_a_user_is_found_by_the_sub(pool: Pool) -> None:
    assert pool.profile().sub == pool.ann


def test_a_user_is_disabled_and_enabled_again(pool: Pool) -> None:
    pool.users.disable(pool.ann)
    assert not pool.profile().enabled
    pool.users.enable(pool.ann)
    assert pool.profile().enabled


def test_a_disabled_user_is_disabled(pool: Pool) -> None:
    pool.users.disable(pool.ann)
    pool.users.disable(pool.ann)
    assert not pool.profile().enabled


def test_a_disabled_user_is_deleted(pool: Pool) -> None:
    pool.users.disable(pool.ann)
    pool.users.delete(pool.ann)
    assert pool.reads.profile(pool.ann) is None


@pytest.mark.parametrize("call", ["disable", "enable", "delete"])
def test_who_is_not_there_is_passed_over(pool: Pool, call: str) -> None:
    getattr(pool.users, call)(NOBODY)
    assert pool.profile().enabled


@pytest.mark.parametrize("call", ["disable", "enable", "delete"])
def test_any_other_error_is_a_fault(call: str) -> None:
    cognito = boto3.client("cognito-idp", region_name="eu-west-1")
    with Stubber(cognito) as stubber:
        stubber.add_client_error(f"admin_{call}_user", "TooManyRequestsException")
        with pytest.raises(Stop, match="TooManyRequestsException"):
            getattr(NewPoolUsers(cognito, "eu-west-1_new"), call)(NOBODY)
