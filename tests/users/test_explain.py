"""What is foretold of one user, and that foretelling it changes nothing."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from cutover.users.attributes import Left
from cutover.users.decision_table import Decision, Stop
from cutover.users.explain import Explanation, Fate, explain
from cutover.users.ledger_rows import Offer, State
from cutover.users.meanings import MEANINGS
from cutover.users.password_policy import PasswordPolicy
from cutover.users.ports import Failed, SchemaAttribute
from tests.canary import PASSWORD
from tests.fakes.ledger import FakeLedger, FakeReminders
from tests.fakes.pools import Person
from tests.users.world import LEGACY, OTHER_SUB, SUB, World, ann


class LookedAt(FakeLedger):
    """Refuses as the ledger would, and keeps nothing."""

    def offer(self, offer: Offer) -> None:
        kept = dict(self.rows), dict(self.names)
        super().offer(offer)
        self.rows, self.names = kept


def told(world: World, name: str = "ann", client: str = "new-client", **more: Any) -> Explanation:
    """By parts that keep nothing of what is offered."""
    ledger = LookedAt(**vars(deepcopy(world.ledger)))
    parts = replace(world.parts(), ledger=ledger, reminders=FakeReminders())
    return explain(name, client, parts, **more)


def fate(explanation: Explanation, name: str) -> Fate:
    return next(one for one in explanation.fates if one.name == name)


PEOPLE = [
    (ann(), Decision.MIGRATED),
    (ann(enabled=False), Decision.DISABLED),
    (ann(status="FORCE_CHANGE_PASSWORD"), Decision.TEMPORARY_PASSWORD),
    (ann(status="RESET_REQUIRED"), Decision.RESET_REQUIRED),
    (ann(status="UNCONFIRMED"), Decision.UNCONFIRMED),
    (ann(status="EXTERNAL_PROVIDER"), Decision.FEDERATED),
    (ann(status="COMPROMISED"), Decision.RISK_BLOCKED),
    (ann(challenge="SMS_MFA", second_factors=("SMS_MFA",)), Decision.MFA_REFUSED),
    (
        ann(challenge="SELECT_MFA_TYPE", second_factors=("SMS_MFA", "SOFTWARE_TOKEN_MFA")),
        Decision.MFA_REFUSED,
    ),
]


@pytest.mark.parametrize(("person", "decision"), PEOPLE, ids=lambda one: getattr(one, "status", str(one)))
def test_the_right_password_is_foretold_without_a_sign_in(person: Person, decision: Decision) -> None:
    world = World()
    world.old.people = [person]
    assert (told(world).sign_in.decision, world.old.sign_ins) == (decision, [])


@pytest.mark.parametrize("person", [person for person, _ in PEOPLE], ids=lambda one: one.status)
@pytest.mark.parametrize(
    "policy", ["", "accept_mfa", "reset_temporary_password", "reset_required_comes_over"]
)
def test_what_is_foretold_is_what_the_trigger_then_answers(person: Person, policy: str) -> None:
    world = World()
    world.old.people = [person]
    if policy:
        world.set(**{policy: True})
    foretold = told(world).sign_in
    happened = world.sign_in()
    if person.status in {"EXTERNAL_PROVIDER", "COMPROMISED"}:
        happened = replace(happened, cause=foretold.cause)
    assert foretold == happened


def test_a_pool_that_wants_a_second_factor_of_everybody_asks_for_it() -> None:
    world = World()
    world.old_pool(factor_required=True)
    assert told(world).sign_in.decision is Decision.MFA_REFUSED


def test_nobody_of_that_name() -> None:
    explanation = told(World(), "eve")
    assert (explanation.old, explanation.sign_in.decision) == (None, Decision.UNKNOWN_USER)


def test_a_pool_that_may_not_be_read_is_no_unknown_user() -> None:
    world = World()
    world.old.profile_replies = [Failed("AccessDeniedException", http_status=400)]
    with pytest.raises(Stop):
        told(world)


def test_each_attribute_says_what_becomes_of_it() -> None:
    world = World()
    attributes = {"name": "Ann", "custom:plan": "x" * 9, "custom:old": "1", "phone_number": "+4412"}
    world.old.people = [ann(attributes=attributes)]
    world.new_pool(SchemaAttribute("custom:plan", max_length=4), alias_attributes=frozenset({"phone_number"}))
    world.new.rights = world.old.rights = [frozenset({"name", "email", "custom:plan", "phone_number"})]
    explanation = told(world)
    assert fate(explanation, "name") == Fate("name", "name")
    assert fate(explanation, "email_verified") == Fate("email_verified", "email_verified")
    assert fate(explanation, "custom:plan").why == Left.LENGTH
    assert fate(explanation, "custom:old").why == Left.NOT_IN_SCHEMA
    assert fate(explanation, "phone_number").why == Left.NOT_PROVEN
    assert "Cognito" in fate(explanation, "sub").why


def test_a_renamed_attribute_and_one_that_is_not_listed() -> None:
    world = World()
    world.old.people = [ann(attributes={"custom:tenant": "1", "name": "Ann"})]
    world.new_pool(SchemaAttribute("custom:org"))
    world.set(renames=(("custom:tenant", "custom:org"),))
    explanation = told(world)
    assert fate(explanation, "custom:tenant").becomes == "custom:org"
    assert fate(explanation, "name").why == Left.NOT_LISTED


def test_what_only_old_clients_may_write_stays_and_says_so() -> None:
    world = World()
    world.old.people = [ann(attributes={"nickname": "A"})]
    world.new.rights = [frozenset()]
    assert fate(told(world), "nickname").why == Left.NOT_ADMITTED


def test_every_missing_attribute_is_named_at_once() -> None:
    world = World()
    world.new_pool(SchemaAttribute("name", required=True), SchemaAttribute("nickname", required=True))
    explanation = told(world)
    assert explanation.missing == ("name", "nickname")
    assert explanation.sign_in.decision is Decision.ATTRIBUTES_REFUSED


def test_a_name_that_is_there_already_means_that_the_trigger_is_not_asked() -> None:
    world = World()
    world.new.people = [Person("ann", OTHER_SUB)]
    assert told(world).new is not None


def test_an_alias_that_somebody_holds_is_told_apart() -> None:
    world = World()
    world.new_pool(alias_attributes=frozenset({"email"}))
    world.old_pool(alias_attributes=frozenset({"email"}))
    squatter = {"email": "ann@example.com", "email_verified": "true"}
    world.new.people = [Person("eve", OTHER_SUB, attributes=squatter)]
    assert told(world).held == ("email",)


def test_who_came_over_is_refused_and_the_ledger_shows_it() -> None:
    world = World()
    world.sign_in()
    world.create()
    world.settle()
    world.new.people.clear()
    explanation = told(world)
    assert explanation.row is not None
    assert (explanation.row.state, explanation.sign_in.decision) == (
        State.CONFIRMED,
        Decision.ALREADY_MIGRATED,
    )


def test_a_pool_without_case_is_asked_by_the_folded_name() -> None:
    world = World()
    world.new_pool(case_sensitive=False)
    explanation = told(world, "ANN")
    assert (explanation.name, explanation.sign_in.decision) == ("ann", Decision.MIGRATED)


def test_forgotten_passwords_are_foretold_apart() -> None:
    world = World()
    off = told(world).forgot_password.decision
    world.set(forgot_password=True)
    on = told(world).forgot_password
    assert (off, on.decision) == (Decision.NOT_IN_ROLLOUT, Decision.MIGRATED)
    assert on.response is not None
    assert "finalUserStatus" not in on.response


def test_the_target_name_and_the_old_sub_are_told() -> None:
    explanation = told(World())
    assert explanation.target is not None
    assert explanation.carried is not None
    assert (explanation.target.name, explanation.carried.old_sub_in) == ("ann", LEGACY)


def test_a_name_that_is_not_theirs_says_what_is_wrong_with_it() -> None:
    assert told(World(), SUB).target_problem == "another name"


def test_a_typed_password_asks_the_old_pool_once() -> None:
    world = World()
    assert told(world, password=PASSWORD).sign_in.decision is Decision.MIGRATED
    assert world.old.sign_ins == ["ann"]


def test_a_wrong_password_is_a_wrong_password() -> None:
    assert told(World(), password="another").sign_in.decision is Decision.WRONG_PASSWORD


def test_who_is_not_over_has_no_row() -> None:
    assert told(World()).row is None


def test_a_paused_rollout_is_told() -> None:
    world = World()
    world.rollout.set(paused="a night")
    assert told(world).sign_in.decision is Decision.PAUSED


def test_a_weak_password_that_would_be_reset_is_told_of() -> None:
    world = World()
    world.set(reset_weak_password=True)
    world.new_pool(password=PasswordPolicy(minimum_length=99))
    foretold, tried = told(world), told(world, password=PASSWORD)
    assert (foretold.weak_resets, tried.weak_resets) == (True, False)
    assert "finalUserStatus" in (foretold.sign_in.response or {})
    assert "finalUserStatus" not in (tried.sign_in.response or {})


def test_who_was_released_comes_back_to_a_reset() -> None:
    world = World()
    world.come_over()
    world.ledger.rows[SUB] = replace(world.row, state=State.RELEASED, released_at=1)
    response = told(world).sign_in.response or {}
    assert "userAttributes" in response
    assert "finalUserStatus" not in response


@pytest.mark.parametrize("decision", Decision)
def test_every_decision_has_a_meaning(decision: Decision) -> None:
    assert MEANINGS[decision].why
