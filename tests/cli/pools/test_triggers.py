"""Three triggers, and a function that was there before, as a person types it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.pools.conftest import THEIRS
from tests.cli.pools.runs import Made, interlock
from tests.cli.pools.world import PoolWorld
from tests.cli.verbs import Shell

VERSIONS = {"unknown": "V1_0", "LITE": "V1_0", "ESSENTIALS": "V2_0"}


def triggers(world: PoolWorld) -> dict[str, Any]:
    config: dict[str, Any] = world.settings_of(world.new_pool)["LambdaConfig"]
    return config


@pytest.mark.parametrize(
    "made",
    ["moto", pytest.param("local stack", marks=[pytest.mark.local_stack, pytest.mark.slow])],
    indirect=True,
)
def test_three_triggers_go_in_and_the_function_before_comes_back(made: Made, shell: Shell) -> None:
    world = made(THEIRS)
    before = world.settings_of(world.new_pool)
    tier = before.get("UserPoolTier", "unknown")
    assert shell.run("attach", "--yes", *world.words).code == 0
    assert triggers(world) == {
        "UserMigration": world.arn,
        "PreSignUp": world.guard,
        "PreTokenGenerationConfig": {"LambdaVersion": VERSIONS[tier], "LambdaArn": world.claims},
    }
    assert shell.run("detach", "--yes", *world.words).code == 0
    assert triggers(world) == before["LambdaConfig"]


def test_a_function_that_is_not_chained_refuses_and_the_command_that_chains_it_is_named(
    made: Made, shell: Shell
) -> None:
    world = made("")
    ran = shell.run("attach", "--yes", "--output", "json", *world.words)
    assert (interlock(ran), triggers(world)) == ("chain_not_deployed", {"PreSignUp": THEIRS})
    assert ran.envelope["next"].startswith(f"cutover init --new-pool {world.new_pool} --old-pool ")
    assert f"--set ChainedPreSignUpArn={THEIRS}" in ran.envelope["next"]


def test_guard_and_claims_are_left_out_where_asked(made: Made, shell: Shell) -> None:
    world = made("")
    words = ("--without-guard", "--without-claims", "--yes", "--output", "json")
    ran = shell.run("attach", *words, *world.words)
    assert (ran.code, triggers(world)) == (0, {"PreSignUp": THEIRS, "UserMigration": world.arn})
    assert ran.envelope["data"]["plan"]["triggers_left_out"].keys() == {"PreSignUp", "PreTokenGeneration"}


def test_a_trigger_that_somebody_changed_is_named_by_detach(made: Made, shell: Shell) -> None:
    world = made(THEIRS)
    shell.run("attach", "--yes", *world.words)
    world.cognito.update_user_pool(
        UserPoolId=world.new_pool, LambdaConfig={**triggers(world), "PreSignUp": f"{THEIRS}-2"}
    )
    ran = shell.run("detach", "--yes", "--output", "json", *world.words)
    assert triggers(world) == {"PreSignUp": f"{THEIRS}-2"}
    assert ran.envelope["data"]["plan"]["left_alone"] == [
        {"trigger": "PreSignUp", "now": f"{THEIRS}-2", "before": THEIRS}
    ]
