"""Two pools and a stack, on moto (which resets what an update leaves out) or on the local stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.cli.pools.moto_protection import termination_protection
from tests.cli.pools.world import CLOSED, REGION, PoolWorld
from tests.cli.verbs import Ran, Shell

UNUSUAL: dict[str, Any] = {
    "AutoVerifiedAttributes": ["email"],
    "UserPoolTags": {"team": "shop"},
    "DeletionProtection": "ACTIVE",
    "Policies": {"PasswordPolicy": {"MinimumLength": 14, "RequireSymbols": False}},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "LambdaConfig": {"CustomMessage": "arn:aws:lambda:us-east-1:123456789012:function:other"},
}
THEIRS = "arn:aws:lambda:us-east-1:123456789012:function:welcome"
"""A PreSignUp function of somebody else."""
CHAINED: dict[str, Any] = {**UNUSUAL, "LambdaConfig": {"PreSignUp": THEIRS}}


@pytest.fixture(autouse=True)
def _snapshots_in_the_tests_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def moto_old_pool() -> Iterator[str]:
    """moto for the whole module, with one old pool: moto takes a third of a second to make one."""
    with mock_aws(), termination_protection():
        client = boto3.client("cognito-idp", region_name=REGION)
        yield client.create_user_pool(PoolName="old", AdminCreateUserConfig=CLOSED)["UserPool"]["Id"]


@pytest.fixture(params=["moto"])
def world(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> PoolWorld:
    if request.param == "moto":
        return PoolWorld(None, unique("app"), UNUSUAL, request.getfixturevalue("moto_old_pool"))
    return PoolWorld(request.getfixturevalue("local_stack"), unique("app"), UNUSUAL)


@pytest.fixture
def world_without_attribute(moto_old_pool: str, unique: Callable[[str], str]) -> PoolWorld:
    return PoolWorld(None, unique("app"), UNUSUAL, moto_old_pool, attribute="custom:absent")


@pytest.fixture(params=["moto"])
def made(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Callable[[str], PoolWorld]:
    """A world whose pool has THEIRS, and whose stack has a guard that calls this function after itself."""
    if request.param == "moto":
        old_pool = request.getfixturevalue("moto_old_pool")
        return lambda chained: PoolWorld(None, unique("app"), CHAINED, old_pool, chained=chained)
    endpoint = request.getfixturevalue("local_stack")
    return lambda chained: PoolWorld(endpoint, unique("app"), CHAINED, chained=chained)


@pytest.fixture
def squatter(world: PoolWorld, unique: Callable[[str], str]) -> str:
    """The name of a new-pool user who holds an old user's e-mail."""
    name = unique("squatter")
    world.add_user(world.old_pool, unique("owner"), email=f"{name}@x.org")
    world.add_user(world.new_pool, name, email=f"{name}@x.org")
    return name


@pytest.fixture
def attach(shell: Shell, world: PoolWorld) -> Callable[..., Ran]:
    return lambda *words, typed="": shell.run("attach", *words, *world.words, typed=typed)


@pytest.fixture
def detach(shell: Shell, world: PoolWorld) -> Callable[..., Ran]:
    return lambda *words: shell.run("detach", *words, *world.words)
