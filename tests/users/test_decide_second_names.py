"""A leaked old password must not get around a rule under a second name, another case, an alias or the sub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.users.decide import Outcome
from cutover.users.decision_table import Decision
from cutover.users.ledger_rows import State
from tests.users.world import OTHER_SUB, SUB, World, ann

ALIASES = frozenset({"email", "phone_number", "preferred_username"})
PHONE = "+15550100"


@pytest.fixture
def world() -> World:
    """Ann with all her aliases, in an old pool that signs in by them."""
    world = World()
    world.old.people = [
        ann(
            attributes={"phone_number": PHONE, "phone_number_verified": "true", "preferred_username": "annie"}
        )
    ]
    world.old_pool(alias_attributes=ALIASES)
    return world


def username_of(outcome: Outcome) -> str | None:
    assert outcome.response is not None, outcome
    name = outcome.response["userAttributes"].get("username")
    assert name is None or isinstance(name, str)
    return name


@pytest.mark.parametrize("name", ["ann", "ann@example.com", PHONE, "annie", SUB, "ANN"])
@pytest.mark.parametrize("state", [State.CONFIRMED, State.IMPORTED])
def test_whoever_came_over_never_comes_again_under_any_name(world: World, name: str, state: State) -> None:
    world.new_pool(alias_attributes=ALIASES)
    world.sign_in()
    world.ledger.rows[SUB] = replace(world.row, state=state)
    for outcome in (world.sign_in(name), world.forgot(name)):
        assert outcome.response is None


def test_a_confirmed_user_is_told_apart_in_the_log_alone(world: World) -> None:
    world.sign_in()
    world.ledger.rows[SUB] = replace(world.row, state=State.CONFIRMED)
    assert world.sign_in().decision is Decision.ALREADY_MIGRATED


@pytest.mark.parametrize("second", ["ann@example.com", PHONE])
def test_an_open_offer_is_not_given_out_again_under_a_second_name(world: World, second: str) -> None:
    world.sign_in("ann")
    assert world.sign_in(second).decision is Decision.NAME_COLLISION
    assert world.row.target_name == "ann"


def test_an_open_offer_is_given_again_under_its_own_name(world: World) -> None:
    first = world.sign_in()
    assert world.sign_in() == first


def test_an_open_offer_keeps_the_time_of_its_first_answer(world: World) -> None:
    world.sign_in()
    began = world.now
    world.now += 100
    world.sign_in()
    assert (world.row.offered_at, world.row.last_offered_at) == (began, began + 100)


@pytest.mark.parametrize("name", ["ann@example.com", PHONE, "annie"])
def test_a_pool_with_aliases_gets_the_old_user_name_back(world: World, name: str) -> None:
    world.new_pool(alias_attributes=ALIASES)
    assert username_of(world.sign_in(name)) == "ann"
    assert world.row.target_name == "ann"


def test_a_pool_with_aliases_is_told_no_user_name_where_it_was_typed(world: World) -> None:
    world.new_pool(alias_attributes=ALIASES)
    assert username_of(world.sign_in("ann")) is None


def test_all_names_of_one_person_end_in_one_offer(world: World) -> None:
    world.new_pool(alias_attributes=ALIASES)
    for name in ("ann", "ann@example.com", PHONE, "annie"):
        assert world.sign_in(name).decision is Decision.MIGRATED
    assert list(world.ledger.names.values()) == [SUB]


def test_the_old_sub_is_no_name(world: World) -> None:
    assert world.sign_in(SUB).decision is Decision.IDENTITY_MISMATCH
    assert world.ledger.rows == {}


def test_the_old_sub_is_a_name_where_it_is_the_user_name(world: World) -> None:
    world.old.people = [ann(username=SUB)]
    assert world.sign_in(SUB).decision is Decision.MIGRATED


def test_an_alias_that_is_not_verified_there_is_no_name(world: World) -> None:
    world.old_pool(alias_attributes=ALIASES)
    world.old.also = {"ann@example.com": ann(attributes={"email_verified": "false"})}
    world.old.people = []
    assert world.sign_in("ann@example.com").decision is Decision.IDENTITY_MISMATCH


def test_an_email_is_a_name_where_the_old_pool_signs_in_by_it(world: World) -> None:
    world.old.people = [ann(username=SUB, attributes={"email_verified": "false"})]
    world.old_pool(username_attributes=frozenset({"email"}))
    world.new_pool(username_attributes=frozenset({"email"}))
    assert world.sign_in("ann@example.com").decision is Decision.MIGRATED


def test_a_preferred_user_name_counts_only_where_it_is_an_alias(world: World) -> None:
    world.old_pool()
    world.old.also = {"annie": world.old.people[0]}
    world.new_pool(alias_attributes=ALIASES)
    assert world.sign_in("annie").decision is Decision.IDENTITY_MISMATCH


def test_a_preferred_user_name_becomes_nobodys_user_name(world: World) -> None:
    outcome = world.sign_in("annie")
    assert outcome.decision is Decision.ATTRIBUTES_REFUSED
    assert outcome.cause == "preferred user names name nobody there"


def test_two_old_users_never_share_a_name(world: World) -> None:
    world.old.people.append(ann(username="bob", sub=OTHER_SUB))
    world.new_pool(username_attributes=frozenset({"email"}))
    world.old_pool(username_attributes=frozenset({"email"}))
    assert world.sign_in("ann@example.com").decision is Decision.MIGRATED
    world.old.people.reverse()
    assert world.sign_in("ann@example.com").decision is Decision.NAME_COLLISION


class TestCase:
    """Another spelling is the same name only where both pools say so."""

    @pytest.mark.parametrize(
        ("old_sensitive", "new_sensitive", "decision"),
        [
            (True, True, Decision.UNKNOWN_USER),
            (True, False, Decision.UNKNOWN_USER),
            (False, True, Decision.IDENTITY_MISMATCH),
            (False, False, Decision.MIGRATED),
        ],
    )
    def test_another_case_of_the_user_name(
        self, world: World, *, old_sensitive: bool, new_sensitive: bool, decision: Decision
    ) -> None:
        world.old_pool(case_sensitive=old_sensitive)
        world.new_pool(case_sensitive=new_sensitive)
        assert world.sign_in("ANN").decision is decision

    def test_an_old_pool_that_counts_case_is_believed_though_it_answered(self, world: World) -> None:
        world.old.also = {"ANN": world.old.people[0]}
        world.new_pool(case_sensitive=False)
        assert world.sign_in("ANN").decision is Decision.IDENTITY_MISMATCH

    def test_the_name_of_an_offer_is_one_in_every_case(self, world: World) -> None:
        world.new_pool(case_sensitive=False)
        world.sign_in("ann")
        world.old.people = [ann(username="ANN", sub=OTHER_SUB)]
        assert world.sign_in("ANN").decision is Decision.NAME_COLLISION

    def test_two_cases_are_two_names_where_the_new_pool_says_so(self, world: World) -> None:
        world.sign_in("ann")
        world.old.people = [ann(username="ANN", sub=OTHER_SUB)]
        assert world.sign_in("ANN").decision is Decision.MIGRATED

    def test_a_letter_of_another_alphabet_is_another_name(self, world: World) -> None:
        world.old.also = {"\u212aate": ann(username="kate")}
        world.old_pool(case_sensitive=False)
        world.new_pool(case_sensitive=False)
        assert world.sign_in("\u212aate").decision is Decision.IDENTITY_MISMATCH

    def test_a_decomposed_letter_is_another_name(self, world: World) -> None:
        world.old.also = {"zoe\u0308": ann(username="zo\u00eb")}
        assert world.sign_in("zoe\u0308").decision is Decision.IDENTITY_MISMATCH


class TestNamesOfTheNewPool:
    def test_a_pool_that_signs_in_by_email_takes_the_email_as_the_name(self, world: World) -> None:
        world.new_pool(username_attributes=frozenset({"email"}))
        outcome = world.sign_in("ann@example.com")
        assert username_of(outcome) is None
        assert (world.row.target_name, world.row.target_by) == ("ann@example.com", "email")

    def test_a_user_name_is_no_name_in_a_pool_that_signs_in_by_email(self, world: World) -> None:
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in("ann").decision is Decision.ATTRIBUTES_REFUSED

    def test_an_old_user_name_that_is_the_verified_email_is_one(self, world: World) -> None:
        world.old.people = [ann(username="ann@example.com")]
        world.old_pool()
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in("ann@example.com").decision is Decision.MIGRATED
        assert world.row.target_by == "email"

    def test_an_old_user_name_that_is_the_email_in_another_case_is_one_where_case_does_not_count(
        self, world: World
    ) -> None:
        world.old.people = [ann(username="Ann@Example.com")]
        world.old_pool(case_sensitive=False)
        world.new_pool(username_attributes=frozenset({"email"}), case_sensitive=False)
        assert world.sign_in("ann@example.com").decision is Decision.MIGRATED

    def test_an_old_user_name_that_looks_like_somebodys_email_is_none(self, world: World) -> None:
        world.old.people = [ann(username="victim@example.com")]
        world.old_pool()
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in("victim@example.com").decision is Decision.ATTRIBUTES_REFUSED

    def test_an_old_user_name_that_is_an_unverified_email_is_none(self, world: World) -> None:
        world.old.people = [ann(username="ann@example.com", attributes={"email_verified": "false"})]
        world.old_pool()
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in("ann@example.com").decision is Decision.ATTRIBUTES_REFUSED

    def test_a_preferred_user_name_is_no_name_in_a_pool_that_signs_in_by_email(self, world: World) -> None:
        attributes = {"preferred_username": "annie"}
        world.old.people = [ann(username="ann@example.com", attributes=attributes)]
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in("annie").decision is Decision.ATTRIBUTES_REFUSED

    def test_a_phone_is_no_name_in_a_pool_that_signs_in_by_email(self, world: World) -> None:
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in(PHONE).decision is Decision.ATTRIBUTES_REFUSED

    def test_a_pool_with_email_aliases_takes_no_user_name_like_an_email(self, world: World) -> None:
        world.old.people = [ann(username="ann@example.com")]
        world.new_pool(alias_attributes=frozenset({"email"}))
        assert world.sign_in("ann@example.com").decision is Decision.ATTRIBUTES_REFUSED

    def test_a_pool_with_phone_aliases_takes_no_user_name_like_a_phone(self, world: World) -> None:
        world.old.people = [ann(username=PHONE)]
        world.new_pool(alias_attributes=frozenset({"phone_number"}))
        assert world.sign_in(PHONE).decision is Decision.ATTRIBUTES_REFUSED

    def test_an_alias_that_the_new_pool_does_not_know_is_no_name_there(self, world: World) -> None:
        world.new_pool(alias_attributes=frozenset({"phone_number"}))
        assert world.sign_in("ann@example.com").decision is Decision.ATTRIBUTES_REFUSED

    def test_an_alias_that_would_not_work_there_is_no_name_there(self, world: World) -> None:
        world.old.people = [ann(username=SUB, attributes={"email_verified": "false"})]
        world.old_pool(username_attributes=frozenset({"email"}))
        world.new_pool(alias_attributes=frozenset({"email"}))
        assert world.sign_in("ann@example.com").decision is Decision.ATTRIBUTES_REFUSED

    def test_a_name_that_the_allow_list_leaves_behind_is_none(self, world: World) -> None:
        world.set(renames=(("name", "name"),))
        world.new_pool(username_attributes=frozenset({"email"}))
        assert world.sign_in("ann@example.com").decision is Decision.ATTRIBUTES_REFUSED
