"""Nobody comes back through the old pool unless an operator says so; a lost answer locks nobody out."""

from __future__ import annotations

import pytest

from cutover.users.decide import Outcome
from cutover.users.decision_table import Decision
from cutover.users.ledger_rows import State
from cutover.users.offered_user import CREATION_WINDOW
from tests.users.world import OTHER_SUB, SUB, World, ann

ALIASES = frozenset({"email", "phone_number"})
PHONE = "+15550100"


@pytest.fixture
def world() -> World:
    """Ann with two aliases in the old pool, and a new one that takes what was typed."""
    world = World()
    world.set(forgot_password=True)
    world.old.people = [ann(attributes={"phone_number": PHONE, "phone_number_verified": "true"})]
    world.old_pool(alias_attributes=ALIASES)
    return world


def is_reset(outcome: Outcome) -> bool:
    return outcome.response is not None and "finalUserStatus" not in outcome.response


class TestWhoeverCameOver:
    @pytest.fixture(params=[State.CONFIRMED, State.IMPORTED, "a state of next year"])
    def over(self, world: World, request: pytest.FixtureRequest) -> World:
        world.come_over(state=request.param)
        return world

    @pytest.mark.parametrize("name", ["ann", "ann@example.com", PHONE])
    def test_is_refused_under_every_name_and_by_both_sources(self, over: World, name: str) -> None:
        for outcome in (over.sign_in(name), over.forgot(name)):
            assert (outcome.decision, outcome.response) == (Decision.ALREADY_MIGRATED, None)

    def test_is_refused_before_the_old_profile_is_read(self, over: World) -> None:
        before = over.old.profile_reads
        over.sign_in()
        assert over.old.profile_reads == before

    def test_is_refused_whatever_became_of_the_old_profile(self, over: World) -> None:
        over.old.people = [ann(username="ann-renamed", attributes={"email": "other@example.com"})]
        assert over.sign_in("ann-renamed").decision is Decision.ALREADY_MIGRATED

    def test_does_not_count_towards_the_cap(self, over: World) -> None:
        over.forgot()
        assert over.ledger.unproven == {}


class TestWhoeverIsReleased:
    @pytest.fixture
    def released(self, world: World) -> World:
        world.come_over()
        world.release()
        return world

    @pytest.mark.parametrize("name", ["ann", "ann@example.com", PHONE])
    def test_comes_over_to_a_reset_though_the_password_is_proven(self, released: World, name: str) -> None:
        assert is_reset(released.sign_in(name))
        assert released.row.state is State.RESET_OFFERED

    def test_is_offered_the_reset_again_after_a_lost_answer_and_nothing_else(self, released: World) -> None:
        released.sign_in()
        released.now += 1
        assert is_reset(released.sign_in())
        assert is_reset(released.forgot())

    def test_needs_a_verified_contact(self, released: World) -> None:
        released.old.people = [ann(attributes={"email_verified": "false"})]
        assert released.sign_in().decision is Decision.ATTRIBUTES_REFUSED

    def test_is_refused_for_ever_again_once_confirmed(self, released: World) -> None:
        released.sign_in()
        released.create(created_at=released.now + 1)
        assert released.settle() == "confirmed"
        assert released.sign_in().decision is Decision.ALREADY_MIGRATED

    def test_is_not_confirmed_by_the_user_of_the_time_before(self, released: World) -> None:
        released.create(created_at=released.now - 1000)
        released.sign_in()
        assert released.settle() == "mismatch"


class TestAUserWhoIsThereUnderAnotherName:
    """A stranger had Ann created by a forgotten password; she reset it and took another address at once."""

    @pytest.fixture
    def moved(self, world: World) -> World:
        world.new_pool(username_attributes=frozenset({"email"}))
        world.forgot("ann@example.com")
        made = world.create(status="RESET_REQUIRED")
        assert world.settle() == "waiting"
        made.status, made.attributes["email"] = "CONFIRMED", "ann@elsewhere.example"
        return world

    def test_is_not_created_a_second_time_by_the_old_password(self, moved: World) -> None:
        outcome = moved.sign_in("ann@example.com")
        assert (outcome.decision, outcome.response) == (Decision.ALREADY_MIGRATED, None)
        assert moved.row.state is State.RESET_OFFERED

    def test_may_be_created_again_once_deleted_before_it_was_confirmed(self, moved: World) -> None:
        moved.new.people.clear()
        assert moved.sign_in("ann@example.com").decision is Decision.MIGRATED


class TestALostAnswer:
    def test_under_another_name_is_a_collision_while_the_first_may_still_be_acted_on(
        self, world: World
    ) -> None:
        world.sign_in("ann")
        world.now += CREATION_WINDOW
        assert world.sign_in("ann@example.com").decision is Decision.NAME_COLLISION

    @pytest.mark.parametrize("second", ["ann@example.com", PHONE])
    def test_of_which_nothing_came_does_not_bind_the_person_to_the_first_name(
        self, world: World, second: str
    ) -> None:
        world.sign_in("ann")
        world.now += CREATION_WINDOW + 1
        assert world.sign_in(second).decision is Decision.MIGRATED
        assert (world.row.target_name, world.ledger.names) == (second, dict.fromkeys(world.ledger.names, SUB))

    def test_of_which_a_user_came_stays_under_the_first_name(self, world: World) -> None:
        world.sign_in("ann")
        world.create()
        world.now += CREATION_WINDOW + 1
        assert world.sign_in("ann@example.com").decision is Decision.NAME_COLLISION
        assert world.row.target_name == "ann"

    def test_does_not_take_the_name_of_another_old_user(self, world: World) -> None:
        world.sign_in("ann")
        world.ledger.names = {
            **world.ledger.names,
            "name#eu-west-1_new#ann@example.com": OTHER_SUB,
        }
        world.now += CREATION_WINDOW + 1
        assert world.sign_in("ann@example.com").decision is Decision.NAME_COLLISION

    def test_to_a_stranger_of_which_nothing_came_leaves_the_owner_the_seamless_way(
        self, world: World
    ) -> None:
        world.forgot("ann@example.com")
        world.now += CREATION_WINDOW + 1
        outcome = world.sign_in("ann")
        assert outcome.response is not None
        assert outcome.response["finalUserStatus"] == "CONFIRMED"
