"""Whose old sub and which groups go into a token: what the ledger knows, not what a profile claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cutover.users.claims import FRESH, claims_of
from cutover.users.claims_settings import ClaimsSettings
from cutover.users.decision_table import Decision, Stop
from cutover.users.group_rows import By, GroupRow, Membership
from cutover.users.group_settings import GroupSettings
from cutover.users.ledger_rows import State
from cutover.users.token_events import NO_CLAIMS, Claims, TokenRequest
from tests.fakes.groups import FakeClaimsLedger, FakeGroupLedger
from tests.users.world import LEGACY, NEW, NEW_SUB, OTHER_SUB, SUB, World, ann


@dataclass
class Tokens:
    """Ann, an editor in the old pool, was offered and has just signed in; we made the group `editors`."""

    users: World = field(default_factory=World)
    settings: ClaimsSettings = field(
        default_factory=lambda: ClaimsSettings(NEW, "ledger", "old_sub", LEGACY, GroupSettings())
    )

    def __post_init__(self) -> None:
        self.users.old.people = [ann(groups=frozenset({"editors"}))]
        self.users.sign_in()
        self.users.create()
        self.groups = FakeGroupLedger(self.users.ledger)
        self.groups.groups["editors"] = GroupRow("editors", "editors", By.CREATED)
        self.ledger = FakeClaimsLedger(self.groups)

    def claims(self, **changes: Any) -> Claims:
        attributes = {"sub": NEW_SUB, LEGACY: SUB, **changes.pop("attributes", {})}
        request = {"pool_id": NEW, "new_sub": attributes["sub"], "username": "ann", "attributes": attributes}
        self.ledger.reads = 0
        return claims_of(TokenRequest(**request | changes), self.settings, self.ledger, self.users.now + 2)

    def confirm(self) -> None:
        self.users.settle()

    def progress(self, **changes: Any) -> None:
        self.groups.progress[SUB] = replace(Membership(self.users.row), **changes)

    def row(self, **changes: Any) -> None:
        self.users.ledger.rows[SUB] = replace(self.users.row, **changes)


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


class TestConfirmed:
    @pytest.fixture(autouse=True)
    def confirmed(self, tokens: Tokens) -> None:
        tokens.confirm()

    def test_the_old_sub_comes_from_the_ledger(self, tokens: Tokens) -> None:
        assert tokens.claims().old_sub == SUB

    def test_another_old_sub_in_the_profile_does_not_count(self, tokens: Tokens) -> None:
        assert tokens.claims(attributes={LEGACY: OTHER_SUB}) == Claims(SUB, frozenset({"editors"}))

    def test_a_profile_without_a_hint_is_known_all_the_same(self, tokens: Tokens) -> None:
        tokens.settings = replace(tokens.settings, legacy_sub=None)
        assert tokens.claims() == Claims(SUB, frozenset({"editors"}))

    def test_the_groups_are_named_until_they_are_brought(self, tokens: Tokens) -> None:
        assert tokens.claims().groups == {"editors"}

    def test_what_is_planned_counts_more_than_what_the_old_token_said(self, tokens: Tokens) -> None:
        tokens.progress(planned=True, todo=frozenset({"staff"}))
        assert tokens.claims().groups == {"staff"}

    def test_a_group_that_was_joined_is_the_pools_own_matter(self, tokens: Tokens) -> None:
        tokens.progress(planned=True)
        assert tokens.claims() == Claims(SUB)

    def test_once_they_are_brought_no_group_is_named(self, tokens: Tokens) -> None:
        for planned in (True, False):
            tokens.progress(planned=planned, done=True)
            assert tokens.claims() == Claims(SUB)

    def test_once_they_are_brought_a_token_costs_one_read(self, tokens: Tokens) -> None:
        tokens.progress(planned=True, done=True)
        tokens.claims()
        assert tokens.ledger.reads == 1

    def test_after_a_while_who_is_in_a_group_is_the_pools_own_matter(self, tokens: Tokens) -> None:
        """Even where the groups could not be brought over: nobody could take them away again."""
        tokens.users.now += FRESH - 2
        assert tokens.claims().groups == {"editors"}
        tokens.users.now += 1
        assert tokens.claims() == Claims(SUB)
        tokens.progress(planned=True, todo=frozenset({"editors"}))
        assert tokens.claims() == Claims(SUB)

    def test_groups_of_a_row_that_became_another_new_user_are_not_named(self, tokens: Tokens) -> None:
        tokens.row(new_sub=OTHER_SUB)
        assert tokens.claims() == Claims(SUB)


class TestGroupNames:
    def test_a_group_without_a_row_is_not_named(self, tokens: Tokens) -> None:
        tokens.groups.groups.clear()
        assert tokens.claims() == Claims(SUB)

    @pytest.mark.parametrize("by", [By.CREATING, By.LEFT, "another"])
    def test_a_group_that_is_not_ours_is_not_named(self, tokens: Tokens, by: str) -> None:
        tokens.groups.groups["editors"] = GroupRow("editors", "editors", by)
        assert tokens.claims() == Claims(SUB)

    def test_a_mapped_group_is_named_as_in_the_new_pool(self, tokens: Tokens) -> None:
        tokens.groups.groups["editors"] = GroupRow("editors", "staff", By.MAPPED)
        tokens.settings = replace(tokens.settings, groups=GroupSettings(pairs=(("editors", "staff"),)))
        assert tokens.claims().groups == {"staff"}

    def test_a_mapping_that_was_taken_back_names_nothing(self, tokens: Tokens) -> None:
        tokens.groups.groups["editors"] = GroupRow("editors", "staff", By.MAPPED)
        assert tokens.claims() == Claims(SUB)

    def test_where_groups_stay_behind_none_is_named(self, tokens: Tokens) -> None:
        tokens.settings = replace(tokens.settings, groups=GroupSettings(on=False))
        assert tokens.claims() == Claims(SUB)
        tokens.confirm()
        assert tokens.claims() == Claims(SUB)


class TestOffered:
    """Before the confirmation everything has to fit."""

    def test_an_offer_that_fits_counts(self, tokens: Tokens) -> None:
        assert tokens.claims() == Claims(SUB, frozenset({"editors"}))

    @pytest.mark.parametrize("state", [State.RESET_OFFERED, State.IMPORTED, "another"])
    def test_no_other_state_counts(self, tokens: Tokens, state: str) -> None:
        tokens.row(state=state)
        assert tokens.claims() == NO_CLAIMS

    def test_a_confirmed_row_of_another_new_user_does_not_count(self, tokens: Tokens) -> None:
        tokens.confirm()
        assert tokens.claims(attributes={"sub": OTHER_SUB}) == NO_CLAIMS

    @pytest.mark.parametrize("age", [FRESH, -3])
    def test_a_fresh_offer_counts(self, tokens: Tokens, age: int) -> None:
        tokens.users.now += age - 2
        assert tokens.claims().old_sub == SUB

    @pytest.mark.parametrize("age", [FRESH + 1, -6])
    def test_an_old_offer_does_not_count_nor_one_of_the_future(self, tokens: Tokens, age: int) -> None:
        tokens.users.now += age - 2
        assert tokens.claims() == NO_CLAIMS

    def test_another_name_does_not_count(self, tokens: Tokens) -> None:
        assert tokens.claims(username="mallory") == NO_CLAIMS

    def test_the_name_in_another_case_counts_only_where_case_does_not(self, tokens: Tokens) -> None:
        assert tokens.claims(username="ANN") == NO_CLAIMS
        tokens.row(case_sensitive=False)
        assert tokens.claims(username="ANN").old_sub == SUB

    def test_a_user_known_by_email_is_compared_by_it(self, tokens: Tokens) -> None:
        tokens.row(target_by="email", target_name="ann@example.com")
        assert tokens.claims(username=NEW_SUB) == NO_CLAIMS
        assert tokens.claims(username=NEW_SUB, attributes={"email": "ann@example.com"}).old_sub == SUB

    def test_a_row_of_another_pool_does_not_count(self, tokens: Tokens) -> None:
        tokens.row(new_pool="eu-west-1_before")
        assert tokens.claims() == NO_CLAIMS

    def test_a_profile_without_the_old_sub_does_not_count(self, tokens: Tokens) -> None:
        assert tokens.claims(attributes={LEGACY: ""}) == NO_CLAIMS

    def test_an_offer_that_carries_no_old_sub_waits_for_its_confirmation(self, tokens: Tokens) -> None:
        tokens.row(carried_sub_in="")
        assert tokens.claims() == NO_CLAIMS

    def test_the_attribute_of_the_offer_has_to_say_so_itself(self, tokens: Tokens) -> None:
        tokens.row(carried_sub_in="custom:another")
        assert tokens.claims() == NO_CLAIMS

    def test_a_hint_at_nobody_finds_nobody(self, tokens: Tokens) -> None:
        assert tokens.claims(attributes={LEGACY: OTHER_SUB}) == NO_CLAIMS


def test_another_pools_tokens_get_nothing(tokens: Tokens) -> None:
    tokens.confirm()
    assert tokens.claims(pool_id="eu-west-1_another") == NO_CLAIMS


def test_tokens_of_nobody_cost_no_read(tokens: Tokens) -> None:
    assert tokens.claims(new_sub="") == NO_CLAIMS
    assert tokens.ledger.reads == 0


@pytest.mark.parametrize("before", [lambda _: None, Tokens.confirm], ids=["offered", "confirmed"])
def test_an_outage_of_the_ledger_is_told(tokens: Tokens, before: Callable[[Tokens], None]) -> None:
    before(tokens)
    tokens.users.ledger.fault = Stop(Decision.MISCONFIGURED)
    with pytest.raises(Stop):
        tokens.claims()
