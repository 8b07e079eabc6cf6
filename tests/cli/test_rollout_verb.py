"""`cutover rollout`: what it shows, what it changes, and that the trigger reads just that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from cutover.aws.rollout_switch import rollout_of_ledger
from cutover.users.rollout import Rollout
from tests.cli.users_world import AWS, STACK, UsersWorld
from tests.cli.verbs import Ran, Shell


@pytest.fixture
def world() -> Iterator[UsersWorld]:
    with mock_aws():
        yield UsersWorld.made(RolloutPercent="40")


def rollout(shell: Shell, *words: str, typed: str = "") -> Ran:
    return shell.run("rollout", *words, *STACK, "--output", "json", typed=typed)


def in_force(world: UsersWorld) -> Rollout:
    """As the trigger reads it."""
    return rollout_of_ledger(AWS.client("dynamodb"), "ledger", world.new, 40)()


def test_without_an_option_it_shows_the_stacks_own_share(shell: Shell, world: UsersWorld) -> None:
    ran = rollout(shell)
    assert ran.code == 0
    assert ran.envelope["data"]["after"] == {"percent": 40, "percent_from": "stack", "paused": None}
    assert world.item(f"control#{world.new}", "rollout") is None


def test_a_share_is_what_the_trigger_then_reads(shell: Shell, world: UsersWorld) -> None:
    assert rollout(shell, "--percent", "5", "--yes").envelope["data"]["changed"] is True
    assert in_force(world) == Rollout(5)


def test_a_pause_and_its_end_keep_the_share(shell: Shell, world: UsersWorld) -> None:
    rollout(shell, "--percent", "5", "--yes")
    ran = rollout(shell, "--pause", "the old pool is down", "--yes")
    assert in_force(world) == Rollout(5, "the old pool is down")
    assert ran.envelope["next"] == "cutover rollout --resume --stack people --region eu-west-1"
    rollout(shell, "--resume", "--yes")
    assert in_force(world) == Rollout(5)


def test_a_pause_leaves_the_share_to_the_stack(shell: Shell, world: UsersWorld) -> None:
    rollout(shell, "--pause", "why", "--yes")
    assert in_force(world) == Rollout(40, "why")


def test_both_may_change_at_once(shell: Shell, world: UsersWorld) -> None:
    rollout(shell, "--percent", "0", "--pause", "why", "--yes")
    assert in_force(world) == Rollout(0, "why")


def test_a_dry_run_shows_the_change_and_makes_none(shell: Shell, world: UsersWorld) -> None:
    data = rollout(shell, "--percent", "5", "--dry-run").envelope["data"]
    assert (data["changed"], data["before"]["percent"], data["after"]["percent"]) == (False, 40, 5)
    assert in_force(world) == Rollout(40)


def test_a_no_changes_nothing(shell: Shell, world: UsersWorld) -> None:
    assert rollout(shell, "--percent", "5", typed="n\n").code == 1
    assert in_force(world) == Rollout(40)


def test_what_is_so_already_is_not_asked_about(shell: Shell, world: UsersWorld) -> None:
    rollout(shell, "--percent", "5", "--yes")
    ran = rollout(shell, "--percent", "5", "--no-input")
    assert (ran.code, ran.envelope["data"]["changed"]) == (0, False)


@pytest.mark.parametrize(
    "words",
    [
        ("--percent", "101"),
        ("--percent", "-1"),
        ("--percent", "many"),
        ("--pause", "why", "--resume"),
        ("--pause", " "),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_a_usage_error(
    shell: Shell, world: UsersWorld, words: tuple[str, ...]
) -> None:
    assert rollout(shell, *words, "--yes").code == 2


def test_the_screen_says_who_may_come_over(shell: Shell, world: UsersWorld) -> None:
    ran = shell.run("rollout", "--pause", "why", "--percent", "5", "--yes", *STACK)
    assert f"{world.new}: 5 percent of the old users may come over, but it is paused: why" in ran.out
    assert "may be kept out again" in ran.err
