"""What an old user reserves, and under which keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from cutover.users.reservations import (
    MOST_OWNERS,
    Kind,
    Reservation,
    every_kind_of,
    folded,
    read_reservation,
    reservation_key,
    reservations_of,
    spellings,
)

NEW = "eu-west-1_new"
SUB = "0a1b2c3d-0000-4000-8000-00000000000a"


@dataclass(frozen=True)
class Old:
    name: str = "Ann"
    sub: str = SUB
    status: str = "CONFIRMED"
    attributes: Mapping[str, str] = field(default_factory=dict)
    created_at: float = 1000.5


EVERYTHING = {
    "email": "Ann@Example.com",
    "phone_number": "+491701",
    "preferred_username": "Annie",
    "name": "Ann A.",
}


def held(user: Old) -> dict[str, str]:
    return {one.kind: one.key for one in reservations_of(user)}


def test_a_user_reserves_name_sub_and_whatever_else_one_may_sign_in_by() -> None:
    assert held(Old(attributes=EVERYTHING)) == {
        "name": "ann",
        "sub": SUB,
        "email": "ann@example.com",
        "phone_number": "+491701",
        "preferred_username": "annie",
    }


def test_an_account_that_nobody_confirmed_reserves_only_its_name() -> None:
    assert held(Old(status="UNCONFIRMED", attributes=EVERYTHING)) == {"name": "ann", "sub": SUB}


def test_an_empty_attribute_reserves_nothing() -> None:
    assert held(Old(attributes={"email": ""})) == {"name": "ann", "sub": SUB}


def test_the_owner_is_told_by_sub_exact_name_and_time() -> None:
    first = reservations_of(Old())[0]
    assert first == Reservation(Kind.NAME, "ann", frozenset({SUB}), SUB, "Ann", 1000.5)


def test_whom_an_identity_provider_brings_is_told_apart() -> None:
    assert reservations_of(Old(status="EXTERNAL_PROVIDER"))[0].federated == {SUB}


@pytest.mark.parametrize(
    ("name", "alike"),
    [("\uff41\uff4e\uff4e", "ann"), ("ﬁona", "fiona"), ("\u212aim", "kim"), ("jose\u0301", "jos\u00e9")],
    ids=["full-width", "ligature", "Kelvin sign", "combining accent"],
)
def test_a_name_that_looks_like_another_reserves_that_look_too(name: str, alike: str) -> None:
    assert held(Old(name=name))["look_alike"] == alike
    assert held(Old(name=name))["name"] == folded("name", name) != alike


def test_a_plain_name_needs_no_second_row() -> None:
    assert "look_alike" not in held(Old(name="Ann.Old+1@example.com"))


@pytest.mark.parametrize("typed", ["ann", "ANN", "\uff41\uff4e\uff4e", "\uff21\uff2e\uff2e"])
def test_a_look_alike_of_a_plain_name_asks_for_that_name(typed: str) -> None:
    keys = {(kind, folded(kind, written)) for kind, written in every_kind_of(typed)}
    assert (Kind.NAME, "ann") in keys


def test_a_plain_name_asks_for_whoever_looks_like_it() -> None:
    assert (Kind.LOOK_ALIKE, "ann") in {(kind, folded(kind, value)) for kind, value in every_kind_of("ann")}


@pytest.mark.parametrize("kind", ["name", "sub", "email", "phone_number", "preferred_username"])
def test_a_value_is_asked_for_as_everything_that_it_may_be_of_an_old_user(kind: str) -> None:
    assert (kind, "ann@example.com") in list(every_kind_of("ann@example.com"))


def test_the_spellings_of_a_value_are_itself_small_letters_and_plain_letters() -> None:
    assert spellings("\uff21nn") == ("\uff21nn", "\uff41nn", "ann")
    assert spellings("ann") == ("ann",)


def test_a_key_names_pool_kind_and_folded_value() -> None:
    assert reservation_key(NEW, "email", "Ann@Example.com") == {
        "pk": {"S": "reserved#eu-west-1_new#email#ann@example.com"},
        "sk": {"S": "reservation"},
    }


def test_a_value_too_long_for_a_key_is_reserved_by_its_hash() -> None:
    keys = {folded("email", "ä" * length) for length in (2000, 2001)}
    assert len(keys) == 2
    assert all(key.startswith("sha256:") and len(key) < 100 for key in keys)


def test_a_row_reads_as_it_was_written_whatever_its_key_holds() -> None:
    row = {
        **reservation_key(NEW, "name", "a#b"),
        "owners": {"SS": ["s1", "s2"]},
        "federated": {"SS": ["s2"]},
        "first_sub": {"S": "s1"},
        "first_name": {"S": "A#b"},
        "first_created": {"N": "12.5"},
    }
    expected = Reservation(Kind.NAME, "a#b", frozenset({"s1", "s2"}), "s1", "A#b", 12.5, frozenset({"s2"}))
    assert read_reservation(row) == expected


def test_with_too_many_owners_some_may_be_missing() -> None:
    one = reservations_of(Old())[0]
    many = Reservation(one.kind, one.key, frozenset(map(str, range(MOST_OWNERS))), SUB, "Ann", 1.0)
    assert (one.crowded, many.crowded) == (False, True)


def test_nothing_shows_a_user_but_by_sub() -> None:
    shown = repr(reservations_of(Old(attributes=EVERYTHING)))
    assert SUB in shown
    assert not [word for word in ("Ann", "ann", "example", "4917") if word in shown]
