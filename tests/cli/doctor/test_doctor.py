"""doctor as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.doctor.conftest import Caller
from tests.cli.pools.world import REGION, PoolWorld
from tests.cli.verbs import Ran, Shell

Run = Callable[..., Ran]
JSON = ("--output", "json")
READS = ("cognito-idp:Describe*", "cognito-idp:List*", "cognito-idp:Get*", "cloudformation:Describe*")
READS += ("lambda:Get*", "dynamodb:GetItem", "monitoring:GetMetricStatistics", "iam:SimulatePrincipalPolicy")


def findings(ran: Ran) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in ran.envelope["data"]["findings"]}


def denied(ran: Ran) -> list[str]:
    return [one["what"] for one in ran.envelope["data"]["findings"] if one["code"] == "unread"]


def add_client(world: PoolWorld, pool: str, *flows: str) -> str:
    made = world.cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="web", ExplicitAuthFlows=list(flows)
    )
    return str(made["UserPoolClient"]["ClientId"])


def close_sign_up(world: PoolWorld) -> None:
    for pool in (world.new_pool, world.old_pool):
        world.cognito.update_user_pool(
            UserPoolId=pool, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
        )


def test_errors_end_with_three_and_say_so(doctor: Run) -> None:
    ran = doctor(*JSON)
    assert (ran.code, ran.envelope["ok"]) == (3, False)
    assert findings(ran)["no_client_can_fire"]["severity"] == "error"


def test_a_migration_without_errors_ends_with_zero(world: PoolWorld, doctor: Run) -> None:
    close_sign_up(world)
    add_client(world, world.new_pool, "ALLOW_USER_PASSWORD_AUTH")
    ran = doctor(*JSON)
    assert (ran.code, ran.envelope["ok"], ran.envelope["data"]["counts"]["error"]) == (0, True, 0)


def test_each_finding_says_why_what_to_do_and_the_command(world: PoolWorld, doctor: Run) -> None:
    client = add_client(world, world.new_pool, "ALLOW_USER_SRP_AUTH")
    finding = findings(doctor(*JSON))["client_cannot_fire"]
    assert finding["next"] == f"cutover attach --client {client} --stack {world.name} --region {REGION}"
    assert all(finding[part] for part in ("area", "what", "reason", "fix"))


def test_the_screen_groups_the_findings_by_area(doctor: Run) -> None:
    lines = doctor().out.splitlines()
    areas = [line for line in lines if line and line == line.upper() and not line.startswith(" ")]
    assert areas == ["NEW POOL", "OLD POOL", "APP CLIENTS"]


def test_it_needs_no_permission_to_change_anything(doctor: Run, caller: Caller) -> None:
    ran = caller(lambda: doctor(*JSON), *READS)
    assert "no_client_can_fire" in findings(ran)
    assert denied(ran) == [
        "the trigger UserMigration could not be read"
    ]  # moto names no action of a GET to Lambda


def test_squatters_are_counted_by_sub_and_named_only_on_request(world: PoolWorld, doctor: Run) -> None:
    world.add_user(world.old_pool, "owner", email="owner@x.org")
    world.add_user(world.new_pool, "mallory", preferred_username="owner")
    assert [one["held"] for one in doctor(*JSON).envelope["data"]["squatted"]] == [["preferred_username"]]
    assert "mallory" not in doctor().out + doctor(*JSON).out
    assert "mallory (" in doctor("--show-users").out


def test_whoever_came_over_is_no_squatter(world: PoolWorld, doctor: Run) -> None:
    world.add_user(world.old_pool, "ann")
    world.add_user(world.new_pool, "ann")
    subs = {
        pool: world.cognito.admin_get_user(UserPoolId=pool, Username="ann")["UserAttributes"]
        for pool in (world.old_pool, world.new_pool)
    }
    old, new = (next(row["Value"] for row in rows if row["Name"] == "sub") for rows in subs.values())
    world.client("dynamodb").put_item(
        TableName=world.name,
        Item={"pk": {"S": f"newsub#{new}"}, "sk": {"S": "map"}, "old_sub": {"S": old}},
    )
    assert doctor(*JSON).envelope["data"]["squatted"] == []


def test_without_the_users_nobody_is_listed(world: PoolWorld, doctor: Run) -> None:
    world.add_user(world.old_pool, "ann")
    data = doctor("--skip-users", *JSON).envelope["data"]
    assert (data["users_looked_at"], data["squatted"]) == (None, None)


def test_a_sample_ends_the_listing_early(world: PoolWorld, doctor: Run) -> None:
    for name in ("ann", "bob", "cy"):
        world.add_user(world.old_pool, name)
    ran = doctor("--sample", "2")
    assert "2 old users looked at (a sample)" in ran.out


def test_before_the_stack_exists_the_pools_are_enough(shell: Shell, world: PoolWorld) -> None:
    pools = ("--new-pool", world.new_pool, "--old-pool", world.old_pool, "--region", REGION)
    ran = shell.run("doctor", *pools, "--old-client", "nobody", *JSON)
    found = findings(ran)
    assert found["old_client_missing"]["next"] is None
    assert ran.envelope["data"]["stack"] is None


def test_a_pool_that_does_not_exist_is_an_error(shell: Shell, world: PoolWorld) -> None:
    pools = ("--new-pool", world.new_pool, "--old-pool", f"{REGION}_nobody", "--region", REGION)
    assert "pool_missing" in findings(shell.run("doctor", *pools, *JSON))


@pytest.mark.parametrize(
    "words", [("--new-pool", "x"), ("--stack", "app", "--new-pool", "x", "--old-pool", "y")]
)
def test_half_a_place_to_look_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell.run("doctor", *words, *JSON).code == 2


DENIED = [
    ("cognito-idp:DescribeUserPool", "the new pool could not be read"),
    ("cognito-idp:ListUserPoolClients", "the app clients of the new pool could not be read"),
    ("cognito-idp:ListIdentityProviders", "the identity providers of the new pool could not be read"),
    ("cognito-idp:ListUsers", "the users of the new pool could not be read"),
    ("monitoring:GetMetricStatistics", "the old pool's sign-ins could not be read"),
    ("cloudformation:DescribeStackResources", "the new pool's stack could not be read"),
    ("lambda:GetFunctionConfiguration", "the trigger UserMigration could not be read"),
    ("dynamodb:GetItem", "what attach did could not be read"),
]


@pytest.mark.parametrize(("action", "what"), DENIED, ids=[action for action, _ in DENIED])
def test_what_the_caller_may_not_read_is_a_finding_and_the_rest_goes_on(
    doctor: Run, caller: Caller, action: str, what: str
) -> None:
    ran = caller(lambda: doctor(*JSON), "*", but=action)
    assert ran.code in (0, 3)
    assert what in denied(ran), ran.out


def test_the_secret_of_the_old_client_is_never_shown(shell: Shell, world: PoolWorld) -> None:
    made = world.cognito.create_user_pool_client(
        UserPoolId=world.old_pool, ClientName="old", GenerateSecret=True
    )["UserPoolClient"]
    pools = ("--new-pool", world.new_pool, "--old-pool", world.old_pool, "--region", REGION)
    ran = shell.run("doctor", *pools, "--old-client", made["ClientId"], *JSON)
    assert "old_client_secret_missing" in findings(ran)
    assert made["ClientSecret"] not in f"{ran.out}{ran.err}"
