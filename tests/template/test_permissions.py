"""With IAM enforced, every function does its work, and uses every permission that it has.

The local stack gives a function's process the credentials of its role, so calls are told apart by who made
them. A statement for another account stands in the place of one of ours: hence two deployments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from cutover.rehearsal.local import start_local_stack
from tests.rehearsal.probes import until
from tests.template.measured import ACCOUNT, BAD, EXPORTS, GOOD, PAPERS, Measured, World
from tests.template.measured_users import (
    ask_for_tokens,
    confirmed_before,
    make_neighbours,
    put_into_a_group,
    settle_everybody,
    sign_up,
)
from tests.template.permissions import AWS_ALONE, PERMISSIONS

pytestmark = [pytest.mark.slow, pytest.mark.local_stack]

FUNCTIONS = sorted({function for function, _ in PERMISSIONS})
ANOTHER_ACCOUNT = {"EnterOldAccount", "EnterSourceAccount", "EnterTargetAccount"}
OURS = {
    "AskOldPool",
    "ReadOldClients",
    "ReadOldGroups",
    "ReadSourceTables",
    "WriteTargetTables",
    "ReadSubMap",
}
WORD = "agreed-word"


def _granted(function: str, without: set[str]) -> set[str]:
    left_out = without | AWS_ALONE.keys()
    return {
        action
        for (holder, sid), actions in PERMISSIONS.items()
        for action in actions
        if holder == function and sid not in left_out
    }


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with start_local_stack(enforce_iam=True) as local:
        yield World.made(local)


@pytest.fixture(scope="module")
def here(world: World) -> Measured:
    """Everything in one account, after the work that needs each permission once."""
    bucket = {"ExportBucketArn": f"arn:aws:s3:::{EXPORTS}"}
    stack = world.deploy("here", **make_neighbours(world.local), **bucket)
    stack.attach()
    put_into_a_group(stack, "ann")
    _move_users(stack)
    settle_everybody(stack)
    assert ask_for_tokens(stack)["response"] == {"claimsOverrideDetails": None}
    _move_items(stack)
    stack.look()
    return stack


def _move_users(stack: Measured) -> None:
    assert stack.sign_in("ann")["AuthenticationResult"]["IdToken"]
    stack.remind("ann")
    until(lambda: stack.state("ann") == "confirmed")
    assert stack.ask("bob")["response"]["finalUserStatus"] == "CONFIRMED"
    in_flight = {"custom:old_sub": stack.world.sub("bob")}
    assert "errorType" not in sign_up(stack, "bob", **in_flight)
    assert "errorType" not in sign_up(stack, "zoe", email="zoe@example.com")
    stack.offered_before("cat")  # under another name, so that the function looks whether the user is there
    assert stack.ask("cat")["response"]["finalUserStatus"] == "CONFIRMED"
    stack.remind("bob")  # whom no Cognito created, so that the function asks for another look
    until(lambda: "sqs:SendMessage" in stack.used("SettleUser"))


def _move_items(stack: Measured) -> None:
    stack.world.put(GOOD)
    until(lambda: stack.world.mirrored(GOOD))
    stack.world.put(GOOD, "papers")
    until(lambda: stack.world.mirrored(GOOD, "papers"))
    stack.world.delete(GOOD, "papers")
    until(lambda: stack.world.gone(GOOD, "papers"))
    _retry_papers(stack)
    stack.world.put(BAD)
    until(lambda: "dynamodb:UpdateItem" in stack.used("MirrorTable"))
    stack.retry(BAD)
    until(lambda: "sqs:ChangeMessageVisibility" in stack.used("RetryKeys"))
    stack.backfill()
    stack.backfill_from_export()
    _backfill_papers(stack)
    stack.rule("pace", paused={"BOOL": True})
    stack.retry(GOOD)
    until(lambda: "sqs:SendMessage" in stack.used("RetryKeys"))
    stack.rule("authority", ruler={"S": "source"}, direction={"S": "forward"}, epoch={"N": "1"})
    stack.retry(GOOD)
    until(lambda: {"dynamodb:UpdateItem", "dynamodb:DeleteItem"} <= stack.used("RetryKeys"))
    stack.lose(GOOD)
    stack.wait_for_a_user(GOOD, epoch=0)


def _retry_papers(stack: Measured) -> None:
    """One paper that the target lacks, and one that it has and should not: only the retry looks at them."""
    stack.world.put(GOOD, "papers-new")
    stack.retry(GOOD, PAPERS)
    until(lambda: stack.world.gone(GOOD, "papers"))
    late = {"id": {"S": "late"}}
    stack.world.put(late, "papers")
    until(lambda: stack.world.mirrored(late, "papers"))
    stack.world.delete(late, "papers-new")
    stack.retry(late, PAPERS)
    until(lambda: stack.world.mirrored(late, "papers"))


def _backfill_papers(stack: Measured) -> None:
    """One that the target lacks, and one that a backfill had written when its source item was deleted."""
    late = {"id": {"S": "late"}}
    stack.world.delete(late, "papers-new")
    stack.world.put(GOOD, "papers-new")
    stack.leave_pending(GOOD, PAPERS)
    stack.backfill(PAPERS)
    assert stack.world.mirrored(late, "papers")
    assert stack.world.gone(GOOD, "papers")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_uses_all_that_it_may_and_nothing_else(here: Measured, function: str) -> None:
    assert here.used(function) == _granted(function, without=ANOTHER_ACCOUNT)


@pytest.fixture(scope="module")
def there(world: World, here: Measured) -> Measured:
    """The same with a role for everything that is not ours, and a list of attributes."""
    role = _role_of_another_account(world)
    stack = world.deploy(
        "there",
        OldRoleArn=role,
        OldExternalId=WORD,
        SourceRoleArn=role,
        TargetRoleArn=role,
        ExternalId=WORD,
        Attributes="email",
    )
    _move_users_and_items_again(stack)
    return stack


def _move_users_and_items_again(stack: Measured) -> None:
    assert stack.ask("bob")["response"]["finalUserStatus"] == "CONFIRMED"
    assert "errorType" not in sign_up(stack, "zoe", email="zoe@example.com")
    late = {"id": {"S": "late"}, "kind": {"S": "parcel"}}
    stack.world.put(late)
    until(lambda: stack.world.mirrored(late))
    stack.retry(late)
    until(lambda: "sts:AssumeRole" in stack.used("RetryKeys"))
    stack.backfill()
    confirmed_before(stack)
    until(lambda: "sts:AssumeRole" in stack.used("SettleUser"))


def _role_of_another_account(world: World) -> str:
    iam = world.local.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": WORD}},
    }
    work = {"Effect": "Allow", "Action": ["cognito-idp:*", "dynamodb:*"], "Resource": "*"}
    version = {"Version": "2012-10-17"}
    made = iam.create_role(
        RoleName="theirs", AssumeRolePolicyDocument=json.dumps({**version, "Statement": [trust]})
    )
    iam.put_role_policy(
        RoleName="theirs", PolicyName="work", PolicyDocument=json.dumps({**version, "Statement": [work]})
    )
    return str(made["Role"]["Arn"])


@pytest.mark.parametrize(
    "function", ["MigrateUser", "SettleUser", "GuardSignUp", "MirrorTable", "RetryKeys", "BackfillSegment"]
)
def test_a_function_reaches_another_account_by_its_role_alone(there: Measured, function: str) -> None:
    used = there.used(function)
    assert "sts:AssumeRole" in used
    assert used <= _granted(function, without=OURS | {"ReadNewClients"})
