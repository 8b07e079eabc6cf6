"""`cutover status` from a stack, from the ledger alone, and where there is nothing to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from moto import mock_aws

from cutover.aws.session import Aws
from tests.cli.verbs import Shell
from tests.fakes.ledger_table import create_ledger, put_row

AWS = Aws(region="eu-west-1")


@pytest.fixture
def new_pool() -> Iterator[str]:
    """A stack `people` for users only, whose ledger knows three users."""
    with mock_aws():
        dynamodb = AWS.client("dynamodb")
        create_ledger(dynamodb, "ledger")
        for sub in ("a", "b"):
            put_row(dynamodb, "ledger", pk=f"user#{sub}", sk="state", listed="user#confirmed", listed_at=1)
        put_row(dynamodb, "ledger", pk="user#c", sk="state", listed="user#offered", listed_at=1)
        pool = AWS.client("cognito-idp").create_user_pool(PoolName="new")["UserPool"]["Id"]
        stack("people", LedgerTable="ledger", NewUserPoolId=pool)
        yield str(pool)


def stack(name: str, **outputs: str) -> None:
    AWS.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {output: {"Value": value} for output, value in outputs.items()},
            }
        ),
    )


STACK = ("--stack", "people", "--region", "eu-west-1")


def test_the_stack_leads_to_the_ledger_and_the_pool(shell: Shell, new_pool: str) -> None:
    ran = shell.run("status", *STACK, "--output", "json")
    assert ran.code == 0
    users = ran.envelope["data"]["users"]
    assert users["new_pool"] == new_pool
    assert users["counts"]["confirmed"] == {"number": 2, "exact": True}
    assert users["counts"]["offered"] == {"number": 1, "exact": True}
    assert users["attached"] is False
    assert users["rollout"] == {"percent": 100, "paused": None}


def test_it_says_what_blocks_and_what_is_next(shell: Shell, new_pool: str) -> None:
    ran = shell.run("status", *STACK)
    assert "the trigger is not attached" in ran.out
    assert ran.err == "next: cutover attach --stack people --region eu-west-1\n"


def test_a_stack_of_users_alone_shows_no_tables(shell: Shell, new_pool: str) -> None:
    assert "TABLES" not in shell.run("status", *STACK).out


@pytest.mark.parametrize("parameter", [False, True], ids=["in the stack", "in an SSM parameter"])
def test_a_stack_of_tables_alone_shows_its_pairs_and_no_users(
    shell: Shell, new_pool: str, parameter: bool
) -> None:
    pairs = json.dumps([{"source": "orders", "target": "orders-new"}])
    AWS.client("ssm").put_parameter(Name="/pairs", Value=pairs, Type="String")
    queue = AWS.client("sqs").create_queue(QueueName="retry")["QueueUrl"]
    stack(
        "tables",
        LedgerTable="ledger",
        Tables="ssm:/pairs" if parameter else pairs,
        MirrorTableFunction="mirror",
        RetryQueueUrl=queue,
        RetryDeadLetterQueueUrl=queue,
        FailureBucket="nobody",
    )
    data = shell.run("status", "--stack", "tables", "--region", "eu-west-1", "--output", "json").envelope[
        "data"
    ]
    assert data["users"] is None
    assert [pair["pair"] for pair in data["tables"]["pairs"]] == ["orders=orders-new"]
    assert [note.split(":")[0] for note in data["unread"]] == ["the failure bucket"]


def test_pairs_that_nobody_can_read_leave_the_rest_to_be_seen(shell: Shell, new_pool: str) -> None:
    """The parameter may be changed at any time, and the mirror goes on with the pairs of before."""
    AWS.client("ssm").put_parameter(Name="/pairs", Value="[{", Type="String")
    queue = AWS.client("sqs").create_queue(QueueName="retry")["QueueUrl"]
    stack(
        "both",
        LedgerTable="ledger",
        NewUserPoolId=new_pool,
        Tables="ssm:/pairs",
        MirrorTableFunction="mirror",
        RetryQueueUrl=queue,
        RetryDeadLetterQueueUrl=queue,
        FailureBucket="nobody",
    )
    ran = shell.run("status", "--stack", "both", "--region", "eu-west-1", "--output", "json")
    data = ran.envelope["data"]
    assert data["users"] is not None
    assert data["tables"]["pairs"] == []
    assert [note for note in data["unread"] if note.startswith("the table pairs: TABLES is not JSON")]


def test_without_the_stack_the_ledger_and_the_pool_are_enough(shell: Shell, new_pool: str) -> None:
    ran = shell.run(
        "status", "--ledger", "ledger", "--new-pool", new_pool, "--region", "eu-west-1", "--output", "json"
    )
    assert ran.envelope["data"]["users"]["counts"]["confirmed"] == {"number": 2, "exact": True}
    assert ran.envelope["data"]["stack"] is None


@pytest.mark.parametrize(
    "words",
    [
        ("--stack", "people", "--ledger", "ledger"),
        ("--new-pool", "eu-west-1_new"),
        (),
    ],
    ids=["stack and ledger", "pool without ledger", "nothing"],
)
def test_what_does_not_say_where_to_look_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.run("status", *words, "--output", "json").code == 2


def test_a_stack_that_is_not_there_says_so(shell: Shell, new_pool: str) -> None:
    ran = shell.run("status", "--stack", "peeple", "--region", "eu-west-1", "--output", "json")
    assert ran.code == 1
    assert ran.envelope["data"]["message"] == "stack peeple does not exist in eu-west-1"


def test_without_the_stack_no_command_is_next_that_needs_one(shell: Shell, new_pool: str) -> None:
    ran = shell.run("status", "--ledger", "ledger", "--new-pool", new_pool, "--region", "eu-west-1")
    assert "the trigger is not attached" in ran.out
    assert "next:" not in ran.err
