"""`cutover init` on moto: what it finds, what it plans, what it changes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from cutover.aws.session import Aws
from tests.cli.verbs import Ran, Shell

AWS = Aws(region="eu-west-1")
SHIPPED = 'version = 0.1\n\n[default.global.parameters]\nstack_name = "cutover"\n'


@dataclass
class World:
    new_pool: str
    old_pool: str
    old_client: str
    shell: Shell

    def init(self, *words: str, typed: str = "") -> Ran:
        return self.shell.run("init", "--region", "eu-west-1", *words, typed=typed)

    @property
    def users(self) -> tuple[str, ...]:
        return "--new-pool", self.new_pool, "--old-pool", self.old_pool, "--old-client", self.old_client


def table(name: str, **more: Any) -> None:
    AWS.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **more,
    )


def stream_of(name: str) -> dict[str, Any]:
    described: dict[str, Any] = AWS.client("dynamodb").describe_table(TableName=name)["Table"]
    return described.get("StreamSpecification", {})  # type: ignore[no-any-return]


def parameters() -> dict[str, Any]:
    content = tomllib.loads(Path("samconfig.toml").read_text())
    found: dict[str, Any] = content["default"]["global"]["parameters"]
    return found


@pytest.fixture
def world(shell: Shell) -> Iterator[World]:
    with mock_aws():
        cognito = AWS.client("cognito-idp")
        pools = [cognito.create_user_pool(PoolName=name)["UserPool"]["Id"] for name in ("new", "old")]
        client = cognito.create_user_pool_client(
            UserPoolId=pools[1],
            ClientName="cutover",
            GenerateSecret=True,
            ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        )["UserPoolClient"]["ClientId"]
        for name in ("orders", "orders-new"):
            table(name)
        Path("samconfig.toml").write_text(SHIPPED)
        yield World(pools[0], pools[1], client, shell)


def test_users_are_written_to_the_file(world: World) -> None:
    ran = world.init(*world.users, "--yes")
    assert ran.code == 0
    assert ran.err.endswith("next: make deploy\n")
    found = parameters()
    assert (found["stack_name"], found["region"]) == ("cutover", "eu-west-1")
    assert found["parameter_overrides"] == {
        "NewUserPoolId": world.new_pool,
        "OldUserPoolId": world.old_pool,
        "OldClientId": world.old_client,
    }


def test_a_source_without_a_stream_gets_one_after_a_yes(world: World) -> None:
    assert world.init("--table", "orders=orders-new", typed="y\n").code == 0
    assert stream_of("orders") == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    overrides = parameters()["parameter_overrides"]
    assert overrides["SourceStreamArns"][0].split("/stream/")[0].endswith("table/orders")


def test_a_no_changes_nothing(world: World) -> None:
    ran = world.init("--table", "orders=orders-new", typed="n\n")
    assert ran.code == 1
    assert stream_of("orders") == {}
    assert Path("samconfig.toml").read_text() == SHIPPED


def test_a_dry_run_shows_streams_and_diff_and_changes_nothing(world: World) -> None:
    ran = world.init("--table", "orders=orders-new", "--dry-run", "--output", "json")
    assert ran.code == 0
    assert ran.envelope["data"]["done"] is False
    assert ran.envelope["next"] == "cutover init --table orders=orders-new --region eu-west-1"
    assert [step["view"] for step in ran.envelope["data"]["streams"]] == ["NEW_AND_OLD_IMAGES"]
    assert any(line.startswith("+Tables = ") for line in ran.envelope["data"]["diff"])
    assert stream_of("orders") == {}
    assert Path("samconfig.toml").read_text() == SHIPPED


def test_a_streams_view_type_is_never_changed(world: World) -> None:
    table("events", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    table("events-new")
    assert world.init("--table", "events=events-new", "--yes").code == 0
    assert stream_of("events")["StreamViewType"] == "KEYS_ONLY"


def test_running_it_again_changes_nothing_and_asks_nothing(world: World) -> None:
    world.init("--table", "orders=orders-new", "--yes")
    before = Path("samconfig.toml").read_text()
    ran = world.init("--table", "orders=orders-new", "--no-input")
    assert ran.code == 0
    assert Path("samconfig.toml").read_text() == before


def test_another_value_is_not_overwritten_by_yes_alone(world: World) -> None:
    world.init(*world.users, "--yes")
    other = AWS.client("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"]
    words = ("--new-pool", other, *world.users[2:], "--yes")
    ran = world.init(*words, "--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "would_overwrite")
    assert parameters()["parameter_overrides"]["NewUserPoolId"] == world.new_pool
    assert world.init(*words, "--overwrite").code == 0
    assert parameters()["parameter_overrides"]["NewUserPoolId"] == other


def test_what_was_not_given_is_asked_for(world: World) -> None:
    typed = f"{world.new_pool}\n{world.old_pool}\n{world.old_client}\norders=orders-new\n\ny\n"
    assert world.init(typed=typed).code == 0
    overrides = parameters()["parameter_overrides"]
    assert overrides["OldClientId"] == world.old_client
    assert overrides["SourceTableArns"][0].endswith("table/orders")


def test_no_input_asks_nothing(world: World) -> None:
    assert world.init("--no-input").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--table", "orders=nowhere"),
        ("--table", "orders"),
        ("--table", "a=b=c"),
        ("--table", "orders=orders-new", "--set", "ForgotPassword"),
        ("--table", "orders=orders-new", "--set", "ForgotPasword=on"),
    ],
)
def test_what_does_not_exist_or_cannot_be_read_is_a_usage_error(world: World, words: tuple[str, ...]) -> None:
    ran = world.init(*words, "--yes", "--output", "json")
    assert ran.code == 2
    assert Path("samconfig.toml").read_text() == SHIPPED


def test_a_pool_that_does_not_exist_is_a_usage_error(world: World) -> None:
    ran = world.init("--new-pool", "eu-west-1_none", *world.users[2:], "--yes")
    assert ran.code == 2
    assert "eu-west-1_none does not exist" in ran.err


@pytest.mark.parametrize("pool", ["people", "eu-west-1", "eu-west-1_a b", "_AbC"])
def test_what_is_no_id_of_a_pool_is_a_usage_error(world: World, pool: str) -> None:
    assert world.init("--new-pool", pool, *world.users[2:], "--yes").code == 2


def test_the_clients_secret_is_never_shown(world: World) -> None:
    described = AWS.client("cognito-idp").describe_user_pool_client(
        UserPoolId=world.old_pool, ClientId=world.old_client
    )
    secret = described["UserPoolClient"]["ClientSecret"]
    ran = world.init(*world.users, "--yes", "--output", "json")
    assert "has a secret" in ran.envelope["data"]["notes"][0]
    assert secret not in ran.out + ran.err + Path("samconfig.toml").read_text()


def test_a_secret_that_does_not_exist_is_a_usage_error(world: World) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none-abcdef"
    assert world.init(*world.users, "--old-client-secret-arn", arn, "--yes").code == 2


def test_another_template_parameter_can_be_set(world: World) -> None:
    world.init(*world.users, "--set", "ForgotPassword=on", "--yes")
    assert parameters()["parameter_overrides"]["ForgotPassword"] == "on"


def test_a_second_stack_has_a_file_of_its_own(world: World) -> None:
    world.init(*world.users, "--yes")
    ran = world.init(
        "--table", "orders=orders-new", "--stack", "tables", "--config-file", "tables.toml", "--yes"
    )
    assert "next: sam build --config-file tables.toml" in ran.err
    shared = tomllib.loads(Path("tables.toml").read_text())["default"]["global"]["parameters"]
    assert shared["stack_name"] == "tables"
    assert "NewUserPoolId" not in shared["parameter_overrides"]
    assert parameters()["stack_name"] == "cutover"


def test_a_file_that_cannot_be_written_keeps_the_streams_as_they_are(world: World) -> None:
    ran = world.init("--table", "orders=orders-new", "--config-file", "nowhere/samconfig.toml", "--yes")
    assert (ran.code, stream_of("orders")) == (2, {})


def test_the_next_command_names_the_stream_view(world: World) -> None:
    ran = world.init("--table", "orders=orders-new", "--stream-view", "KEYS_ONLY", "--dry-run")
    assert "--stream-view KEYS_ONLY" in ran.err


def test_the_next_command_names_what_was_typed_as_an_answer(world: World) -> None:
    ran = world.init("--dry-run", typed="\norders=orders-new\n\n")
    assert "next: cutover init --table orders=orders-new" in ran.err


def test_what_is_no_arn_of_a_secret_is_a_usage_error(world: World) -> None:
    ran = world.init(*world.users, "--old-client-secret-arn", "hunter2", "--dry-run")
    assert ran.code == 2
    assert "hunter2" not in ran.err


def test_a_secret_that_the_file_names_is_not_asked_for_again(world: World) -> None:
    arn = AWS.client("secretsmanager").create_secret(Name="client", SecretString="x")["ARN"]
    world.init(*world.users, "--old-client-secret-arn", arn, "--yes")
    assert "OldClientSecretArn is not set" not in world.init(*world.users, "--dry-run").err


ROLE = "arn:aws:iam::222222222222:role/reader"


def theirs(**more: Any) -> None:
    """The table `invoices` of another account."""
    there = AWS.elsewhere(role_arn=ROLE, external_id="word").client("dynamodb")
    there.create_table(
        TableName="invoices",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **more,
    )


ROLES = (
    "--table",
    "invoices=orders-new",
    "--set",
    f"SourceRoleArn={ROLE}",
    "--set",
    "ExternalId=word",
    "--yes",
)


def test_tables_of_another_account_are_looked_at_by_the_functions_role(world: World) -> None:
    theirs(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    assert world.init(*ROLES).code == 0
    overrides = str(parameters()["parameter_overrides"])
    assert "arn:aws:dynamodb:eu-west-1:222222222222:table/invoices/stream/" in overrides
    assert "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-new" in overrides
    again = world.init("--table", "invoices=orders-new", "--yes")  # the role stands in the file by now
    assert again.code == 0


def test_a_stream_of_another_account_is_not_switched_on_from_here(world: World) -> None:
    theirs()
    ran = world.init(*ROLES)
    assert (ran.code, "stream_elsewhere" in ran.err) == (4, True)
    assert Path("samconfig.toml").read_text() == SHIPPED
