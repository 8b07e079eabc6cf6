"""The made-up people and items are what the rehearsal says they are."""

from __future__ import annotations

import random
from typing import Any

from cutover.rehearsal.story.checks import Checks
from cutover.rehearsal.world.items import event, order
from cutover.rehearsal.world.people import MOVES, Kind, make_people
from cutover.rehearsal.world.pools import one_time_code

ALL_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"}


def _types(value: Any) -> set[str]:
    found: set[str] = set()
    for kind, content in value.items():
        found.add(kind)
        parts = content.values() if kind == "M" else content if kind == "L" else ()
        for part in parts:
            found |= _types(part)
    return found


def test_every_kind_of_account_is_there() -> None:
    assert {person.kind for person in make_people(60, "canary", random.Random(1))} == set(Kind)


def test_the_same_seed_makes_the_same_people() -> None:
    first, second = (make_people(80, "canary", random.Random(7)) for _ in range(2))
    assert first == second


def test_no_name_is_there_twice() -> None:
    people = make_people(300, "canary", random.Random(1))
    assert len({person.name for person in people}) == 300


def test_every_password_holds_the_canary_and_no_two_are_the_same() -> None:
    passwords = {person.password for person in make_people(100, "canary", random.Random(1))}
    assert (len(passwords), all("canary" in password for password in passwords)) == (100, True)


def test_a_wrong_password_is_not_the_right_one() -> None:
    people = make_people(60, "canary", random.Random(1))
    typed_wrong = [person for person in people if person.typed_password != person.password]
    assert {person.kind for person in typed_wrong} == {Kind.WRONG_PASSWORD}
    assert Kind.WRONG_PASSWORD not in MOVES


def test_orders_have_every_type_of_attribute() -> None:
    rng = random.Random(1)
    found: set[str] = set()
    for number in range(20):
        found |= _types({"M": order(number, rng)})
    assert found == ALL_TYPES


def test_the_history_has_a_binary_sort_key() -> None:
    assert event(1, random.Random(1))["moment"] == {"B": bytes(7) + b"\x01"}


def test_one_time_codes_are_those_of_the_standard() -> None:
    # The first SHA-1 row of https://www.rfc-editor.org/rfc/rfc6238#appendix-B, cut to six digits.
    assert one_time_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59) == "287082"


def test_a_story_without_checks_proves_nothing() -> None:
    assert Checks().ok is False


def test_one_wrong_check_fails_the_story() -> None:
    checks = Checks()
    checks.equal("a", 1, 1)
    checks.equal("b", 0, 1)
    assert checks.ok is False
