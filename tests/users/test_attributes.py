"""What goes over, under which name, and with which flag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.users.attributes import Carried, carry
from cutover.users.decision_table import Decision, Stop
from cutover.users.ports import PoolRules, Profile, SchemaAttribute
from tests.fakes.pools import schema
from tests.users.world import LEGACY, SUB

ALL = frozenset({"email", "phone_number", "preferred_username"})


def carried(
    attributes: Mapping[str, str],
    *extra: SchemaAttribute,
    renames: Mapping[str, str] | None = None,
    legacy_sub: str | None = None,
    old: PoolRules | None = None,
    admit: Iterable[str] | None = None,
    **new: frozenset[str],
) -> Carried:
    return carry(
        Profile("ann", {"sub": SUB, **attributes}, "CONFIRMED", enabled=True),
        renames=renames,
        legacy_sub=legacy_sub,
        old=lambda: old or PoolRules(),
        new=PoolRules(schema=schema(*extra), **new),  # type: ignore[arg-type]
        admit=lambda names: frozenset(names) if admit is None else frozenset(names) & frozenset(admit),
    )


def test_what_both_pools_know_goes_over() -> None:
    assert carried({"name": "Ann", "custom:plan": "x"}, SchemaAttribute("custom:plan")).attributes == {
        "name": "Ann",
        "custom:plan": "x",
    }


def test_what_the_new_pool_does_not_know_stays_behind_and_is_counted() -> None:
    result = carried({"name": "Ann", "custom:gone": "x"})
    assert (dict(result.attributes), result.dropped) == ({"name": "Ann"}, ("custom:gone",))


def test_what_the_rule_keeps_back_stays_behind_and_is_counted() -> None:
    result = carried({"name": "Ann", "nickname": "A"}, admit=["name"])
    assert (dict(result.attributes), result.dropped) == ({"name": "Ann"}, ("nickname",))


@pytest.mark.parametrize(
    "name", ["sub", "identities", "username", "cognito:user_status", "cognito:mfa_enabled"]
)
def test_what_belongs_to_cognito_never_goes_over(name: str) -> None:
    assert name not in carried({name: "x"}, SchemaAttribute(name)).attributes


def test_an_empty_value_is_no_value() -> None:
    result = carried({"name": ""})
    assert (dict(result.attributes), result.dropped) == ({}, ())


class TestFlags:
    @pytest.mark.parametrize(
        ("flag", "expected"),
        [("true", "true"), ("false", "false"), ("", "false"), ("TRUE", "false"), ("1", "false")],
    )
    def test_a_flag_is_true_only_where_the_old_pool_says_true(self, flag: str, expected: str) -> None:
        result = carried({"email": "a@b.c", "email_verified": flag})
        assert result.attributes["email_verified"] == expected

    def test_an_absent_flag_is_false(self) -> None:
        assert carried({"phone_number": "+15550100"}).attributes["phone_number_verified"] == "false"

    def test_a_flag_without_its_address_does_not_go_over(self) -> None:
        assert carried({"email_verified": "true"}).attributes == {}

    def test_a_flag_goes_over_with_its_address_though_the_list_does_not_name_it(self) -> None:
        result = carried({"email": "a@b.c", "email_verified": "true"}, renames={"email": "email"})
        assert result.attributes == {"email": "a@b.c", "email_verified": "true"}

    def test_a_flag_speaks_of_no_other_address(self) -> None:
        renames = {"custom:mail": "email"}
        result = carried(
            {"email": "a@b.c", "email_verified": "true", "custom:mail": "x@y.z"}, renames=renames
        )
        assert result.attributes == {"email": "x@y.z", "email_verified": "false"}

    @given(
        st.dictionaries(
            st.sampled_from(["email", "phone_number", "name", "custom:mail"]), st.just("+15550100")
        ),
        st.dictionaries(
            st.sampled_from(["email_verified", "phone_number_verified"]),
            st.sampled_from(["true", "false", "yes"]),
        ),
        st.sampled_from([None, {"custom:mail": "phone_number"}, {"email": "name"}]),
    )
    def test_nothing_is_verified_that_was_not(
        self, values: dict[str, str], flags: dict[str, str], renames: dict[str, str] | None
    ) -> None:
        result = carried({**values, **flags}, renames=renames).attributes
        for contact in ("email", "phone_number"):
            if result.get(f"{contact}_verified") == "true":
                assert flags.get(f"{contact}_verified") == "true"
                assert result[contact] == values[contact]


class TestSignInAttributes:
    @pytest.mark.parametrize("way", ["username_attributes", "alias_attributes"])
    @pytest.mark.parametrize("name", ["email", "phone_number"])
    def test_an_unverified_one_stays_behind(self, way: str, name: str) -> None:
        result = carried({name: _value(name)}, **{way: ALL})
        assert (dict(result.attributes), result.dropped) == ({}, (name,))

    @pytest.mark.parametrize("name", ["email", "phone_number"])
    def test_a_verified_one_goes_over(self, name: str) -> None:
        values = {name: _value(name), f"{name}_verified": "true"}
        assert carried(values, username_attributes=ALL).attributes == values

    def test_one_that_the_old_pool_signs_in_by_goes_over_unverified(self) -> None:
        result = carried(
            {"email": "a@b.c"},
            old=PoolRules(username_attributes=frozenset({"email"})),
            username_attributes=ALL,
        )
        assert result.attributes == {"email": "a@b.c", "email_verified": "false"}

    def test_an_alias_of_the_old_pool_still_has_to_be_verified(self) -> None:
        old = PoolRules(alias_attributes=frozenset({"email"}))
        assert carried({"email": "a@b.c"}, old=old, alias_attributes=ALL).attributes == {}

    def test_a_preferred_user_name_that_anybody_could_choose_stays_behind(self) -> None:
        assert carried({"preferred_username": "victim"}, alias_attributes=ALL).attributes == {}

    def test_a_preferred_user_name_that_was_an_alias_goes_over(self) -> None:
        values = {"preferred_username": "annie"}
        assert carried(values, old=PoolRules(alias_attributes=ALL), alias_attributes=ALL).attributes == values

    def test_another_attribute_never_becomes_one(self) -> None:
        result = carried(
            {"custom:mail": "a@b.c", "email_verified": "true"},
            renames={"custom:mail": "email"},
            alias_attributes=ALL,
        )
        assert result.attributes == {}

    def test_not_even_a_verified_one_becomes_another(self) -> None:
        values = {"email": "a@b.c", "email_verified": "true"}
        result = carried(values, renames={"email": "preferred_username"}, alias_attributes=ALL)
        assert result.attributes == {}

    def test_where_nobody_signs_in_by_it_an_unverified_one_is_plain_data(self) -> None:
        assert carried({"email": "a@b.c"}).attributes == {"email": "a@b.c", "email_verified": "false"}


class TestRenames:
    def test_only_what_is_named_goes_over(self) -> None:
        assert carried({"name": "Ann", "nickname": "A"}, renames={"name": "name"}).attributes == {
            "name": "Ann"
        }

    def test_a_renamed_attribute_goes_over_under_its_new_name(self) -> None:
        result = carried({"custom:a": "x"}, SchemaAttribute("custom:b"), renames={"custom:a": "custom:b"})
        assert result.attributes == {"custom:b": "x"}

    def test_what_is_named_but_does_not_fit_is_counted(self) -> None:
        assert carried({"custom:a": "x"}, renames={"custom:a": "custom:b"}).dropped == ("custom:a",)

    def test_what_the_rule_would_keep_back_goes_over_when_it_is_named(self) -> None:
        result = carried({"name": "Ann"}, renames={"name": "name"}, admit=[])
        assert result.attributes == {"name": "Ann"}


class TestTheOldSub:
    def test_it_goes_into_its_attribute(self) -> None:
        result = carried({}, SchemaAttribute(LEGACY), legacy_sub=LEGACY)
        assert (result.attributes, result.old_sub_in) == ({LEGACY: SUB}, LEGACY)

    def test_an_older_value_of_that_attribute_does_not_stand_in_for_it(self) -> None:
        result = carried({LEGACY: "forged"}, SchemaAttribute(LEGACY), legacy_sub=LEGACY)
        assert result.attributes == {LEGACY: SUB}

    def test_an_older_value_does_not_go_over_where_there_is_no_room_for_it(self) -> None:
        result = carried({LEGACY: "forged"}, SchemaAttribute(LEGACY, max_length=10), legacy_sub=LEGACY)
        assert result.attributes == {}

    @pytest.mark.parametrize("attribute", [None, SchemaAttribute(LEGACY, max_length=10)])
    def test_without_room_for_it_the_ledger_is_told_so(self, attribute: SchemaAttribute | None) -> None:
        result = carried({}, *([attribute] if attribute else []), legacy_sub=LEGACY)
        assert (result.attributes, result.old_sub_in) == ({}, "")


class TestMisfits:
    LONG = SchemaAttribute("custom:code", max_length=3)

    def test_an_optional_misfit_is_dropped_and_counted(self) -> None:
        result = carried({"custom:code": "long", "name": "Ann"}, self.LONG)
        assert (dict(result.attributes), result.dropped) == ({"name": "Ann"}, ("custom:code",))

    @pytest.mark.parametrize("values", [{}, {"custom:code": "long"}, {"custom:code": ""}])
    def test_a_required_attribute_that_cannot_go_over_refuses(self, values: dict[str, str]) -> None:
        with pytest.raises(Stop) as stopped:
            carried(values, SchemaAttribute("custom:code", max_length=3, required=True))
        assert stopped.value.decision is Decision.ATTRIBUTES_REFUSED

    def test_a_required_sign_in_attribute_that_is_not_ones_own_refuses(self) -> None:
        with pytest.raises(Stop):
            carried({"email": "a@b.c"}, SchemaAttribute("email", required=True), username_attributes=ALL)

    def test_the_refusal_names_no_value(self) -> None:
        with pytest.raises(Stop) as stopped:
            carried({"custom:code": "secret"}, SchemaAttribute("custom:code", max_length=3, required=True))
        assert "secret" not in str(stopped.value)


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=6))
def test_every_answer_is_text_that_the_schema_knows(attributes: dict[str, str]) -> None:
    result = carried(attributes, SchemaAttribute(LEGACY), legacy_sub=LEGACY).attributes
    assert set(result) <= set(schema(SchemaAttribute(LEGACY))) - {"sub"}
    assert all(isinstance(value, str) and value for value in result.values())


def _value(name: str) -> str:
    return "+15550100" if name == "phone_number" else "a@b.c"
