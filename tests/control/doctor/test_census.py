"""What becomes of old users in a pool that differs: the trigger's own rules, run over everybody."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.control.doctor.census import Census
from cutover.control.taken_names import PoolUser, Taken
from cutover.control.users_settings import settings_of
from cutover.users.ports import PoolRules, SchemaAttribute
from tests.control.doctor.healthy import codes, deployment, healthy, only
from tests.fakes.pools import STANDARD, schema

OLD = PoolRules(schema=schema())


def census(new: PoolRules, *users: PoolUser, old: PoolRules = OLD, **parameters: str) -> Census:
    made = Census(settings_of(deployment(**parameters)), old, new, frozenset)
    for user in users:
        made.add(user)
    return made


def user(name: str, *, status: str = "CONFIRMED", **attributes: str) -> PoolUser:
    return PoolUser(name, f"sub-{name}", status, attributes)


def rules(*attributes: SchemaAttribute, **more: Any) -> PoolRules:
    return PoolRules(schema=schema(*attributes), **more)


def test_whoever_lacks_what_the_new_pool_requires_is_counted_by_attribute() -> None:
    new = rules(SchemaAttribute("nickname", required=True))
    found = census(new, user("ann", nickname="a"), user("bob"), user("cy"))
    finding = only(healthy(census=found), "users_refused")
    assert finding.data == {"attribute": "nickname", "users": 2}


@pytest.mark.parametrize(
    ("attribute", "value", "why"),
    [
        (SchemaAttribute("nickname", max_length=3), "longer", "length"),
        (SchemaAttribute("nickname", type="Number"), "seven", "type"),
        (SchemaAttribute("phone_number"), "0123", "format"),
    ],
)
def test_a_value_that_does_not_fit_is_counted_with_the_reason(
    attribute: SchemaAttribute, value: str, why: str
) -> None:
    found = census(rules(attribute), user("ann", **{attribute.name: value}))
    assert found.dropped == {(attribute.name, why): 1}


def test_an_attribute_that_the_new_pool_does_not_have_is_lost() -> None:
    finding = only(
        healthy(census=census(rules(), user("ann", **{"custom:plan": "gold"}))), "attribute_dropped"
    )
    assert finding.data == {"attribute": "custom:plan", "why": "schema", "users": 1}


def test_an_unverified_address_is_lost_where_the_new_pool_signs_in_by_it() -> None:
    found = census(rules(alias_attributes=frozenset({"email"})), user("ann", email="a@x.org"))
    assert found.dropped == {("email", "unverified"): 1}


def test_what_the_rights_keep_back_is_counted_as_such() -> None:
    made = Census(settings_of(deployment()), OLD, rules(), lambda names: frozenset())
    made.add(user("ann", nickname="a"))
    assert made.dropped == {("nickname", "rights"): 1}


def test_whoever_has_no_name_for_the_new_pool_is_an_error() -> None:
    by_mail = rules(username_attributes=frozenset({"email"}))
    found = census(by_mail, user("ann"), user("bob", email="b@x.org", email_verified="true"))
    assert only(healthy(census=found), "users_nameless").data["users"] == 1


def test_names_that_differ_in_case_collide_in_a_pool_that_ignores_case() -> None:
    people = (user("ann"), user("Ann"), user("bob"))
    assert census(rules(case_sensitive=False), *people).colliding_names == 2
    assert census(rules(case_sensitive=True), *people).colliding_names == 0


def test_a_shared_address_collides_where_it_signs_people_in() -> None:
    both = {"email": "a@x.org", "email_verified": "true"}
    people = (user("ann", **both), user("bob", **both))
    aliased = census(rules(alias_attributes=frozenset({"email"})), *people)
    assert only(healthy(census=aliased), "contacts_collide").data == {"attribute": "email", "users": 2}
    assert census(rules(), *people).colliding_contacts == {}


def test_federated_and_unconfirmed_people_are_counted_apart_and_lose_nothing() -> None:
    new = rules(SchemaAttribute("nickname", required=True))
    found = census(new, user("google_1", status="EXTERNAL_PROVIDER"), user("new", status="UNCONFIRMED"))
    assert codes(healthy(census=found)) == ["federated_users", "unconfirmed_users"]


def test_a_sample_is_called_one() -> None:
    found = census(rules(), user("ann", **{"custom:plan": "gold"}))
    found.complete = False
    assert "that were looked at" in only(healthy(census=found), "attribute_dropped").what


def test_renames_of_the_stack_are_followed() -> None:
    found = census(rules(), user("ann", nickname="a"), Attributes="nickname=name")
    assert found.dropped == {}
    assert "name" in STANDARD


def test_without_the_users_the_schemas_alone_are_compared() -> None:
    facts = healthy()
    assert facts.new is not None
    required = {"Name": "nickname", "Required": True}
    facts.new.settings["SchemaAttributes"].append(required)
    try:
        assert codes(facts) == ["required_attribute"]
    finally:
        facts.new.settings["SchemaAttributes"].remove(required)


def test_squatters_are_an_error_that_names_nobody() -> None:
    taken = Taken(user("owner"), user("stranger"), ("email",))
    finding = only(healthy(squatted=(taken,)), "squatted")
    assert "stranger" not in f"{finding.what}{finding.reason}{finding.fix}{finding.data}".replace(
        "strangers", ""
    )


def test_no_name_of_a_user_is_shown_in_a_census() -> None:
    assert "ann" not in repr(census(rules(), user("ann")))
