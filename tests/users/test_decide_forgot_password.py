"""Asking for a new password proves nothing: who may be created by it, and how."""

from __future__ import annotations

import pytest

from cutover.users.decision_table import Decision
from cutover.users.ledger_rows import State
from cutover.users.ports import Failed
from tests.users.world import SUB, World, ann


@pytest.fixture
def world() -> World:
    world = World()
    world.set(forgot_password=True)
    return world


def test_it_is_off_unless_it_is_turned_on() -> None:
    world = World()
    outcome = world.forgot()
    assert (outcome.decision, outcome.response) == (Decision.NOT_IN_ROLLOUT, None)
    assert world.old.profile_reads == 0


def test_a_verified_contact_gets_a_user_without_a_password(world: World) -> None:
    outcome = world.forgot()
    assert outcome.response is not None
    assert "finalUserStatus" not in outcome.response
    assert outcome.response["messageAction"] == "SUPPRESS"
    assert outcome.response["userAttributes"]["email_verified"] == "true"


def test_the_ledger_says_that_nothing_is_proven(world: World) -> None:
    world.forgot()
    assert (world.row.state, world.reminders.sent) == (State.RESET_OFFERED, [(SUB, 0, 30)])


def test_no_sign_in_is_tried(world: World) -> None:
    world.forgot()
    assert world.old.sign_ins == []


def test_a_user_who_has_to_reset_anyway_may(world: World) -> None:
    world.old.people = [ann(status="RESET_REQUIRED")]
    assert world.forgot().decision is Decision.MIGRATED


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"enabled": False}, Decision.DISABLED),
        ({"status": "UNCONFIRMED"}, Decision.UNCONFIRMED),
        ({"status": "FORCE_CHANGE_PASSWORD"}, Decision.TEMPORARY_PASSWORD),
        ({"status": "EXTERNAL_PROVIDER"}, Decision.FEDERATED),
        ({"status": "COMPROMISED"}, Decision.RISK_BLOCKED),
        ({"second_factors": ("SOFTWARE_TOKEN_MFA",)}, Decision.MFA_REFUSED),
        ({"second_factors": ("SMS_MFA",)}, Decision.MFA_REFUSED),
        ({"attributes": {"email_verified": "false"}}, Decision.ATTRIBUTES_REFUSED),
        ({"attributes": {"email": ""}}, Decision.ATTRIBUTES_REFUSED),
    ],
)
def test_nobody_else_is_created(world: World, changes: dict[str, object], decision: Decision) -> None:
    world.old.people = [ann(**changes)]
    outcome = world.forgot()
    assert (outcome.decision, outcome.response) == (decision, None)
    assert world.ledger.rows == {}


def test_a_verified_contact_that_stays_behind_is_no_way_to_reach_anybody(world: World) -> None:
    world.set(renames=(("name", "name"),))
    assert world.forgot().decision is Decision.ATTRIBUTES_REFUSED


def test_an_unknown_user_gets_nothing(world: World) -> None:
    assert world.forgot("nobody").response is None


@pytest.mark.parametrize(
    "code", ["TooManyRequestsException", "InternalErrorException", "AccessDeniedException"]
)
def test_a_fault_is_a_fault_here_too(world: World, code: str) -> None:
    world.old.profile_replies = [Failed(code, "", 400)] * 2
    assert world.forgot().decision.is_fault


def test_the_sub_is_no_name_here_either(world: World) -> None:
    assert world.forgot(SUB).decision is Decision.IDENTITY_MISMATCH


def test_a_sign_in_after_it_proves_the_password(world: World) -> None:
    world.forgot()
    assert world.sign_in().decision is Decision.MIGRATED
    assert world.row.state is State.OFFERED
