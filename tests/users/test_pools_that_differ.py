"""Two pools that sign people in differently, or see case differently: who is found, and under which name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cutover.users.decide import Outcome
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import FirstOwner, State
from cutover.users.ports import SchemaAttribute
from tests.canary import PASSWORD
from tests.users.differing_pools import CELLS, TYPED, WAYS, by_index, differing, documented, index, typed
from tests.users.world import NEW_SUB, OTHER_SUB, SUB, World, ann

CASES = [(old, new) for old in (True, False) for new in (True, False)]
"""Whether the old and the new pool tell case apart."""
PAGE = Path(__file__).parents[2] / "docs" / "users.md"


def letter(world: World, outcome: Outcome, text: str) -> str:
    """The outcome in the words of the table."""
    if outcome.response is None:
        return {Decision.ATTRIBUTES_REFUSED: "x", Decision.UNKNOWN_USER: "-"}[outcome.decision]
    if world.row.target_by != "username":
        return {"email": "e", "phone_number": "p"}[world.row.target_by]
    if "username" in outcome.response["userAttributes"]:
        assert outcome.response["userAttributes"]["username"] == world.row.target_name
        return "n"
    return "t" if not world.new.described.alias_attributes and world.row.target_name == text else "u"


def as_cognito_hands_it_over(text: str, *, new_case: bool) -> str:
    """https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-case-sensitivity.html"""
    return text if new_case else text.lower()


@pytest.mark.parametrize(("old_case", "new_case"), CASES, ids=str)
@pytest.mark.parametrize(("old", "new", "letters"), CELLS, ids=str)
def test_what_may_be_typed_and_which_name_comes_of_it(
    old: str, new: str, letters: str, *, old_case: bool, new_case: bool
) -> None:
    found = ""
    for what in TYPED:
        world = differing(old, new, old_case=old_case, new_case=new_case)
        text = as_cognito_hands_it_over(typed(old, what), new_case=new_case)
        found += letter(world, world.sign_in(text), text)
    assert found == letters


@pytest.mark.parametrize(("old", "new", "letters"), CELLS, ids=str)
def test_without_the_index_the_old_pool_has_to_find_the_name_itself(old: str, new: str, letters: str) -> None:
    found = ""
    for what in TYPED:
        world = differing(old, new)
        world.ledger.reserved = {}
        found += letter(world, world.sign_in(typed(old, what)), typed(old, what))
    marked = by_index(old, new)
    assert found == "".join("-" if what in marked else one for what, one in zip(TYPED, letters, strict=True))


@pytest.mark.parametrize(("old", "new", "letters"), CELLS, ids=str)
def test_another_spelling_counts_where_the_new_pool_and_its_index_say_so(
    old: str, new: str, letters: str
) -> None:
    for what, one in zip(("user name", "e-mail"), letters, strict=False):
        if one in "x-" or (what == "user name" and typed(old, what) == SUB):
            continue
        came = {
            (old_case, new_case): differing(old, new, old_case=old_case, new_case=new_case)
            .sign_in(as_cognito_hands_it_over(TYPED[what].swapcase(), new_case=new_case))
            .decision
            is Decision.MIGRATED
            for old_case, new_case in CASES
        }
        assert came == {(old_case, new_case): not new_case for old_case, new_case in CASES}, what


def test_the_table_of_the_documents_is_this_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "\n".join(documented()) in page


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("old_case", "new_case"), [(True, True), (False, True), (False, False)], ids=str)
def test_the_index_is_not_read_where_the_old_pool_finds_the_name(
    way: str, *, old_case: bool, new_case: bool
) -> None:
    for what in TYPED:
        world = differing(way, way, old_case=old_case, new_case=new_case)
        world.sign_in(typed(way, what))
        assert world.ledger.looked == []


@pytest.mark.parametrize(("old", "new", "letters"), CELLS, ids=str)
def test_a_leaked_old_password_is_worth_nothing_once_its_owner_came_over(
    old: str, new: str, letters: str
) -> None:
    """Under every name, spelling and sub, by sign-in and by forgotten password, whoever tells case apart."""
    for old_case, new_case in CASES:
        world = differing(old, new, old_case=old_case, new_case=new_case)
        world.set(forgot_password=True, accept_mfa=True, reset_weak_password=True)
        first = next(what for what, one in zip(TYPED, letters, strict=True) if one not in "x-")
        world.come_over(as_cognito_hands_it_over(typed(old, first), new_case=new_case))
        for text in (*TYPED.values(), SUB):
            for spelling in (text, text.lower(), text.upper(), text.swapcase()):
                for outcome in (world.sign_in(spelling), world.forgot(spelling)):
                    assert outcome.response is None
        assert world.row.state is State.CONFIRMED


class TestAdaAndAda:
    """The old pool tells case apart, the new one does not: `Ada` was created before `ada`."""

    FIRST, SECOND = "First-1-Passw0rd!", PASSWORD

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.set(forgot_password=True)
        first = ann(username="Ada", password=self.FIRST, attributes={"email": "ada-1@example.com"})
        second = ann(username="ada", sub=OTHER_SUB, attributes={"email": "ada-2@example.com"})
        world.old.people = [second, first]
        world.new_pool(case_sensitive=False)
        index(world, "Ada", first.attributes)
        index(world, "ada", second.attributes, OTHER_SUB)
        return world

    def test_the_name_is_the_firsts(self, world: World) -> None:
        assert world.sign_in("ada", self.FIRST).decision is Decision.MIGRATED
        assert world.old.sign_ins == ["Ada"]
        assert list(world.ledger.rows) == [SUB]

    def test_the_second_is_no_candidate_for_the_password(self, world: World) -> None:
        assert world.sign_in("ada", self.SECOND).decision is Decision.WRONG_PASSWORD
        assert world.old.sign_ins == ["Ada"]
        assert world.ledger.rows == {}

    def test_a_forgotten_password_is_the_firsts(self, world: World) -> None:
        assert world.forgot("ada").decision is Decision.MIGRATED
        assert list(world.ledger.rows) == [SUB]

    def test_somebody_else_by_the_name_of_the_first_is_a_collision(self, world: World) -> None:
        world.old.people[1].sub = NEW_SUB
        assert world.sign_in("ada", self.FIRST).decision is Decision.NAME_COLLISION
        assert world.ledger.rows == {}

    def test_whoever_is_newer_than_the_index_is_found_as_the_name_arrives(self, world: World) -> None:
        world.ledger.reserved = {}
        assert world.sign_in("ada", self.SECOND).decision is Decision.MIGRATED
        assert list(world.ledger.rows) == [OTHER_SUB]

    def test_the_first_who_came_over_keeps_the_name(self, world: World) -> None:
        world.sign_in("ada", self.FIRST)
        world.ledger.reserved = {}
        assert world.sign_in("ada", self.SECOND).decision is Decision.NAME_COLLISION


class TestAnAddressOfTwoOldUsers:
    """The old pool does not sign in by e-mail, so two have the same; the new pool does."""

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.old.people = [ann(), ann(username="bob", sub=OTHER_SUB)]
        world.new_pool(alias_attributes=frozenset({"email"}))
        index(world, "ann", {"email": "ann@example.com"})
        index(world, "bob", {"email": "ann@example.com"}, OTHER_SUB)
        return world

    def test_is_the_firsts(self, world: World) -> None:
        assert world.sign_in("ann").decision is Decision.MIGRATED
        assert world.sign_in("ann@example.com").decision is Decision.MIGRATED

    def test_is_not_taken_from_the_first_by_the_second(self, world: World) -> None:
        outcome = world.sign_in("bob")
        assert (outcome.decision, outcome.response) == (Decision.ALIAS_TAKEN, None)
        assert world.ledger.rows == {}

    def test_is_left_to_the_new_pool_once_the_first_came_over(self, world: World) -> None:
        world.come_over("ann", State.CONFIRMED)
        assert world.sign_in("bob").decision is Decision.MIGRATED

    def test_that_nobody_verified_is_nobodys_name(self, world: World) -> None:
        world.old.people[0].attributes["email_verified"] = "false"
        assert world.sign_in("ann@example.com").decision is Decision.IDENTITY_MISMATCH

    def test_does_not_matter_where_the_new_pool_does_not_sign_in_by_it(self, world: World) -> None:
        world.new_pool()
        assert world.sign_in("bob").decision is Decision.MIGRATED
        assert world.ledger.looked == []


def test_a_user_name_comes_before_the_same_text_as_somebodys_address() -> None:
    world = World()
    world.old.people = [
        ann(username="ann@example.com", attributes={"email": "ann@work.example"}),
        ann(username="bob", sub=OTHER_SUB, password="another"),
    ]
    world.new_pool(alias_attributes=frozenset({"email"}))
    for person in world.old.people:
        index(world, person.username, person.attributes, person.sub)
    world.sign_in("ann@example.com")
    assert world.old.sign_ins == ["ann@example.com"]


def test_where_both_pools_tell_case_apart_a_name_is_asked_for_as_it_was_typed() -> None:
    world = World()
    world.old.people = [ann(username="Ann@example.com")]
    world.new_pool(alias_attributes=frozenset({"email"}))
    index(world, "ann@example.com", {}, OTHER_SUB)
    world.sign_in("Ann@example.com")
    assert world.old.sign_ins == ["Ann@example.com"]


def test_an_old_pool_that_is_not_described_just_now_stops_nobody_whose_name_is_plain() -> None:
    world = World()
    world.old.fault = Stop(Decision.OLD_POOL_THROTTLED, "old pool TooManyRequestsException")
    assert world.sign_in("ann").decision is Decision.MIGRATED


def test_a_name_that_is_reserved_for_somebody_is_still_only_theirs_by_the_profile() -> None:
    """The index may be old: what counts is the profile, and a contact of nobody's any more names nobody."""
    world = differing("user name", "e-mail")
    world.old.people[0].attributes["email"] = "ann@elsewhere.example"
    assert world.sign_in(TYPED["e-mail"]).decision is Decision.IDENTITY_MISMATCH


@pytest.mark.parametrize(
    ("attribute", "value", "came"),
    [
        (SchemaAttribute("name", required=True), "Ann", True),
        (SchemaAttribute("name", required=True), "", False),
        (SchemaAttribute("name", required=True, max_length=2), "Ann", False),
        (SchemaAttribute("name", max_length=2), "Ann", True),
        (SchemaAttribute("phone_number", required=True), "+15550100", True),
        (SchemaAttribute("phone_number", required=True), "0155 50100", False),
        (SchemaAttribute("phone_number"), "0155 50100", True),
    ],
    ids=str,
)
def test_what_the_new_pool_requires_has_to_fit_and_the_rest_may_stay_behind(
    attribute: SchemaAttribute, value: str, came: bool
) -> None:
    world = World()
    world.old.people = [ann(attributes={attribute.name: value})]
    world.new_pool(attribute)
    assert (world.sign_in().decision is Decision.MIGRATED) is came


def test_the_owner_of_a_row_is_shown_to_nobody() -> None:
    assert "Ada" not in repr(FirstOwner(SUB, "Ada"))
