"""The two roles of the tables' accounts where IAM is enforced: the functions do their work with them alone.

The local stack has one account, which plays all. It knows the key sts:ExternalId and not aws:PrincipalArn, so
that condition is taken out there, as in test_old_account_trust.py; test_table_account_roles.py holds it
against the template.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.aws.session import Aws
from cutover.rehearsal.local import Local, start_local_stack
from tests.rehearsal.probes import until
from tests.template.measured import ACCOUNT, GOOD, Measured, World
from tests.template.test_table_account_roles import SIDES, Side, deployed

pytestmark = [pytest.mark.slow, pytest.mark.local_stack]

WORD = "handshake"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"
BY_SIDE = {side.name: side for side in SIDES}


@pytest.fixture(scope="module")
def enforcing() -> Iterator[Local]:
    with start_local_stack(enforce_iam=True) as local:
        yield local


@pytest.fixture(scope="module")
def world(enforcing: Local) -> World:
    return World.made(enforcing)


@pytest.fixture(scope="module")
def roles(enforcing: Local, world: World) -> dict[str, str]:
    """The roles' ARNs by side, each for its table of the world."""
    return {side.name: _role(enforcing, side, world) for side in SIDES}


def _role(local: Local, side: Side, world: World) -> str:
    arn = deployed(
        local,
        side,
        f"{side.name}-account",
        TrustedAccountId=ACCOUNT,
        TrustedStackName="measured",
        ExternalId=WORD,
        OperatorArn=OPERATOR,
        **{side.tables: world.parameters[side.tables]},
    )
    iam, name = local.client("iam"), arn.rsplit("/", 1)[-1]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    for statement in trust["Statement"]:
        taken = statement["Condition"].pop("ArnLike", None) or statement["Condition"].pop("ArnEquals")
        assert list(taken) == ["aws:PrincipalArn"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return arn


@pytest.fixture(scope="module")
def stack(world: World, roles: dict[str, str]) -> Measured:
    return world.deploy(
        "measured", SourceRoleArn=roles["source"], TargetRoleArn=roles["target"], ExternalId=WORD
    )


def test_the_mirror_and_the_retry_work_with_the_two_roles_alone(stack: Measured) -> None:
    stack.world.put(GOOD)
    until(lambda: stack.world.mirrored(GOOD), seconds=60)
    late = {"id": {"S": "late"}, "kind": {"S": "parcel"}}
    stack.world.put(late)
    stack.retry(late)
    until(lambda: stack.world.mirrored(late), seconds=60)
    used = stack.used("MirrorTable") | stack.used("RetryKeys")
    assert "sts:AssumeRole" in used
    assert "dynamodb:BatchWriteItem" not in used


def table_of(world: World, side: str) -> str:
    """The first of a side's tables."""
    return world.parameters[BY_SIDE[side].tables].split(",")[0]


def through(local: Local, roles: dict[str, str], side: str, word: str | None = WORD) -> Any:
    """The operator's client by the role of a side."""
    here = Aws(region="us-east-1", endpoint_url=local.url)
    return here.elsewhere(role_arn=roles[side], external_id=word).client("dynamodb")


@pytest.fixture
def operator(enforcing: Local, roles: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment holds credentials of a role that may take the two roles and nothing else."""
    iam = enforcing.client("iam")
    if "operator" not in {row["RoleName"] for row in iam.list_roles()["Roles"]}:
        trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": list(roles.values())}
        iam.create_role(RoleName="operator", AssumeRolePolicyDocument=_document(trust))
        iam.put_role_policy(RoleName="operator", PolicyName="enter", PolicyDocument=_document(allowed))
    taken = enforcing.client("sts").assume_role(RoleArn=OPERATOR, RoleSessionName="operator")["Credentials"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", taken["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", taken["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", taken["SessionToken"])


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("side", list(BY_SIDE))
def test_an_operator_scans_and_looks_at_the_table(
    enforcing: Local, roles: dict[str, str], world: World, operator: None, side: str
) -> None:
    client, table = through(enforcing, roles, side), table_of(world, side)
    client.scan(TableName=table, ConsistentRead=True)
    client.describe_time_to_live(TableName=table)


def test_nobody_writes_the_source_nor_deletes_a_table(
    enforcing: Local, roles: dict[str, str], world: World, operator: None
) -> None:
    source, target = (through(enforcing, roles, side) for side in ("source", "target"))
    orders, new = (table_of(world, side) for side in ("source", "target"))
    assert _denied(lambda: source.put_item(TableName=orders, Item={"id": {"S": "x"}})) == "PutItem"
    assert _denied(lambda: target.delete_table(TableName=new)) == "DeleteTable"


@pytest.mark.parametrize(("side", "other"), [("source", "target"), ("target", "source")])
def test_a_role_opens_no_other_table_of_its_account(
    enforcing: Local, roles: dict[str, str], world: World, operator: None, side: str, other: str
) -> None:
    client = through(enforcing, roles, side)
    assert _denied(lambda: client.scan(TableName=table_of(world, other))) == "Scan"


@pytest.mark.parametrize("word", [None, "another"], ids=["without a word", "with another word"])
def test_who_does_not_know_the_word_stays_outside(
    enforcing: Local, roles: dict[str, str], world: World, operator: None, word: str | None
) -> None:
    client = through(enforcing, roles, "source", word)
    table = table_of(world, "source")
    assert _denied(lambda: client.describe_table(TableName=table)) == "AssumeRole"


def _denied(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    assert "AccessDenied" in caught.value.response["Error"]["Code"]
    return str(caught.value.operation_name)
