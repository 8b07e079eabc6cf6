"""attach as a person types it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

from tests.cli.pools.conftest import UNUSUAL
from tests.cli.pools.runs import ACCEPT, Run, interlock, on_the_local_stack_too
from tests.cli.pools.world import PoolWorld
from tests.cli.verbs import Shell


def test_a_dry_run_changes_nothing(world: PoolWorld, attach: Run) -> None:
    ran = attach("--without-guard", "--dry-run")
    assert (ran.code, world.trigger(), world.protected(), world.ledger_rows()) == (0, None, False, {})
    assert world.arn in ran.out


def test_the_plan_of_a_dry_run_is_the_plan_of_the_run(attach: Run) -> None:
    shown = attach("--without-guard", "--dry-run", "--output", "json").envelope["data"]["plan"]
    done = attach(*ACCEPT, "--output", "json").envelope["data"]["plan"]
    assert shown == done


def test_the_calls_to_the_pool_wait_for_their_pace(shell: Shell, attach: Run) -> None:
    before = shell.clock.now
    assert attach(*ACCEPT).code == 0
    assert shell.clock.now > before + 0.5


def test_the_plan_has_the_trigger_before_and_after(world: PoolWorld, attach: Run) -> None:
    plan = attach("--without-guard", "--dry-run", "--output", "json").envelope["data"]["plan"]
    change = {"path": "LambdaConfig.UserMigration", "before": None, "after": world.arn}
    assert (plan["changes"], plan["refusals"]) == ([change], [])


def test_without_the_word_it_is_refused_and_says_what_stays_open(world: PoolWorld, attach: Run) -> None:
    ran = attach("--yes", "--output", "json")
    assert (interlock(ran), world.trigger()) == ("no_guard", None)
    assert "--without-guard" in ran.envelope["next"]
    assert "sign up" in ran.err


def test_a_refused_dry_run_shows_the_plan_and_ends_with_four(attach: Run) -> None:
    ran = attach("--dry-run", "--output", "json")
    assert ran.code == 4
    assert [refusal["code"] for refusal in ran.envelope["data"]["plan"]["refusals"]] == ["no_guard"]
    assert not ran.envelope["ok"]


def test_the_pools_id_is_wanted_back(world: PoolWorld, attach: Run) -> None:
    assert attach("--without-guard", typed="yes\n").code == 1
    assert world.trigger() is None
    assert attach("--without-guard", typed=f"{world.new_pool}\n").code == 0
    assert world.trigger() == world.arn


def test_nobody_is_asked_where_nobody_answers(world: PoolWorld, attach: Run) -> None:
    assert attach("--without-guard", "--no-input").code == 2
    assert world.trigger() is None


def test_a_second_attach_has_nothing_to_do(world: PoolWorld, attach: Run) -> None:
    attach(*ACCEPT)
    ran = attach("--no-input", "--output", "json")
    assert ran.code == 0, ran.err
    assert ran.envelope["data"]["already_attached"]


def test_the_snapshot_file_is_its_owners_alone(world: PoolWorld, attach: Run, tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    attach(*ACCEPT, "--snapshot-file", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["UserPool"]["UserPoolTags"] == {"team": "shop"}


def test_a_snapshot_file_is_never_overwritten(world: PoolWorld, attach: Run, tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    file.write_text("mine")
    assert attach(*ACCEPT, "--snapshot-file", str(file)).code == 2
    assert (file.read_text(), world.trigger()) == ("mine", None)


@on_the_local_stack_too
def test_the_ledger_has_the_snapshot_and_what_was_set(world: PoolWorld, attach: Run) -> None:
    attach(*ACCEPT)
    rows = world.ledger_rows()
    assert json.loads(rows["snapshot"]["settings"]["S"])["UserPool"]["DeletionProtection"] == "ACTIVE"
    assert (rows["attached"]["state"], rows["attached"]["trigger"]) == ({"S": "attached"}, {"S": world.arn})


def test_an_older_version_of_our_function_is_replaced(world: PoolWorld, attach: Run) -> None:
    world.set_trigger(world.arn.removesuffix(":live") + ":1")
    ran = attach("--without-guard", "--add-attribute", "--yes")
    assert (ran.code, world.trigger()) == (0, world.arn)


@on_the_local_stack_too
def test_a_trigger_that_cognito_may_not_invoke_is_refused(world: PoolWorld, attach: Run) -> None:
    world.forbid()
    assert interlock(attach(*ACCEPT, "--output", "json")) == "no_invoke_permission"


def test_clients_that_never_fire_are_listed_with_the_reason(world: PoolWorld, attach: Run) -> None:
    world.cognito.create_user_pool_client(
        UserPoolId=world.new_pool, ClientName="srp", ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )
    plan = attach("--without-guard", "--dry-run", "--output", "json").envelope["data"]["plan"]
    assert [(client["name"], client["can_fire"]) for client in plan["clients"]] == [("srp", False)]
    assert "ALLOW_USER_SRP_AUTH" in plan["clients"][0]["why_never"]


def test_a_client_that_may_write_the_old_sub_refuses(world: PoolWorld, attach: Run) -> None:
    world.cognito.create_user_pool_client(
        UserPoolId=world.new_pool, ClientName="open", WriteAttributes=["custom:old_sub"]
    )
    assert interlock(attach(*ACCEPT, "--output", "json")) == "old_sub_writable"


@on_the_local_stack_too
def test_names_that_are_taken_refuse_and_nobody_is_named(attach: Run, squatter: str) -> None:
    ran = attach(*ACCEPT, "--output", "json")
    assert interlock(ran) == "names_taken"
    assert squatter not in ran.out + ran.err


def test_the_takers_are_named_where_asked(attach: Run, squatter: str) -> None:
    assert squatter in attach("--without-guard", "--dry-run", "--show-users").out


def test_taken_names_can_be_accepted_by_their_number(world: PoolWorld, attach: Run, squatter: str) -> None:
    words = ("--without-guard", "--allow-taken-names")
    assert attach(*words, typed=f"{world.new_pool}\n2\n").code == 1
    assert world.trigger() is None
    assert attach(*words, typed=f"{world.new_pool}\n1\n").code == 0


def test_a_missing_attribute_is_refused_and_the_words_that_add_it_are_named(
    world_without_attribute: PoolWorld, shell: Shell
) -> None:
    world = world_without_attribute
    ran = shell.run("attach", *ACCEPT, "--output", "json", *world.words)
    assert interlock(ran) == "old_sub_missing"
    assert "--without-guard --add-attribute" in ran.envelope["next"]
    assert "custom:absent" not in world.schema()


def test_adding_the_attribute_is_asked_apart(world_without_attribute: PoolWorld, shell: Shell) -> None:
    world = world_without_attribute
    words = ("attach", "--without-guard", "--add-attribute", *world.words)
    assert shell.run(*words, typed=f"{world.new_pool}\nno\n").code == 1
    assert "custom:absent" not in world.schema()
    assert shell.run(*words, typed=f"{world.new_pool}\ncustom:absent\n").code == 0
    assert world.schema()["custom:absent"]["Mutable"] is False


def test_the_comparison_of_the_users_can_be_left_out(world: PoolWorld, attach: Run, squatter: str) -> None:
    ran = attach(*ACCEPT, "--skip-name-check", "--output", "json")
    assert (ran.code, ran.envelope["data"]["plan"]["names_taken"]) == (0, None)


def test_a_file_in_a_folder_that_is_not_there_is_refused_before_anything(
    world: PoolWorld, attach: Run, tmp_path: Path
) -> None:
    assert attach(*ACCEPT, "--snapshot-file", str(tmp_path / "nowhere" / "file.json")).code == 2
    assert (world.trigger(), world.ledger_rows()) == (None, {})


def test_a_pool_whose_sign_in_names_can_be_changed_is_refused(
    moto_old_pool: str, unique: Callable[[str], str], shell: Shell
) -> None:
    world = PoolWorld(None, unique("app"), {**UNUSUAL, "AliasAttributes": ["email"]}, moto_old_pool)
    world.cognito.create_user_pool_client(UserPoolId=world.new_pool, ClientName="web")
    ran = shell.run("attach", *ACCEPT, "--output", "json", *world.words)
    assert (interlock(ran), world.trigger()) == ("name_changeable", None)
    assert ran.envelope["next"] is None


def test_an_old_pool_that_is_open_to_sign_ups_is_accepted_by_a_word(
    unique: Callable[[str], str], moto_old_pool: str, shell: Shell
) -> None:
    world = PoolWorld(None, unique("app"), UNUSUAL, moto_old_pool)
    world.move_from(world.cognito.create_user_pool(PoolName="open")["UserPool"]["Id"])
    ran = shell.run("attach", *ACCEPT, "--output", "json", *world.words)
    assert (interlock(ran), world.trigger()) == ("old_sign_up_open", None)
    assert "--without-guard --old-sign-up-open" in ran.envelope["next"]
    assert shell.run("attach", *ACCEPT, "--old-sign-up-open", *world.words).code == 0


def test_an_old_pool_that_cannot_be_described_is_refused(world: PoolWorld, attach: Run) -> None:
    world.move_from("us-east-1_nowhere1")
    ran = attach(*ACCEPT, "--output", "json")
    assert (interlock(ran), world.trigger()) == ("old_sign_up_unknown", None)
    assert "ResourceNotFoundException" in ran.envelope["data"]["cause"]
