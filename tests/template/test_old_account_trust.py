"""docs/old-account-role.yaml where IAM is enforced: the external id, and what a function reaches by the role.

The local stack has one account, which plays both. It knows the key sts:ExternalId and not aws:PrincipalArn,
so that condition is taken out there; test_old_account_role.py holds it against the template.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.session import Aws
from cutover.rehearsal.local import Local, start_local_stack
from tests.template.deploying import QUICK
from tests.template.test_old_account_role import TEMPLATE

pytestmark = [pytest.mark.slow, pytest.mark.local_stack]

WORD = "handshake"
FUNCTION = "people-MigrateUserRole-1A2B3C"
Enter = Callable[..., Any]


@pytest.fixture(scope="module")
def enforcing() -> Iterator[Local]:
    with start_local_stack(enforce_iam=True) as local:
        yield local


@pytest.fixture(scope="module")
def pools(enforcing: Local) -> tuple[str, str]:
    """The old pool, and another one of its account."""
    cognito = enforcing.client("cognito-idp")
    first, second = (cognito.create_user_pool(PoolName=name)["UserPool"]["Id"] for name in ("old", "another"))
    return first, second


@pytest.fixture(scope="module")
def role_arn(enforcing: Local, pools: tuple[str, str]) -> str:
    cloudformation = enforcing.client("cloudformation")
    values = {
        "OldUserPoolId": pools[0],
        "TrustedAccountId": "000000000000",
        "TrustedStackName": "people",
        "ExternalId": WORD,
    }
    cloudformation.create_stack(
        StackName="old-account",
        TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName="old-account", WaiterConfig=QUICK)
    (output,) = cloudformation.describe_stacks(StackName="old-account")["Stacks"][0]["Outputs"]
    arn = str(output["OutputValue"])
    _forget_the_unknown_key(enforcing, arn.rsplit("/", 1)[-1])
    return arn


def _forget_the_unknown_key(local: Local, role_name: str) -> None:
    iam = local.client("iam")
    trust = iam.get_role(RoleName=role_name)["Role"]["AssumeRolePolicyDocument"]
    (statement,) = trust["Statement"]
    assert list(statement["Condition"].pop("ArnLike")) == ["aws:PrincipalArn"]
    iam.update_assume_role_policy(RoleName=role_name, PolicyDocument=json.dumps(trust))


@pytest.fixture
def enter(enforcing: Local, role_arn: str, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """A Cognito client through the old account's role, of a caller that has a function's role."""

    def run(external_id: str | None) -> Any:
        _make_function_role(enforcing, role_arn)
        taken = enforcing.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/{FUNCTION}", RoleSessionName="function"
        )["Credentials"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", taken["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", taken["SecretAccessKey"])
        monkeypatch.setenv("AWS_SESSION_TOKEN", taken["SessionToken"])
        here = Aws(region="us-east-1", endpoint_url=enforcing.url)
        return here.elsewhere(role_arn=role_arn, external_id=external_id).client("cognito-idp")

    return run


def _make_function_role(local: Local, role_arn: str) -> None:
    """A role as the cutover stack makes it: it may take the old account's role."""
    iam = local.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role_arn}
    if FUNCTION in {row["RoleName"] for row in iam.list_roles()["Roles"]}:
        return
    iam.create_role(RoleName=FUNCTION, AssumeRolePolicyDocument=_document(trust))
    iam.put_role_policy(RoleName=FUNCTION, PolicyName="enter", PolicyDocument=_document(allowed))


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _denied(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    assert "AccessDenied" in caught.value.response["Error"]["Code"]
    return str(caught.value.operation_name)


def test_a_function_with_the_word_reads_the_old_pool(enter: Enter, pools: tuple[str, str]) -> None:
    found = enter(WORD).describe_user_pool(UserPoolId=pools[0])
    assert found["UserPool"]["Id"] == pools[0]


def test_it_reads_no_other_pool_of_the_account(enter: Enter, pools: tuple[str, str]) -> None:
    client = enter(WORD)
    assert _denied(lambda: client.describe_user_pool(UserPoolId=pools[1])) == "DescribeUserPool"


def test_it_changes_nothing_in_the_old_pool(enter: Enter, pools: tuple[str, str]) -> None:
    client = enter(WORD)
    refused = _denied(lambda: client.admin_delete_user(UserPoolId=pools[0], Username="ann"))
    assert refused == "AdminDeleteUser"


@pytest.mark.parametrize("word", [None, "another"], ids=["without a word", "with another word"])
def test_a_function_that_does_not_know_the_word_stays_outside(
    enter: Enter, pools: tuple[str, str], word: str | None
) -> None:
    client = enter(word)
    assert _denied(lambda: client.describe_user_pool(UserPoolId=pools[0])) == "AssumeRole"
