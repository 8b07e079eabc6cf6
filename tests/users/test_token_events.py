"""What is added to the answer of a PreTokenGeneration event, and who has the last word."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.users.token_events import (
    NO_CLAIMS,
    V1,
    V2,
    Claims,
    add_claims,
    read_token_request,
)

SUB = "0a1b2c3d-0000-4000-8000-00000000000a"
OURS = {"old_sub": SUB}
KNOWN = Claims(SUB, frozenset({"editors", "admins"}))
ROLES = {"iamRolesToOverride": ["arn:aws:iam::123456789012:role/a"], "preferredRole": "arn:aws:iam::1:role/a"}


def event(version: str = "1", **groups: Any) -> dict[str, Any]:
    held = {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": None, **groups}
    request: dict[str, Any] = {"userAttributes": {"sub": "new"}, "groupConfiguration": held}
    if version != "1":
        request["scopes"] = ["openid"]
    member = V1 if version == "1" else V2
    return {"version": version, "request": request, "response": {member: None}}


def answer(sent: dict[str, Any], response: Any = None, claims: Claims = KNOWN) -> Any:
    return add_claims(sent, sent["response"] if response is None else response, claims, "old_sub")


class TestVersion1:
    def test_the_old_sub_goes_into_the_id_token(self) -> None:
        assert answer(event(), claims=Claims(SUB)) == {V1: {"claimsToAddOrOverride": OURS}}

    def test_the_groups_join_those_that_the_user_has(self) -> None:
        details = answer(event(groupsToOverride=["readers", "admins"]))[V1]["groupOverrideDetails"]
        assert details["groupsToOverride"] == ["readers", "admins", "editors"]

    def test_the_roles_stay(self) -> None:
        details = answer(event(**ROLES))[V1]["groupOverrideDetails"]
        assert {name: details[name] for name in ROLES} == ROLES

    def test_a_role_that_nobody_prefers_is_not_named(self) -> None:
        assert "preferredRole" not in answer(event())[V1]["groupOverrideDetails"]

    def test_without_groups_to_name_the_groups_are_not_touched(self) -> None:
        assert "groupOverrideDetails" not in answer(event(), claims=Claims(SUB))[V1]

    def test_a_list_of_configurations_is_read_as_its_first(self) -> None:
        sent = event()
        sent["request"]["groupConfiguration"] = [{"groupsToOverride": ["readers"]}]
        details = answer(sent)[V1]["groupOverrideDetails"]
        assert details["groupsToOverride"] == ["readers", "admins", "editors"]


@pytest.mark.parametrize("version", ["2", "3"])
class TestVersions2And3:
    def test_the_old_sub_goes_into_both_tokens(self, version: str) -> None:
        assert answer(event(version), claims=Claims(SUB)) == {
            V2: {
                "idTokenGeneration": {"claimsToAddOrOverride": OURS},
                "accessTokenGeneration": {"claimsToAddOrOverride": OURS},
            }
        }

    def test_the_groups_stand_beside_the_tokens(self, version: str) -> None:
        details = answer(event(version, **ROLES))[V2]["groupOverrideDetails"]
        assert details == {**ROLES, "groupsToOverride": ["admins", "editors"]}


def test_scopes_tell_the_wider_event_whatever_its_number() -> None:
    sent = {**event("2"), "version": "1", "response": {}}
    assert list(answer(sent)) == [V2]


def test_nothing_known_leaves_the_answer_as_it_is() -> None:
    sent = event()
    assert answer(sent, claims=NO_CLAIMS) is sent["response"]


def test_without_a_name_for_the_claim_there_is_none() -> None:
    sent = event()
    assert add_claims(sent, sent["response"], Claims(SUB), None) is sent["response"]


class TestTheApplicationsOwnAnswer:
    """It counts more than ours."""

    def test_its_claims_and_suppressions_stay(self) -> None:
        theirs = {V1: {"claimsToAddOrOverride": {"plan": "gold"}, "claimsToSuppress": ["email"]}}
        details = answer(event(), theirs)[V1]
        assert details["claimsToAddOrOverride"] == {"plan": "gold", **OURS}
        assert details["claimsToSuppress"] == ["email"]

    def test_its_claim_of_our_name_wins(self) -> None:
        theirs = {V1: {"claimsToAddOrOverride": {"old_sub": "theirs"}}}
        assert answer(event(), theirs)[V1]["claimsToAddOrOverride"] == {"old_sub": "theirs"}

    def test_its_claim_of_our_name_wins_in_either_token(self) -> None:
        theirs = {V2: {"accessTokenGeneration": {"claimsToAddOrOverride": {"old_sub": "theirs"}}}}
        details = answer(event("2"), theirs)[V2]
        assert details["accessTokenGeneration"]["claimsToAddOrOverride"] == {"old_sub": "theirs"}
        assert details["idTokenGeneration"]["claimsToAddOrOverride"] == OURS

    def test_its_scopes_stay(self) -> None:
        theirs = {V2: {"accessTokenGeneration": {"scopesToAdd": ["orders"]}}}
        assert answer(event("2"), theirs)[V2]["accessTokenGeneration"]["scopesToAdd"] == ["orders"]

    @pytest.mark.parametrize("groups", [{"groupsToOverride": ["theirs"]}, {"groupsToOverride": []}, {}, None])
    def test_its_groups_win(self, groups: Any) -> None:
        """An empty or null object suppresses the groups, which is a word too:
        https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
        """
        details = answer(event(), {V1: {"groupOverrideDetails": groups}})[V1]
        assert details["groupOverrideDetails"] == groups

    @pytest.mark.parametrize("response", ["x", 7, [], {V1: "x"}, {V1: ["x"]}])
    def test_an_answer_that_we_cannot_read_is_cognitos_matter(self, response: Any) -> None:
        assert answer(event(), response) == response

    def test_what_it_answered_is_not_changed_in_place(self) -> None:
        theirs = {V1: {"claimsToAddOrOverride": {"plan": "gold"}}}
        answer(event(), theirs)
        assert theirs == {V1: {"claimsToAddOrOverride": {"plan": "gold"}}}


class TestReading:
    def test_the_user_of_an_event(self) -> None:
        found = read_token_request(
            {
                "userPoolId": "eu-west-1_new",
                "userName": "ann",
                "request": {"userAttributes": {"sub": "new", "custom:old_sub": SUB, "n": 7}},
            }
        )
        assert (found.pool_id, found.new_sub, found.username) == ("eu-west-1_new", "new", "ann")
        assert found.attributes == {"sub": "new", "custom:old_sub": SUB}

    @pytest.mark.parametrize(
        "strange",
        [None, [], {}, {"request": None}, {"request": {"userAttributes": []}}, {"userName": 7, "request": 7}],
    )
    def test_what_is_missing_is_empty(self, strange: Any) -> None:
        found = read_token_request(strange)
        assert (found.pool_id, found.new_sub, found.username, found.attributes) == ("", "", "", {})

    def test_its_text_shows_no_name(self) -> None:
        found = read_token_request({"userName": "ann", "request": {"userAttributes": {"email": "a@b.c"}}})
        assert "ann" not in repr(found)
        assert "a@b.c" not in repr(found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, JSON)
def test_no_answer_breaks_it(details: Any, groups: Any, response: Any) -> None:
    sent = event()
    sent["request"]["groupConfiguration"] = groups
    answer(sent, {V1: details})
    answer(event("2"), {V2: details})
    answer(sent, response)
