"""One contract for the groups of both pools: the fakes, moto's Cognito and the local stack's keep it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.groups import NewPoolGroups, OldPoolGroups
from cutover.users.decision_table import Stop
from cutover.users.group_ports import Creation, Group, NewGroups, OldGroups
from tests.fakes.groups import FakeNewGroups, FakeOldGroups

EDITORS = Group("editors", "who may edit", 0, "arn:aws:iam::123456789012:role/editors")
READERS = Group("readers")


@dataclass
class FakePools:
    new: NewGroups = field(default_factory=lambda: FakeNewGroups(time.time))
    old: OldGroups = field(default_factory=FakeOldGroups)

    def person(self) -> str:
        assert isinstance(self.new, FakeNewGroups)
        sub = uuid.uuid4().hex
        self.new.subs.add(sub)
        return sub

    def groups_of(self, sub: str) -> list[Group]:
        """As the old pool's port shows them: the same pool plays both sides."""
        assert isinstance(self.new, FakeNewGroups)
        assert isinstance(self.old, FakeOldGroups)
        self.old.members[sub] = [self.new.groups[name] for who, name in self.new.members if who == sub]
        return list(self.old.of(sub))


class EmulatedPools:
    """One pool that signs in by e-mail, whose user names are subs: moto finds users by nothing else."""

    def __init__(self, cognito: Any) -> None:
        self._cognito = cognito
        made = cognito.create_user_pool(PoolName="pool", UsernameAttributes=["email"])
        self._pool = made["UserPool"]["Id"]
        self.old: OldGroups = OldPoolGroups(cognito, self._pool)
        self.new: NewGroups = NewPoolGroups(cognito, self._pool)

    def person(self) -> str:
        email = f"{uuid.uuid4().hex}@example.com"
        made = self._cognito.admin_create_user(
            UserPoolId=self._pool, Username=email, MessageAction="SUPPRESS"
        )
        return next(row["Value"] for row in made["User"]["Attributes"] if row["Name"] == "sub")

    def groups_of(self, sub: str) -> list[Group]:
        return list(self.old.of(sub))


Pools = FakePools | EmulatedPools


@pytest.fixture(params=["fake", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def pools(request: pytest.FixtureRequest) -> Iterator[Pools]:
    if request.param == "fake":
        yield FakePools()
    elif request.param == "moto":
        with mock_aws():
            yield EmulatedPools(boto3.client("cognito-idp", region_name="eu-west-1"))
    else:
        url = request.getfixturevalue("local_stack")
        yield EmulatedPools(boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=url))


def test_a_group_is_made_with_all_that_it_says(pools: Pools) -> None:
    assert pools.new.create(EDITORS) is Creation.MADE
    found = pools.new.group("editors")
    assert found == EDITORS
    assert found is not None
    assert abs(found.created_at - time.time()) < 60


def test_a_group_of_a_name_alone(pools: Pools) -> None:
    pools.new.create(READERS)
    found = pools.new.group("readers")
    assert found is not None
    assert replace(found, precedence=None) == READERS  # moto shows 0


def test_a_group_that_exists_is_not_made_again(pools: Pools) -> None:
    pools.new.create(EDITORS)
    assert pools.new.create(replace(EDITORS, description="another")) is Creation.EXISTS
    assert pools.new.group("editors") == EDITORS


def test_a_group_that_is_not_there(pools: Pools) -> None:
    assert pools.new.group("editors") is None


def test_a_user_joins(pools: Pools) -> None:
    pools.new.create(EDITORS)
    ann = pools.person()
    assert pools.new.join(ann, "editors")
    assert pools.groups_of(ann) == [EDITORS]


def test_joining_twice_is_joining(pools: Pools) -> None:
    pools.new.create(EDITORS)
    ann = pools.person()
    assert pools.new.join(ann, "editors")
    assert pools.new.join(ann, "editors")
    assert pools.groups_of(ann) == [EDITORS]


def test_nobody_joins_a_group_that_is_not_there(pools: Pools) -> None:
    assert not pools.new.join(pools.person(), "editors")


def test_a_user_who_is_not_there_is_a_fault(pools: Pools) -> None:
    pools.new.create(EDITORS)
    with pytest.raises(Stop):
        pools.new.join("0a1b2c3d-0000-4000-8000-00000000000a", "editors")


def test_a_user_without_groups(pools: Pools) -> None:
    assert pools.groups_of(pools.person()) == []


def test_an_unknown_user_has_no_groups(pools: Pools) -> None:
    assert list(pools.old.of("0a1b2c3d-0000-4000-8000-00000000000a")) == []
