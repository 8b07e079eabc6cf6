"""The password flow of an app client, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.pools.runs import ACCEPT, Run, on_the_local_stack_too
from tests.cli.pools.world import PoolWorld

PASSWORD = "ALLOW_USER_PASSWORD_AUTH"


@pytest.fixture
def client(world: PoolWorld) -> str:
    """An app client with a secret and without the password flow."""
    made = world.cognito.create_user_pool_client(
        UserPoolId=world.new_pool,
        ClientName="web",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        CallbackURLs=["https://shop.example/back"],
        WriteAttributes=["nickname"],
    )
    return str(made["UserPoolClient"]["ClientId"])


def flows(world: PoolWorld, client: str) -> set[str]:
    reply = world.cognito.describe_user_pool_client(UserPoolId=world.new_pool, ClientId=client)
    return set(reply["UserPoolClient"]["ExplicitAuthFlows"])


@on_the_local_stack_too
def test_the_flow_comes_with_attach_and_goes_with_detach(
    world: PoolWorld, client: str, attach: Run, detach: Run
) -> None:
    before = flows(world, client)
    assert attach(*ACCEPT, "--client", client).code == 0
    assert flows(world, client) == before | {PASSWORD}
    assert detach("--yes").code == 0
    assert flows(world, client) == before


def test_the_clients_secret_is_neither_printed_nor_saved(
    world: PoolWorld, client: str, attach: Run, tmp_path: Path
) -> None:
    file = tmp_path / "before.json"
    ran = attach(*ACCEPT, "--client", client, "--snapshot-file", str(file), "--output", "json")
    reply = world.cognito.describe_user_pool_client(UserPoolId=world.new_pool, ClientId=client)
    written = ran.out + ran.err + file.read_text() + json.dumps(world.ledger_rows())
    assert "https://shop.example/back" in file.read_text()
    assert reply["UserPoolClient"]["ClientSecret"] not in written


def test_an_attached_pool_can_get_the_flow_later(world: PoolWorld, client: str, attach: Run) -> None:
    attach(*ACCEPT)
    shown = attach("--client", client, "--dry-run", "--output", "json").envelope["data"]["plan"]
    assert ([one["id"] for one in shown["clients_changed"]], shown["changes"]) == ([client], [])
    assert attach("--client", client, typed=f"{world.new_pool}\n").code == 0
    assert PASSWORD in flows(world, client)


def test_a_client_that_the_pool_does_not_have_changes_nothing(world: PoolWorld, attach: Run) -> None:
    assert attach(*ACCEPT, "--client", "nosuchclient").code == 2
    assert world.trigger() is None
