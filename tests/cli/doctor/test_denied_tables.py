"""doctor on tables by a caller with part of the permissions: what is refused is said, the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import boto3
import pytest
from moto.core import set_initial_no_auth_action_count

from tests.cli.moto_calls import moto_calls
from tests.cli.table_world import REGION, STACK, TableWorld, table_world
from tests.cli.verbs import Ran, Shell

Caller = Callable[[str], Ran]

DENIED = [
    ("dynamodb:DescribeTimeToLive", "the time to live of old-orders could not be read"),
    ("dynamodb:DescribeContinuousBackups", "the backups of new-orders could not be read"),
    ("dynamodb:Scan", "a sample of old-orders could not be read"),
    ("dynamodb:BatchGetItem", "the pace of old-orders=new-orders could not be read"),
    ("monitoring:GetMetricStatistics", "how fast old-orders is written could not be read"),
]


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with moto_calls(), table_world(1) as world:
        yield world


@pytest.fixture
def without(world: TableWorld, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """doctor by somebody who may do everything but one action."""

    def run(action: str) -> Ran:
        iam = boto3.client("iam", region_name=REGION)
        iam.create_user(UserName="operator")
        statements = [
            {"Effect": "Allow", "Action": ["*"], "Resource": "*"},
            {"Effect": "Deny", "Action": [action], "Resource": "*"},
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName="operator", PolicyName="part", PolicyDocument=policy)
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        ran: Ran = set_initial_no_auth_action_count(0)(shell.run)("doctor", "--output", "json", *STACK)
        return ran

    return run


@pytest.mark.parametrize(("action", "what"), DENIED, ids=[action for action, _ in DENIED])
def test_what_the_caller_may_not_read_is_a_finding_and_the_rest_goes_on(
    without: Caller, action: str, what: str
) -> None:
    ran = without(action)
    found = ran.envelope["data"]["findings"]
    assert what in [one["what"] for one in found if one["code"] == "unread"]
    assert "target_deletable" in [one["code"] for one in found]


def test_tables_that_may_not_be_described_are_not_said_to_be_missing(without: Caller) -> None:
    found = without("dynamodb:DescribeTable").envelope["data"]["findings"]
    unread = [one["what"] for one in found if one["what"].startswith("the table ")]
    assert unread == ["the table old-orders could not be read", "the table new-orders could not be read"]
    assert "table_missing" not in [one["code"] for one in found]
