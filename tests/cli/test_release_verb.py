"""`cutover release`: one user may come over once more, to a reset, and only once the new one is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from cutover.users.ledger_rows import State
from tests.cli.pools.runs import interlock
from tests.cli.users_world import STACK, UsersWorld
from tests.cli.verbs import Ran, Shell


@pytest.fixture
def world() -> Iterator[UsersWorld]:
    with mock_aws():
        yield UsersWorld.made()


def release(shell: Shell, *words: str, typed: str = "") -> Ran:
    return shell.run("release", *words, *STACK, "--output", "json", typed=typed)


@pytest.fixture
def gone(world: UsersWorld) -> UsersWorld:
    """Ann came over, and was deleted in the new pool."""
    world.came_over(world.person(world.new, "ann"))
    world.gone("ann")
    return world


def test_a_user_who_is_gone_may_come_over_once_more(shell: Shell, gone: UsersWorld) -> None:
    ran = release(shell, "ann", "--yes")
    assert (ran.code, ran.envelope["data"]["released"]) == (0, True)
    assert gone.row.state == State.RELEASED
    assert gone.row.reset_only


def test_the_map_of_the_new_sub_and_the_name_go_with_it(shell: Shell, gone: UsersWorld) -> None:
    new_sub = gone.row.new_sub
    assert gone.item(f"newsub#{new_sub}", "map") is not None
    release(shell, "ann", "--yes")
    assert gone.item(f"newsub#{new_sub}", "map") is None
    assert gone.item(f"name#{gone.new}#ann", "offer") is None
    row = gone.item(f"user#{gone.ann}", "state")
    assert row is not None
    assert row["former_new_sub"] == {"S": new_sub}


def test_the_old_sub_names_a_user_too(shell: Shell, gone: UsersWorld) -> None:
    assert release(shell, "--old-sub", gone.ann, "--yes").code == 0
    assert gone.row.state == State.RELEASED


def test_a_dry_run_shows_the_plan_and_changes_nothing(shell: Shell, gone: UsersWorld) -> None:
    data = release(shell, "ann", "--dry-run").envelope["data"]
    assert [step["name"] for step in data["steps"]] == ["release", "unmap", "unbind"]
    assert gone.row.state == State.CONFIRMED


def test_a_no_changes_nothing(shell: Shell, gone: UsersWorld) -> None:
    assert release(shell, "ann", typed="n\n").code == 1
    assert gone.row.state == State.CONFIRMED


def test_whoever_is_released_already_stays_so(shell: Shell, gone: UsersWorld) -> None:
    release(shell, "ann", "--yes")
    ran = release(shell, "ann", "--no-input")
    assert (ran.code, ran.envelope["data"]["released"]) == (0, False)


def test_a_user_who_is_still_there_is_not_released(shell: Shell, world: UsersWorld) -> None:
    world.came_over(world.person(world.new, "ann"))
    assert interlock(release(shell, "ann", "--yes")) == "new_user_exists"
    assert world.row.state == State.CONFIRMED


def test_nor_one_who_only_has_another_name_by_now(shell: Shell, world: UsersWorld) -> None:
    world.came_over(world.person(world.new, "annie"), name="before-she-was-annie")
    ran = release(shell, "ann", "--yes")
    assert interlock(ran) == "new_user_exists"
    assert "found by sub" in ran.envelope["data"]["cause"]


def test_nor_one_whose_name_somebody_holds(shell: Shell, gone: UsersWorld) -> None:
    gone.person(gone.new, "ann")
    assert interlock(release(shell, "ann", "--yes")) == "new_user_exists"


def test_whoever_never_came_over_has_nothing_to_be_released_from(shell: Shell, world: UsersWorld) -> None:
    assert interlock(release(shell, "ann", "--yes")) == "never_came_over"


def test_whoever_may_still_come_over_is_not_released(shell: Shell, world: UsersWorld) -> None:
    world.offer()
    assert interlock(release(shell, "ann", "--yes")) == "still_open"


def test_a_refusal_is_in_the_dry_run(shell: Shell, world: UsersWorld) -> None:
    ran = release(shell, "ann", "--dry-run")
    assert ran.code == 4
    assert ran.envelope["data"]["refusals"][0]["code"] == "never_came_over"


def test_whom_the_old_pool_does_not_know_is_an_error(shell: Shell, world: UsersWorld) -> None:
    assert release(shell, "nobody", "--yes").code == 1


@pytest.mark.parametrize("words", [(), ("ann", "--old-sub", "x")], ids=["none", "two"])
def test_exactly_one_user_is_named(shell: Shell, world: UsersWorld, words: tuple[str, ...]) -> None:
    assert release(shell, *words, "--yes").code == 2


def test_without_a_verified_contact_it_warns(shell: Shell, world: UsersWorld) -> None:
    world.ann = world.person(world.old, "una", email_verified="false")
    world.came_over("a-sub-that-is-gone", name="una")
    ran = shell.run("release", "una", "--dry-run", *STACK)
    assert "no verified contact" in ran.out
