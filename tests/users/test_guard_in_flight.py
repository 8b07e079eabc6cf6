"""Sign-ups that bring an old sub: a migration that Cognito carries out just now, and everybody else.

Each race is named by the order in which its steps happen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cutover.users.guard import Reason
from cutover.users.in_flight import IN_FLIGHT, is_in_flight
from cutover.users.ledger_rows import State
from cutover.users.sign_ups import SignUp, Source
from tests.users.guard_world import ANN, GuardWorld
from tests.users.world import LEGACY, NEW, OTHER_SUB, SETTINGS, SUB

BROUGHT = {LEGACY: SUB}


def world() -> GuardWorld:
    return GuardWorld().indexed(ANN)


def brings(one: GuardWorld, name: str = "ann", **attributes: str) -> Reason:
    return one.reason(name, **{**BROUGHT, **attributes})


@pytest.mark.parametrize("state", [State.OFFERED, State.RESET_OFFERED])
@pytest.mark.parametrize("name", ["ann", "ANN"])
def test_offer_then_creation_passes(state: State, name: str) -> None:
    one = world()
    one.offered(state=state)
    assert brings(one, name) is Reason.MIGRATION


def test_offer_then_creation_then_stranger_with_the_same_is_refused() -> None:
    one = world()
    one.offered()
    assert brings(one) is Reason.MIGRATION
    assert brings(one) is Reason.OLD_SUB


def test_offer_creation_offer_creation_passes_twice() -> None:
    one = world()
    one.offered()
    assert brings(one) is Reason.MIGRATION
    one.now += 2
    one.offered()
    assert brings(one) is Reason.MIGRATION


def test_stranger_then_offer_then_creation_refuses_the_stranger_alone() -> None:
    one = world()
    assert brings(one) is Reason.OLD_SUB
    one.offered()
    assert brings(one) is Reason.MIGRATION


def test_offer_then_stranger_without_the_old_sub_is_refused_and_spoils_nothing() -> None:
    one = world()
    one.offered()
    assert one.reason("ann") is Reason.NAME
    assert brings(one) is Reason.MIGRATION


def test_offer_then_confirmation_then_creation_is_refused() -> None:
    one = world().came_over(ANN)
    assert brings(one) is Reason.OLD_SUB


@pytest.mark.parametrize("state", [State.CONFIRMED, State.IMPORTED, State.RELEASED])
def test_a_row_that_offers_nothing_is_no_migration_in_flight(state: State) -> None:
    one = world()
    one.offered()
    row = one.ledger.users.rows[SUB]
    sign_up = SignUp(None, NEW, "ann", {LEGACY: SUB})
    assert is_in_flight(sign_up, row, SETTINGS, one.now)
    assert not is_in_flight(sign_up, replace(row, state=state), SETTINGS, one.now)


@pytest.mark.parametrize(
    ("seconds", "reason"), [(IN_FLIGHT, Reason.MIGRATION), (IN_FLIGHT + 1, Reason.OLD_SUB)]
)
def test_an_offer_counts_for_seconds(seconds: int, reason: Reason) -> None:
    one = world()
    one.offered()
    one.now += seconds
    assert brings(one) is reason


def test_an_offer_of_the_future_does_not_count() -> None:
    one = world()
    one.offered(offered_at=int(one.now) + 60)
    assert brings(one) is Reason.OLD_SUB


@pytest.mark.parametrize(
    "change",
    [{"target_name": "anna"}, {"new_pool": "eu-west-1_other"}, {"carried_sub_in": ""}],
    ids=["another name", "another pool", "an offer that carries no old sub"],
)
def test_an_offer_of_something_else_does_not_count(change: dict[str, Any]) -> None:
    one = world()
    one.offered(**change)
    assert brings(one) is Reason.OLD_SUB


def test_an_offer_by_address_counts_for_that_address_alone() -> None:
    one = world()
    one.offered(target_by="email", target_name="ann@example.com")
    assert brings(one, "9d1c", email="ann@else.org") is Reason.OLD_SUB
    assert brings(one, "9d1c", email="Ann@example.com") is Reason.MIGRATION


def test_another_case_counts_where_the_pool_tells_cases_apart() -> None:
    one = world()
    one.offered(case_sensitive=True)
    assert brings(one, "ANN") is Reason.OLD_SUB


@pytest.mark.parametrize("source", [Source.SIGN_UP, Source.PROVIDER, None])
@pytest.mark.parametrize("brought", [OTHER_SUB, "nonsense", ""])
def test_an_old_sub_without_an_offer_is_refused_whoever_signs_up(source: Source | None, brought: str) -> None:
    assert GuardWorld().reason("zoe", source, custom__old_sub=brought) is Reason.OLD_SUB
