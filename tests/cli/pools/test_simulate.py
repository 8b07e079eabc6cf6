"""simulate as a person types it: it tells, and changes nothing."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.canary import PASSWORD
from tests.cli.pools.runs import Run, on_the_local_stack_too
from tests.cli.pools.world import STACK_TEMPLATE, PoolWorld
from tests.cli.verbs import Shell

PARAMETERS = ("OldClientId", "ForgotPassword", "MfaPolicy")


@pytest.fixture
def ann(world: PoolWorld, unique: Callable[[str], str]) -> str:
    """A user of the old pool, in a stack that has what the trigger's settings need."""
    name = unique("ann")
    world.add_user(world.old_pool, name, email=f"{name}@example.com", email_verified="true")
    world.cognito.admin_set_user_password(
        UserPoolId=world.old_pool, Username=name, Password=PASSWORD, Permanent=True
    )
    client = world.cognito.create_user_pool_client(
        UserPoolId=world.old_pool, ClientName="c", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    deploy(world, OldClientId=client)
    return name


def deploy(world: PoolWorld, **parameters: str) -> None:
    cloudformation = world.client("cloudformation")
    kept = cloudformation.describe_stacks(StackName=world.name)["Stacks"][0]["Parameters"]
    values = {row["ParameterKey"]: row["ParameterValue"] for row in kept} | parameters
    template: Any = json.loads(json.dumps(STACK_TEMPLATE))
    template["Parameters"] |= {name: {"Type": "String", "Default": ""} for name in PARAMETERS}
    template["Outputs"] |= {
        "SettleQueueUrl": {"Value": "https://queue"},
        "NewUserPoolId": {"Value": world.new_pool},
    }
    cloudformation.update_stack(
        StackName=world.name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    )


@pytest.fixture
def simulate(shell: Shell, world: PoolWorld) -> Run:
    pace = world.words.index("--calls-per-second")
    words = world.words[:pace] + world.words[pace + 2 :]
    return lambda *given, typed="": shell.run("simulate", *given, *words, typed=typed)


@on_the_local_stack_too
def test_who_would_come_over_is_told_so_and_nothing_is_written(
    world: PoolWorld, ann: str, simulate: Run
) -> None:
    ran = simulate(ann, "--output", "json")
    assert ran.code == 0, ran.err
    data = ran.envelope["data"]
    assert (data["sign_in"]["decision"], data["sign_in"]["answer"]) == ("migrated", "confirmed")
    assert (data["target"]["name"], data["old_sub_in"], world.ledger_rows()) == (ann, "custom:old_sub", {})


def test_the_screen_says_what_becomes_of_everything(ann: str, simulate: Run) -> None:
    out = simulate(ann).out
    for line in ("OLD POOL", "RIGHT PASSWORD   migrated", "FORGOT PASSWORD  not_in_rollout", "email "):
        assert line in out
    assert f"{ann}@example.com" not in out


def test_a_disabled_user_is_told_why_and_what_helps(world: PoolWorld, ann: str, simulate: Run) -> None:
    world.cognito.admin_disable_user(UserPoolId=world.old_pool, Username=ann)
    data = simulate(ann, "--output", "json").envelope["data"]
    assert (data["sign_in"]["decision"], data["sign_in"]["answer"]) == ("disabled", "untouched")
    assert "enable" in data["sign_in"]["help"]


def test_who_is_in_the_new_pool_never_reaches_the_trigger(world: PoolWorld, ann: str, simulate: Run) -> None:
    world.add_user(world.new_pool, ann)
    ran = simulate(ann, "--output", "json")
    assert ran.envelope["data"]["trigger_is_asked"] is False
    assert "never asked" in simulate(ann).out


@pytest.mark.parametrize(("client", "decision"), [("web", "migrated"), ("another", "wrong_pool")])
def test_a_parameter_of_the_stack_counts(
    world: PoolWorld, ann: str, simulate: Run, client: str, decision: str
) -> None:
    deploy(world, AllowedClientIds="web")
    ran = simulate(ann, "--client", client, "--output", "json")
    assert ran.envelope["data"]["sign_in"]["decision"] == decision


def test_a_pause_is_told(world: PoolWorld, ann: str, simulate: Run) -> None:
    row = {"pk": {"S": f"control#{world.new_pool}"}, "sk": {"S": "rollout"}, "paused": {"S": "a night"}}
    world.client("dynamodb").put_item(TableName=world.name, Item=row)
    assert simulate(ann, "--output", "json").envelope["data"]["sign_in"]["decision"] == "paused"


@on_the_local_stack_too
def test_a_password_from_the_input_is_tried_and_never_shown(ann: str, simulate: Run) -> None:
    ran = simulate(ann, "--password-stdin", "--output", "json", typed=f"{PASSWORD}\n")
    data = ran.envelope["data"]
    assert (data["password_tried"], data["sign_in"]["decision"]) == (True, "migrated")
    assert PASSWORD not in ran.out + ran.err
    assert "lockout" in ran.err


def test_a_wrong_password_is_told(ann: str, simulate: Run) -> None:
    ran = simulate(ann, "--password-stdin", "--output", "json", typed="Another-1-password\n")
    assert ran.envelope["data"]["sign_in"]["decision"] == "wrong_password"


@pytest.mark.parametrize(
    "words", [("--password",), ("--password", "--password-stdin"), ("--password", "--no-input")]
)
def test_a_password_is_not_asked_for_where_it_would_show(
    ann: str, simulate: Run, words: tuple[str, ...]
) -> None:
    assert simulate(ann, *words, typed=f"{PASSWORD}\n").code == 2


def test_an_empty_input_is_no_password(ann: str, simulate: Run) -> None:
    assert simulate(ann, "--password-stdin").code == 2


def test_a_stack_of_another_version_is_a_usage_error(world: PoolWorld, simulate: Run) -> None:
    assert simulate("ann").code == 2


ASK = """
from cutover.aws.session import Aws
from cutover.cli.options import Invocation
from cutover.cli.password import typed_password
from cutover.cli.render import Render
print("length", len(typed_password(Invocation(Aws(), Render.of_process()))))
"""


def test_a_typed_password_is_not_echoed() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ASK], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    seen = b""
    while b"Password of the old pool" not in seen:
        seen += os.read(ours, 1000)
    os.write(ours, b"not-to-be-seen\n")
    while b"length" not in seen or not seen.endswith(b"\n"):
        seen += os.read(ours, 1000)
    process.wait(30)
    os.close(ours)
    assert b"length 14" in seen
    assert b"not-to-be-seen" not in seen
