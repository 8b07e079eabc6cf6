"""attach --print, for pools that are kept as code, as a person types it."""

from __future__ import annotations

from typing import Any

from tests.cli.pools.calls import before_each
from tests.cli.pools.conftest import THEIRS
from tests.cli.pools.runs import Made, interlock
from tests.cli.pools.world import PoolWorld
from tests.cli.verbs import Shell


def deploy(world: PoolWorld) -> None:
    """What the pool's own code does with the snippet."""
    ours = {
        "UserMigration": world.arn,
        "PreSignUp": world.guard,
        "PreTokenGenerationConfig": {"LambdaVersion": "V1_0", "LambdaArn": world.claims},
    }
    world.cognito.update_user_pool(UserPoolId=world.new_pool, LambdaConfig=ours)


def test_the_snippet_alone_is_data_and_nothing_is_noted(made: Made, shell: Shell) -> None:
    world = made(THEIRS)
    ran = shell.run("attach", "--print", "terraform", "--no-wait", *world.words)
    assert (ran.code, world.ledger_rows(), world.trigger()) == (0, {}, None)
    assert f'user_migration = "{world.arn}"' in ran.out
    assert "steps:" not in ran.out


def test_what_the_code_has_set_is_noted_and_left_to_it(made: Made, shell: Shell) -> None:
    world = made(THEIRS)
    looks: list[dict[str, Any]] = []

    def deployed_at_the_first_look(asked: dict[str, Any]) -> None:
        looks.append(asked)
        if [one["UserPoolId"] for one in looks].count(world.new_pool) == 2:
            deploy(world)

    with before_each("DescribeUserPool", deployed_at_the_first_look):
        ran = shell.run("attach", "--print", "cloudformation", "--yes", "--output", "json", *world.words)
    assert ran.code == 0, ran.err
    assert f'UserMigration: "{world.arn}"' in ran.envelope["data"]["snippet"]
    assert (world.ledger_rows()["attached"]["by_code"], world.protected()) == ({"BOOL": True}, True)
    refused = shell.run("detach", "--yes", "--output", "json", *world.words)
    assert (interlock(refused), world.trigger()) == ("set_by_code", world.arn)
    assert shell.run("detach", "--yes", "--force", *world.words).code == 0
    assert world.trigger() is None


def test_what_refuses_attach_refuses_the_snippet_too(made: Made, shell: Shell) -> None:
    world = made("")
    ran = shell.run("attach", "--print", "cdk", "--no-wait", "--output", "json", *world.words)
    assert interlock(ran) == "chain_not_deployed"


def test_ctrl_c_while_it_waits_ends_with_130_and_notes_nothing(made: Made, shell: Shell) -> None:
    world = made(THEIRS)
    looks: list[str] = []

    def stopping(asked: dict[str, Any]) -> None:
        looks.append(asked["UserPoolId"])
        if looks.count(world.new_pool) == 2:
            raise KeyboardInterrupt

    with before_each("DescribeUserPool", stopping):
        ran = shell.run("attach", "--print", "cdk", "--yes", *world.words)
    assert (ran.code, "attached" in world.ledger_rows()) == (130, False)
    assert world.guard in ran.out


def test_words_that_do_not_go_together_are_refused(made: Made, shell: Shell) -> None:
    world = made(THEIRS)
    assert shell.run("attach", "--no-wait", *world.words).code == 2
    assert shell.run("attach", "--print", "cdk", "--add-attribute", *world.words).code == 2
