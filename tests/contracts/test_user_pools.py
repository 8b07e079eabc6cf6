"""One contract for the two pools' ports: the fake, moto's Cognito and the local stack's keep it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from cutover.users.decision_table import (
    PROFILE_ERRORS,
    SIGN_IN_ERRORS,
    Decision,
    decide_error,
)
from cutover.users.password_policy import PasswordPolicy
from cutover.users.ports import Accepted, Challenged, Failed, Profile
from tests.canary import PASSWORD
from tests.contracts.user_pools import EmulatedPools, FakePools
from tests.simulator.service import Simulator

Pools = FakePools | EmulatedPools


@pytest.fixture(
    params=["fake", "simulator", "moto", pytest.param("local stack", marks=pytest.mark.local_stack)]
)
def pools(request: pytest.FixtureRequest) -> Iterator[Pools]:
    if request.param == "fake":
        yield FakePools()
    elif request.param == "simulator":
        yield EmulatedPools(Simulator(time.time).client())
    elif request.param == "moto":
        with mock_aws():
            yield EmulatedPools(boto3.client("cognito-idp", region_name="eu-west-1"))
    else:
        url = request.getfixturevalue("local_stack")
        yield EmulatedPools(boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=url))


def refusal(reply: object) -> Decision:
    assert isinstance(reply, Failed)
    return decide_error(SIGN_IN_ERRORS, reply.code, reply.message, reply.http_status)


def test_a_right_password_is_accepted_for_its_sub(pools: Pools) -> None:
    sub = pools.person("ann")
    assert pools.old.sign_in("ann", PASSWORD) == Accepted(sub)


def test_a_wrong_password_is_wrong(pools: Pools) -> None:
    pools.person("ann")
    assert refusal(pools.old.sign_in("ann", "Another-1-Passw0rd!")) is Decision.WRONG_PASSWORD


def test_an_unknown_user_is_unknown(pools: Pools) -> None:
    assert refusal(pools.old.sign_in("nobody", PASSWORD)) is Decision.UNKNOWN_USER


def test_a_disabled_user_is_disabled(pools: Pools) -> None:
    pools.person("dan", enabled=False)
    assert refusal(pools.old.sign_in("dan", PASSWORD)) is Decision.DISABLED


def test_a_temporary_password_is_a_challenge_that_names_the_user(pools: Pools) -> None:
    sub = pools.person("tom", temporary=True)
    reply = pools.old.sign_in("tom", PASSWORD)
    assert isinstance(reply, Challenged)
    assert reply.name == "NEW_PASSWORD_REQUIRED"
    assert reply.user_id in {"tom", sub, None}


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_profile_shows_the_person(pools: Pools, side: str) -> None:
    sub = pools.person("ann", email="ann@example.com", email_verified="true")
    profile = getattr(pools, side).profile("ann")
    assert isinstance(profile, Profile)
    assert (profile.username, profile.sub, profile.status, profile.enabled) == ("ann", sub, "CONFIRMED", True)
    assert profile.attributes["email"] == "ann@example.com"
    assert profile.verified("email")
    assert profile.second_factors == ()
    assert abs(profile.created_at - time.time()) < 120


def test_a_profile_shows_who_is_disabled(pools: Pools) -> None:
    pools.person("dan", enabled=False)
    profile = pools.old.profile("dan")
    assert isinstance(profile, Profile)
    assert not profile.enabled


def test_a_profile_shows_a_temporary_password(pools: Pools) -> None:
    pools.person("tom", temporary=True)
    profile = pools.old.profile("tom")
    assert isinstance(profile, Profile)
    assert profile.status == "FORCE_CHANGE_PASSWORD"


def test_an_unknown_profile_of_the_old_pool_is_a_failure(pools: Pools) -> None:
    reply = pools.old.profile("nobody")
    assert isinstance(reply, Failed)
    assert decide_error(PROFILE_ERRORS, reply.code, reply.message, reply.http_status) is Decision.UNKNOWN_USER


def test_an_unknown_profile_of_the_new_pool_is_none(pools: Pools) -> None:
    assert pools.new.profile("nobody") is None


def test_rules_hold_the_schema(pools: Pools) -> None:
    _, new = pools.describe()
    rules = new.rules()
    assert rules.schema["email_verified"].type == "Boolean"
    assert rules.schema["sub"].required
    assert not rules.schema["name"].required


@pytest.mark.parametrize("way", ["username_attributes", "alias_attributes"])
def test_rules_hold_how_people_sign_in(pools: Pools, way: str) -> None:
    for pool in pools.describe(**{way: frozenset({"email"})}):
        assert getattr(pool.rules(), way) == {"email"}
        assert pool.rules().sign_in_attributes == {"email"}


@pytest.mark.parametrize("sensitive", [True, False])
def test_rules_hold_the_case(pools: Pools, *, sensitive: bool) -> None:
    for pool in pools.describe(case_sensitive=sensitive):
        assert pool.rules().case_sensitive is sensitive


def test_rules_hold_what_a_new_password_needs(pools: Pools) -> None:
    policy = PasswordPolicy(12, uppercase=True, lowercase=False, numbers=True, symbols=False)
    for pool in pools.describe(password=policy):
        assert pool.rules().password == policy


@pytest.mark.parametrize("required", [True, False])
def test_rules_hold_whether_a_second_factor_is_required(pools: Pools, *, required: bool) -> None:
    for pool in pools.describe(factor_required=required):
        assert pool.rules().factor_required is required


def test_the_rights_of_every_client_are_read(pools: Pools) -> None:
    pools.client(None)
    pools.client(["email", "nickname"])
    for pool in (pools.old, pools.new):
        rights = list(pool.write_rights())
        assert None in rights
        assert frozenset({"email", "nickname"}) in rights


def test_the_rights_of_the_first_client_come_first(pools: Pools) -> None:
    first = pools.client(["email"])
    if isinstance(pools, EmulatedPools):
        assert next(pools.new.write_rights(first)) == {"email"}
