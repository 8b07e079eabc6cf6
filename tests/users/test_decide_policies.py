"""The policies that turn a refusal, or a weak password, into a reset; and the second factor by SMS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.users.decide import Outcome
from cutover.users.decision_table import Decision
from cutover.users.ledger_rows import State
from cutover.users.password_policy import PasswordPolicy
from cutover.users.ports import Challenged, Failed
from tests.canary import PASSWORD
from tests.users.world import OTHER_SUB, SUB, World, ann

TEMPORARY = Challenged("NEW_PASSWORD_REQUIRED", "ann")
EXPIRED = Failed("NotAuthorizedException", "Temporary password has expired and must be reset", 400)


@pytest.fixture
def world() -> World:
    return World()


def is_reset(outcome: Outcome) -> bool:
    return outcome.response is not None and "finalUserStatus" not in outcome.response


class TestATemporaryPassword:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.old.people = [ann(status="FORCE_CHANGE_PASSWORD")]
        world.set(reset_temporary_password=True)
        return world

    def test_is_answered_with_a_reset(self, world: World) -> None:
        assert is_reset(world.sign_in())
        assert world.row.state is State.RESET_OFFERED

    def test_is_refused_unless_the_policy_says_so(self, world: World) -> None:
        world.set(reset_temporary_password=False)
        assert world.sign_in().decision is Decision.TEMPORARY_PASSWORD

    def test_that_has_expired_stays_refused(self, world: World) -> None:
        world.old.replies = [EXPIRED]
        assert world.sign_in().decision is Decision.TEMPORARY_PASSWORD
        assert world.old.profile_reads == 0

    @pytest.mark.parametrize("user_id", ["bob", OTHER_SUB, "", None])
    def test_of_somebody_else_is_refused(self, world: World, user_id: str | None) -> None:
        world.old.replies = [Challenged("NEW_PASSWORD_REQUIRED", user_id)]
        assert world.sign_in().decision is Decision.IDENTITY_MISMATCH

    def test_without_a_verified_contact_is_refused(self, world: World) -> None:
        world.old.people = [ann(status="FORCE_CHANGE_PASSWORD", attributes={"email_verified": "false"})]
        assert world.sign_in().decision is Decision.ATTRIBUTES_REFUSED

    @pytest.mark.parametrize("status", ["CONFIRMED", "RESET_REQUIRED", "UNCONFIRMED", "EXTERNAL_PROVIDER"])
    def test_counts_in_no_other_state_of_the_user(self, world: World, status: str) -> None:
        world.old.people = [ann(status=status)]
        world.old.replies = [TEMPORARY]
        assert world.sign_in().response is None

    def test_does_not_get_around_a_second_factor(self, world: World) -> None:
        world.old.people = [ann(status="FORCE_CHANGE_PASSWORD", second_factors=("SOFTWARE_TOKEN_MFA",))]
        assert world.sign_in().decision is Decision.MFA_REFUSED

    def test_does_not_count_towards_the_cap(self, world: World) -> None:
        world.set(forgot_password_per_hour=0)
        assert is_reset(world.sign_in())

    def test_is_still_no_way_in_by_a_forgotten_password(self, world: World) -> None:
        world.set(forgot_password=True)
        assert world.forgot().decision is Decision.TEMPORARY_PASSWORD


class TestAUserWhoHasToReset:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.old.people = [ann(status="RESET_REQUIRED")]
        world.set(reset_required_comes_over=True)
        return world

    def test_comes_over_to_a_reset(self, world: World) -> None:
        assert is_reset(world.sign_in())
        assert world.row.state is State.RESET_OFFERED

    def test_is_refused_unless_the_policy_says_so(self, world: World) -> None:
        world.set(reset_required_comes_over=False)
        assert world.sign_in().decision is Decision.RESET_REQUIRED

    @pytest.mark.parametrize(
        ("changes", "decision"),
        [
            ({"enabled": False}, Decision.DISABLED),
            ({"second_factors": ("SMS_MFA",)}, Decision.MFA_REFUSED),
            ({"attributes": {"email_verified": "false"}}, Decision.ATTRIBUTES_REFUSED),
            ({"status": "FORCE_CHANGE_PASSWORD"}, Decision.TEMPORARY_PASSWORD),
            ({"status": "UNCONFIRMED"}, Decision.UNCONFIRMED),
        ],
    )
    def test_has_proven_nothing_and_is_looked_at_like_that(
        self, world: World, changes: dict[str, Any], decision: Decision
    ) -> None:
        world.old.people = [ann(**{"status": "RESET_REQUIRED"} | changes)]
        world.old.replies = [Failed("PasswordResetRequiredException", "", 400)]
        assert world.sign_in().decision is decision
        assert world.ledger.rows == {}

    def test_counts_towards_the_cap(self, world: World) -> None:
        world.set(forgot_password_per_hour=0)
        assert world.sign_in().decision is Decision.CAPPED


class TestAWeakPassword:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.set(reset_weak_password=True)
        world.new.described = replace(
            world.new.described, password=PasswordPolicy(minimum_length=len(PASSWORD) + 1)
        )
        return world

    def test_has_to_be_reset(self, world: World) -> None:
        assert is_reset(world.sign_in())
        assert world.row.state is State.RESET_OFFERED

    def test_is_kept_unless_the_policy_says_otherwise(self, world: World) -> None:
        world.set(reset_weak_password=False)
        assert not is_reset(world.sign_in())

    def test_is_kept_where_no_code_could_reach_the_person(self, world: World) -> None:
        world.old.people = [ann(attributes={"email_verified": "false"})]
        outcome = world.sign_in()
        assert outcome.response is not None
        assert outcome.response["finalUserStatus"] == "CONFIRMED"

    def test_that_the_new_pool_would_take_is_kept(self, world: World) -> None:
        world.new.described = replace(world.new.described, password=PasswordPolicy(len(PASSWORD)))
        assert not is_reset(world.sign_in())

    def test_keeps_what_was_proven_of_groups(self, world: World) -> None:
        world.old.people = [ann(groups=frozenset({"editors"}))]
        world.sign_in()
        assert world.row.old_groups == {"editors"}


class TestTheCap:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.set(forgot_password=True, forgot_password_per_hour=1)
        bob = {"email": "bob@example.com", "email_verified": "true"}
        world.old.people.append(ann(username="bob", sub=OTHER_SUB, attributes=bob))
        return world

    def test_ends_forgotten_passwords_for_the_hour(self, world: World) -> None:
        assert is_reset(world.forgot("ann"))
        outcome = world.forgot("bob")
        assert (outcome.decision, outcome.response) == (Decision.CAPPED, None)
        assert list(world.ledger.rows) == [SUB]

    def test_begins_again_with_the_next_hour(self, world: World) -> None:
        world.forgot("ann")
        world.now += 3600
        assert is_reset(world.forgot("bob"))

    def test_counts_a_person_once_an_hour(self, world: World) -> None:
        assert is_reset(world.forgot("ann"))
        assert is_reset(world.forgot("ann"))

    @pytest.mark.parametrize("name", ["nobody", "ann"])
    def test_counts_nobody_who_is_not_offered(self, world: World, name: str) -> None:
        world.old.people[0].enabled = False
        world.forgot(name)
        assert world.ledger.unproven == {}

    def test_leaves_sign_ins_alone(self, world: World) -> None:
        world.forgot("bob")
        assert world.sign_in("ann").decision is Decision.MIGRATED


class TestASecondFactorBySms:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.set(accept_mfa=True)
        self.person(world)
        world.new.described = replace(world.new.described, sms_factor=True)
        return world

    @staticmethod
    def person(world: World, *factors: str, **attributes: str) -> None:
        phone = {"phone_number": "+15550100", "phone_number_verified": "true"} | attributes
        world.old.people = [
            ann(challenge="SMS_MFA", second_factors=factors or ("SMS_MFA",), attributes=phone)
        ]

    @staticmethod
    def asked_for(world: World) -> bool:
        outcome = world.sign_in()
        assert outcome.response is not None, outcome
        return outcome.response.get("enableSMSMFA") is True

    @pytest.mark.parametrize("factor", ["SMS_MFA", "phone_number"])
    def test_goes_over_with_the_reset(self, world: World, factor: str) -> None:
        self.person(world, factor)
        assert self.asked_for(world)
        assert world.row.state is State.RESET_OFFERED

    def test_stays_behind_where_the_new_pool_has_none(self, world: World) -> None:
        world.new.described = replace(world.new.described, sms_factor=False)
        assert not self.asked_for(world)

    def test_stays_behind_without_a_verified_phone(self, world: World) -> None:
        self.person(world, phone_number_verified="false")
        assert not self.asked_for(world)

    def test_stays_behind_where_the_phone_does(self, world: World) -> None:
        world.set(renames=(("email", "email"),))
        assert not self.asked_for(world)

    def test_is_not_made_of_another_factor(self, world: World) -> None:
        self.person(world, "SOFTWARE_TOKEN_MFA")
        assert not self.asked_for(world)

    def test_goes_over_with_a_proven_password_too(self, world: World) -> None:
        world.old.people[0].challenge = ""
        assert self.asked_for(world)
        assert world.row.state is State.OFFERED
