"""detach, with the attach before it, as a person types it."""

from __future__ import annotations

from cutover.control.pool_diff import differences
from tests.cli.pools.runs import ACCEPT, Run, interlock, on_the_local_stack_too
from tests.cli.pools.world import PoolWorld
from tests.cli.verbs import Shell


@on_the_local_stack_too
def test_a_pool_is_the_same_after_attach_and_detach(world: PoolWorld, attach: Run, detach: Run) -> None:
    before = world.settings_of(world.new_pool)
    assert attach(*ACCEPT).code == 0
    assert world.trigger() == world.arn
    assert detach("--yes").code == 0
    mirror = frozenset({"AdminCreateUserConfig.UnusedAccountValidityDays"})
    assert differences(before, world.settings_of(world.new_pool), ignore=mirror) == ()


@on_the_local_stack_too
def test_a_pool_with_authenticator_apps_alone_is_the_same_after_both(
    world: PoolWorld, attach: Run, detach: Run
) -> None:
    """The local stack shows these settings in the pool's description too."""
    apps = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    world.cognito.set_user_pool_mfa_config(UserPoolId=world.new_pool, **apps)
    assert attach(*ACCEPT).code == 0
    assert detach("--yes").code == 0
    found = world.cognito.get_user_pool_mfa_config(UserPoolId=world.new_pool)
    assert {name: found.get(name) for name in apps} == apps


def test_the_old_pool_is_never_changed(world: PoolWorld, attach: Run, detach: Run) -> None:
    before = world.settings_of(world.old_pool)
    attach(*ACCEPT)
    detach("--yes")
    assert world.settings_of(world.old_pool) == before


def test_a_second_detach_has_nothing_to_do(attach: Run, detach: Run) -> None:
    attach(*ACCEPT)
    detach("--yes")
    ran = detach("--no-input", "--output", "json")
    assert (ran.code, ran.envelope["data"]["already_detached"]) == (0, True)


@on_the_local_stack_too
def test_the_stack_is_protected_while_attached(world: PoolWorld, attach: Run, detach: Run) -> None:
    attach(*ACCEPT)
    assert world.protected()
    detach("--yes")
    assert not world.protected()


def test_somebody_elses_trigger_is_refused_by_both(world: PoolWorld, attach: Run, detach: Run) -> None:
    other = "arn:aws:lambda:us-east-1:123456789012:function:somebody-else"
    world.set_trigger(other)
    assert interlock(attach(*ACCEPT, "--output", "json")) == "foreign_trigger"
    assert interlock(detach("--yes", "--output", "json")) == "foreign_trigger"
    assert world.trigger() == other


@on_the_local_stack_too
def test_detach_works_when_the_stack_is_gone(world: PoolWorld, attach: Run, shell: Shell) -> None:
    attach(*ACCEPT)
    world.client("cloudformation").update_termination_protection(
        StackName=world.name, EnableTerminationProtection=False
    )
    world.delete_stack()
    ran = shell.run("detach", "--yes", *world.without_stack)
    assert ran.code == 0
    assert "next: cutover status --new-pool" in ran.err
    assert world.trigger() is None


def test_detach_needs_pool_and_ledger_together(world: PoolWorld, shell: Shell) -> None:
    assert shell.run("detach", "--new-pool", world.new_pool).code == 2


def test_detach_says_how_it_goes_on_when_the_stack_is_gone(
    world: PoolWorld, attach: Run, detach: Run
) -> None:
    attach(*ACCEPT)
    world.client("cloudformation").update_termination_protection(
        StackName=world.name, EnableTerminationProtection=False
    )
    world.delete_stack()
    ran = detach("--yes", "--output", "json")
    assert ran.code == 1
    assert "detach --new-pool" in ran.envelope["next"]
    assert "--ledger" in ran.envelope["next"]


def test_detach_says_how_it_goes_on_when_the_stack_has_lost_its_outputs(
    world: PoolWorld, detach: Run
) -> None:
    world.lose_outputs()
    assert "detach --new-pool" in detach("--yes", "--output", "json").envelope["next"]
