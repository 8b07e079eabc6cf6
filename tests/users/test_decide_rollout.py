"""The share and the switch in a sign-in: what is asked, and of whom."""

from __future__ import annotations

import pytest

from cutover.users.decision_table import Decision, Stop
from cutover.users.ports import Challenged
from cutover.users.rollout import Rollout, place
from tests.users.world import NEW, SUB, World, ann

ALIASES = frozenset({"email", "phone_number", "preferred_username"})
HERS = int(place(NEW, SUB) * 100)
"""The greatest share without Ann."""


@pytest.fixture
def world() -> World:
    return World()


def test_a_pause_answers_as_for_nobody_and_asks_the_old_pool_nothing(world: World) -> None:
    world.rollout.set(paused="the old pool is down")
    outcome = world.sign_in()
    assert (outcome.decision, outcome.response) == (Decision.PAUSED, None)
    assert (world.old.sign_ins, world.old.profile_reads, world.ledger.rows) == ([], 0, {})


def test_nobody_means_nobody(world: World) -> None:
    world.rollout.set(percent=0)
    assert world.sign_in().decision is Decision.NOT_IN_ROLLOUT
    assert world.old.sign_ins == []


def test_a_forgotten_password_is_paused_too(world: World) -> None:
    world.set(forgot_password=True)
    world.rollout.set(paused="x")
    assert world.forgot().decision is Decision.PAUSED
    assert world.old.profile_reads == 0


def test_whoever_is_outside_the_share_is_told_as_little_as_nobody(world: World) -> None:
    world.rollout.set(percent=HERS)
    outcome = world.sign_in()
    assert (outcome.decision, outcome.response) == (Decision.NOT_IN_ROLLOUT, None)
    assert (world.old.profile_reads, world.ledger.rows) == (0, {})


def test_whoever_is_inside_comes_over(world: World) -> None:
    world.rollout.set(percent=HERS + 1)
    assert world.sign_in().decision is Decision.MIGRATED


def test_a_wrong_password_is_wrong_outside_the_share_too(world: World) -> None:
    world.rollout.set(percent=HERS)
    assert world.sign_in(password="another").decision is Decision.WRONG_PASSWORD


@pytest.mark.parametrize("percent", [HERS, HERS + 1])
def test_a_person_gets_one_answer_under_every_name(world: World, percent: int) -> None:
    attributes = {
        "phone_number": "+15550100",
        "phone_number_verified": "true",
        "preferred_username": "annie",
    }
    world.old.people = [ann(attributes=attributes)]
    world.old_pool(alias_attributes=ALIASES)
    world.new_pool(alias_attributes=ALIASES)
    world.rollout.set(percent=percent)
    names = ("ann", "ann@example.com", "+15550100", "annie")
    assert len({world.sign_in(name).decision for name in names}) == 1


@pytest.mark.parametrize("policy", ["forgot_password", "accept_mfa"])
def test_where_only_the_profile_names_the_person_the_share_counts_as_well(world: World, policy: str) -> None:
    world.set(**{policy: True})
    world.rollout.set(percent=HERS)
    if policy == "accept_mfa":
        world.old.replies = [Challenged("SMS_MFA", "ann")]
    outcome = world.sign_in() if policy == "accept_mfa" else world.forgot()
    assert (outcome.decision, outcome.response) == (Decision.NOT_IN_ROLLOUT, None)


def test_a_pause_that_came_during_the_sign_in_counts(world: World) -> None:
    world.rollout.value = Rollout(100, "just now")
    assert world.sign_in().decision is Decision.PAUSED
    assert world.old.sign_ins == ["ann"]
    assert world.ledger.rows == {}


def test_a_resume_is_seen_at_once(world: World) -> None:
    world.rollout.known = Rollout(100, "a minute ago")
    assert world.sign_in().decision is Decision.MIGRATED


def test_a_switch_that_nobody_could_read_keeps_the_old_pool_unasked(world: World) -> None:
    world.rollout.known = None
    world.rollout.fault = Stop(Decision.MISCONFIGURED, "rollout ReadTimeoutError")
    assert world.sign_in().decision is Decision.MISCONFIGURED
    assert world.old.sign_ins == []


def test_an_operator_who_lowers_the_share_sends_nobody_back(world: World) -> None:
    world.come_over()
    world.rollout.set(percent=HERS)
    assert world.sign_in().response is None
    assert world.row.state == "confirmed"
