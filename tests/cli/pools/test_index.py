"""attach builds the index of what old users go by before the guard is in the pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cli.pools.calls import before_each
from tests.cli.pools.conftest import THEIRS
from tests.cli.pools.runs import Made, interlock
from tests.cli.pools.world import CLOSED, PoolWorld
from tests.cli.verbs import Shell


@pytest.fixture
def world(made: Made, unique: Callable[[str], str]) -> PoolWorld:
    """A stack with a guard, whose old pool has two users."""
    world = made(THEIRS)
    old = world.cognito.create_user_pool(PoolName="old", AdminCreateUserConfig=CLOSED)["UserPool"]["Id"]
    world.move_from(old)
    world.old_pool = old
    for name in ("ann", "bob"):
        world.add_user(old, name, email=f"{name}@x.org")
    return world


@pytest.fixture
def listed() -> Iterator[list[str]]:
    """The pools whose users were listed, page by page."""
    pools: list[str] = []
    with before_each("ListUsers", lambda asked: pools.append(asked["UserPoolId"])):
        yield pools


def rows(world: PoolWorld) -> dict[str, dict[str, Any]]:
    items = world.client("dynamodb").scan(TableName=world.name, ConsistentRead=True)["Items"]
    return {item["pk"]["S"]: item for item in items}


def reserved(world: PoolWorld) -> set[str]:
    return {key.rsplit("#", 1)[-1] for key in rows(world) if key.startswith("reserved#")}


def built(world: PoolWorld) -> bool:
    return "built_at" in rows(world).get(f"index#{world.new_pool}", {})


def attach(shell: Shell, world: PoolWorld, *words: str) -> Any:
    return shell.run("attach", "--yes", "--output", "json", *words, *world.words)


def test_what_old_users_go_by_is_reserved(world: PoolWorld, shell: Shell) -> None:
    assert attach(shell, world).code == 0
    assert {"ann", "bob", "ann@x.org", "bob@x.org"} <= reserved(world)
    assert built(world)


def test_a_dry_run_reserves_nothing(world: PoolWorld, shell: Shell) -> None:
    plan = attach(shell, world, "--dry-run").envelope["data"]["plan"]
    assert plan["steps"][0]["code"] == "build_index"
    assert rows(world) == {}


def test_the_old_pool_is_listed_once_for_the_index_and_the_comparison(
    world: PoolWorld, shell: Shell, listed: list[str]
) -> None:
    world.add_user(world.new_pool, "stranger", email="ann@x.org")
    ran = attach(shell, world)
    assert interlock(ran) == "names_taken"
    assert listed.count(world.old_pool) == 1


def test_names_that_are_taken_keep_the_guard_out_and_the_index_stays(world: PoolWorld, shell: Shell) -> None:
    world.add_user(world.new_pool, "stranger", email="ann@x.org")
    ran = attach(shell, world)
    assert (world.trigger(), built(world)) == (None, True)
    assert "--allow-taken-names" in ran.envelope["next"]


def test_without_the_comparison_the_index_is_built_all_the_same(world: PoolWorld, shell: Shell) -> None:
    ran = attach(shell, world, "--skip-name-check")
    assert (ran.code, ran.envelope["data"]["plan"]["names_taken"], built(world)) == (0, None, True)


def test_a_complete_index_is_not_built_again(world: PoolWorld, shell: Shell, listed: list[str]) -> None:
    attach(shell, world, "--skip-name-check")
    shell.run("detach", "--yes", *world.words)
    attach(shell, world, "--skip-name-check")
    assert listed.count(world.old_pool) == 1


def test_it_is_built_again_where_asked_and_the_pool_is_left_alone(world: PoolWorld, shell: Shell) -> None:
    attach(shell, world)
    world.add_user(world.old_pool, "cid")
    ran = attach(shell, world, "--rebuild-index")
    assert (ran.code, "cid" in reserved(world), built(world)) == (0, True, True)
    assert ran.envelope["data"]["already_attached"]


def test_a_listing_that_breaks_off_leaves_the_pool_as_it_was(world: PoolWorld, shell: Shell) -> None:
    def breaking(asked: dict[str, Any]) -> None:
        if asked["UserPoolId"] == world.old_pool:
            raise KeyboardInterrupt

    with before_each("ListUsers", breaking):
        assert attach(shell, world).code == 130
    assert (world.trigger(), built(world)) == (None, False)
    assert attach(shell, world).code == 0
    assert built(world)


def test_without_the_guard_nothing_is_reserved(world: PoolWorld, shell: Shell) -> None:
    assert attach(shell, world, "--without-guard").code == 0
    assert reserved(world) == set()
