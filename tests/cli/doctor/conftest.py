"""Two pools and a stack on moto, as those of attach, and callers with part of the permissions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from tests.cli.pools.moto_protection import termination_protection
from tests.cli.pools.world import PoolWorld
from tests.cli.verbs import Ran, Shell

Caller = Callable[..., Ran]
"""`caller(run, *actions, but=action)`: moto's IAM lets `run` do these actions and not that one."""


@pytest.fixture
def world(unique: Callable[[str], str]) -> Iterator[PoolWorld]:
    with mock_aws(), termination_protection():
        yield PoolWorld(None, unique("app"))


@pytest.fixture
def doctor(shell: Shell, world: PoolWorld) -> Callable[..., Ran]:
    return lambda *words: shell.run("doctor", *words, *world.words)


@pytest.fixture
def caller(world: PoolWorld, monkeypatch: pytest.MonkeyPatch) -> Caller:
    def as_user(run: Callable[[], Ran], *actions: str, but: str = "") -> Ran:
        iam = world.client("iam")
        iam.create_user(UserName=world.name)
        statements = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
        statements += [{"Effect": "Deny", "Action": [but], "Resource": "*"}] if but else []
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=world.name, PolicyName="part", PolicyDocument=policy)
        key = iam.create_access_key(UserName=world.name)["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        ran: Ran = set_initial_no_auth_action_count(0)(run)()
        return ran

    return as_user
