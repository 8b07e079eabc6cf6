"""What a sign-in must prove before it makes a user, and what it may never make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.users.decision_table import SECOND_FACTORS, Decision, Stop
from cutover.users.ledger_rows import State
from cutover.users.ports import Accepted, Challenged, Failed, SchemaAttribute, SignInReply
from tests.users.world import NOW, OLD, OTHER_SUB, SUB, World, ann


@pytest.fixture
def world() -> World:
    return World()


def refused(outcome: object) -> Decision:
    """The decision of an outcome that gives Cognito nothing."""
    assert outcome.response is None  # type: ignore[attr-defined]
    return outcome.decision  # type: ignore[attr-defined, no-any-return]


def test_a_right_password_makes_a_confirmed_user(world: World) -> None:
    outcome = world.sign_in()
    assert outcome.decision is Decision.MIGRATED
    assert outcome.response is not None
    assert outcome.response["finalUserStatus"] == "CONFIRMED"
    assert outcome.response["messageAction"] == "SUPPRESS"


def test_the_offer_and_its_reminder_come_before_the_answer(world: World) -> None:
    world.sign_in()
    assert (world.row.state, world.row.target_name, world.row.offered_at) == (State.OFFERED, "ann", NOW)
    assert world.reminders.sent == [(SUB, 0, 30)]


def test_the_offer_keeps_the_old_groups_but_those_of_identity_providers(world: World) -> None:
    world.old.people = [ann(groups=frozenset({"editors", f"{OLD}_Google", "other_Google"}))]
    world.sign_in()
    assert world.row.old_groups == {"editors", "other_Google"}


def test_groups_that_nobody_proved_are_not_kept(world: World) -> None:
    world.set(forgot_password=True)
    world.old.people = [ann(groups=frozenset({"editors"}))]
    world.sign_in()
    world.forgot()
    assert world.row.old_groups == frozenset()


@pytest.mark.parametrize(
    ("reply", "decision"),
    [
        (Failed("NotAuthorizedException", "Incorrect username or password.", 400), Decision.WRONG_PASSWORD),
        (Failed("UserNotFoundException", "User does not exist.", 400), Decision.UNKNOWN_USER),
        (Failed("NotAuthorizedException", "User is disabled.", 400), Decision.DISABLED),
        (Failed("NotAuthorizedException", "Password attempts exceeded", 400), Decision.RISK_BLOCKED),
        (Failed("TooManyRequestsException", "", 400), Decision.OLD_POOL_THROTTLED),
        (Challenged("NEW_PASSWORD_REQUIRED", "ann"), Decision.TEMPORARY_PASSWORD),
        (Challenged("SMS_MFA", "ann"), Decision.MFA_REFUSED),
        (Challenged("NEVER_HEARD_OF", "ann"), Decision.MFA_REFUSED),
        (Accepted(None), Decision.IDENTITY_MISMATCH),
        (Accepted(""), Decision.IDENTITY_MISMATCH),
    ],
)
def test_whatever_is_no_clear_yes_makes_nobody(world: World, reply: SignInReply, decision: Decision) -> None:
    world.old.replies = [reply]
    assert refused(world.sign_in()) is decision
    assert world.ledger.rows == {}


@pytest.mark.parametrize(
    "answer", ["NotAuthorizedException", "UserNotFoundException", "TooManyRequestsException"]
)
def test_the_profile_is_not_read_before_the_password_is_proven(world: World, answer: str) -> None:
    world.old.replies = [Failed(answer, "", 400)]
    world.sign_in()
    assert world.old.profile_reads == 0


@pytest.mark.parametrize("code", ["ReadTimeoutError", "TooManyRequestsException", "InternalErrorException"])
def test_a_sign_in_is_never_tried_twice(world: World, code: str) -> None:
    world.old.replies = [Failed(code), Failed(code)]
    assert world.sign_in().decision.is_fault
    assert world.old.sign_ins == ["ann"]


def test_the_tokens_of_somebody_else_do_not_carry_this_profile_over(world: World) -> None:
    world.old.replies = [Accepted(OTHER_SUB)]
    assert refused(world.sign_in()) is Decision.IDENTITY_MISMATCH


def test_a_profile_without_a_sub_is_nobodys(world: World) -> None:
    world.old.people = [ann(sub="")]
    world.old.replies = [Accepted("")]
    assert refused(world.sign_in()) is Decision.IDENTITY_MISMATCH


@pytest.mark.parametrize(
    ("changes", "decision"),
    [
        ({"enabled": False}, Decision.DISABLED),
        ({"status": "UNCONFIRMED"}, Decision.UNCONFIRMED),
        ({"status": "FORCE_CHANGE_PASSWORD"}, Decision.TEMPORARY_PASSWORD),
        ({"status": "RESET_REQUIRED"}, Decision.RESET_REQUIRED),
        ({"status": "EXTERNAL_PROVIDER"}, Decision.FEDERATED),
        ({"status": "COMPROMISED"}, Decision.RISK_BLOCKED),
        ({"status": "SOMETHING_NEW"}, Decision.UNCONFIRMED),
    ],
)
def test_a_profile_in_another_state_is_refused_even_with_tokens(
    world: World, changes: dict[str, object], decision: Decision
) -> None:
    world.old.people = [ann(**changes)]
    world.old.replies = [Accepted(SUB)]
    assert refused(world.sign_in()) is decision
    assert world.ledger.rows == {}


def test_a_profile_that_vanished_after_the_sign_in_is_unknown(world: World) -> None:
    world.old.profile_replies = [Failed("UserNotFoundException", "", 400)]
    assert refused(world.sign_in()) is Decision.UNKNOWN_USER


def test_a_profile_that_did_not_answer_is_asked_once_more(world: World) -> None:
    world.old.profile_replies = [Failed("ReadTimeoutError")]
    assert world.sign_in().decision is Decision.MIGRATED


def test_a_profile_is_asked_twice_at_the_most(world: World) -> None:
    world.old.profile_replies = [Failed("ReadTimeoutError")] * 3
    assert refused(world.sign_in()) is Decision.OLD_POOL_UNAVAILABLE
    assert world.old.profile_reads == 2


def test_a_throttled_profile_is_not_asked_again_at_once(world: World) -> None:
    world.old.profile_replies = [Failed("TooManyRequestsException", "", 400)] * 2
    assert refused(world.sign_in()) is Decision.OLD_POOL_THROTTLED
    assert world.old.profile_reads == 1


def test_no_second_look_at_the_profile_without_time_for_it(world: World) -> None:
    world.old.profile_replies = [Failed("ReadTimeoutError")]
    left = iter([4.5, 4.5, 4.0, 1.5, 0.9])
    world.seconds_left = lambda: next(left)
    assert refused(world.sign_in()) is Decision.OLD_POOL_UNAVAILABLE
    assert world.old.profile_reads == 1


def test_no_sign_in_is_begun_that_cognito_would_not_wait_for(world: World) -> None:
    world.seconds_left = lambda: 1.9
    assert refused(world.sign_in()) is Decision.OLD_POOL_UNAVAILABLE
    assert world.old.sign_ins == []


def test_a_pool_with_very_many_clients_is_read_no_longer_than_there_is_time(world: World) -> None:
    world.old.people = [ann(attributes={"custom:role": "admin"})]
    world.new_pool(SchemaAttribute("custom:role"))
    world.new.rights = [None] * 1000
    left = iter([4.5, 4.5, 4.0, 4.0, 3.0, 2.0, 0.9])
    world.seconds_left = lambda: next(left)
    assert world.sign_in().decision is Decision.OLD_POOL_UNAVAILABLE
    assert world.ledger.rows == {}


def test_no_offer_is_made_that_comes_too_late(world: World) -> None:
    left = iter([4.5, 4.5, 2.0, 2.0, 0.4])
    world.seconds_left = lambda: next(left)
    assert world.sign_in().decision.is_fault
    assert world.ledger.rows == {}


@pytest.mark.parametrize("password", ["", "x" * 257])
def test_a_password_that_nobody_can_have_is_not_tried(world: World, password: str) -> None:
    assert refused(world.sign_in(password=password)) is Decision.WRONG_PASSWORD
    assert world.old.sign_ins == []


@pytest.mark.parametrize(
    "name", ["", "x" * 129, "two words", "tab\there", "new\nline", "\ud800", "zero\u200bwidth"]
)
def test_a_name_that_no_pool_can_hold_is_not_tried(world: World, name: str) -> None:
    assert refused(world.sign_in(name)) is Decision.UNKNOWN_USER
    assert world.old.sign_ins == []


def test_an_event_of_another_pool_is_refused(world: World) -> None:
    assert refused(world.sign_in(pool_id="eu-west-1_other")) is Decision.WRONG_POOL
    assert world.old.sign_ins == []


def test_a_client_that_is_not_allowed_is_refused(world: World) -> None:
    world.set(allowed_clients=frozenset({"web", "app"}))
    assert refused(world.sign_in(client_id="new-client")) is Decision.WRONG_POOL
    assert refused(world.sign_in(client_id="")) is Decision.WRONG_POOL
    assert world.sign_in(client_id="app").decision is Decision.MIGRATED


def test_without_an_allow_list_every_client_may(world: World) -> None:
    assert world.sign_in(client_id="anything").decision is Decision.MIGRATED


def test_a_lost_reminder_is_a_fault_and_the_offer_stays(world: World) -> None:
    world.reminders.fault = Stop(Decision.MISCONFIGURED, "settle queue")
    assert world.sign_in().decision is Decision.MISCONFIGURED
    world.reminders.fault = None
    assert world.sign_in().decision is Decision.MIGRATED


@pytest.mark.parametrize("part", ["new", "ledger"])
def test_a_fault_of_our_own_side_answers_nothing(world: World, part: str) -> None:
    getattr(world, part).fault = Stop(Decision.MISCONFIGURED, part)
    outcome = world.sign_in()
    assert (outcome.decision, outcome.response, outcome.cause) == (Decision.MISCONFIGURED, None, part)


class TestWithASecondFactorAccepted:
    """`MFA_POLICY=accept` spares the person a new account, never the reset."""

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.set(accept_mfa=True)
        return world

    @pytest.mark.parametrize("factor", sorted(SECOND_FACTORS))
    def test_an_open_factor_is_answered_with_a_reset(self, world: World, factor: str) -> None:
        world.old.replies = [Challenged(factor, "ann")]
        outcome = world.sign_in()
        assert outcome.response is not None
        assert "finalUserStatus" not in outcome.response
        assert world.row.state is State.RESET_OFFERED

    @pytest.mark.parametrize("proof", ["ann", SUB])
    def test_the_challenge_may_name_the_user_by_name_or_by_sub(self, world: World, proof: str) -> None:
        world.old.replies = [Challenged("SMS_MFA", proof)]
        assert world.sign_in().decision is Decision.MIGRATED

    @pytest.mark.parametrize("proof", [None, "", "bob", OTHER_SUB, "ANN"])
    def test_a_challenge_of_somebody_else_is_refused(self, world: World, proof: str | None) -> None:
        world.old.replies = [Challenged("SMS_MFA", proof)]
        assert refused(world.sign_in()) is Decision.IDENTITY_MISMATCH

    def test_without_a_verified_contact_nobody_could_reset(self, world: World) -> None:
        world.old.people = [ann(attributes={"email_verified": "false"})]
        world.old.replies = [Challenged("SMS_MFA", "ann")]
        assert refused(world.sign_in()) is Decision.ATTRIBUTES_REFUSED

    @pytest.mark.parametrize(
        "name", ["NEW_PASSWORD_REQUIRED", "CUSTOM_CHALLENGE", "PASSWORD_VERIFIER", "NEW"]
    )
    def test_any_other_challenge_stays_refused(self, world: World, name: str) -> None:
        world.old.replies = [Challenged(name, "ann")]
        assert refused(world.sign_in()).is_fault is False
        assert world.ledger.rows == {}


def test_what_the_log_is_told_holds_nothing_of_the_person(world: World) -> None:
    for reply in (Failed("NotAuthorizedException", "ann@example.com"), Challenged("SMS_MFA", "ann")):
        world.old.replies = [reply]
        outcome = replace(world.sign_in(), response=None)
        assert "ann" not in repr(outcome)
