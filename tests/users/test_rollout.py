"""Who may come over yet: a share that only grows, and a switch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.users.decision_table import Decision, Stop
from cutover.users.rollout import Rollout, place, read_rollout

POOL = "eu-west-1_new"


def refusal(rollout: Rollout, sub: str = "a-sub") -> Decision | None:
    try:
        rollout.check(POOL, sub)
    except Stop as stop:
        return stop.decision
    return None


@given(st.uuids().map(str), st.integers(0, 100), st.integers(0, 100))
def test_a_greater_share_takes_nobody_out(sub: str, one: int, other: int) -> None:
    if refusal(Rollout(min(one, other)), sub) is None:
        assert refusal(Rollout(max(one, other)), sub) is None


@given(st.uuids().map(str))
def test_all_is_all_and_none_is_none(sub: str) -> None:
    assert refusal(Rollout(100), sub) is None
    assert refusal(Rollout(0), sub) is Decision.NOT_IN_ROLLOUT


def test_a_share_is_about_that_of_the_users() -> None:
    admitted = sum(refusal(Rollout(20), f"sub-{number}") is None for number in range(5000))
    assert 900 <= admitted <= 1100


def test_a_place_never_changes() -> None:
    """A new version of the code must not draw anew: this is what the first one drew."""
    assert place(POOL, "0a1b2c3d-0000-4000-8000-00000000000a") == pytest.approx(0.8804592, abs=1e-7)


def test_another_migration_begins_with_other_people() -> None:
    subs = [f"sub-{number}" for number in range(1000)]
    first = {sub for sub in subs if place("eu-west-1_one", sub) < 0.1}
    second = {sub for sub in subs if place("eu-west-1_two", sub) < 0.1}
    assert len(first & second) < len(first) / 2


@pytest.mark.parametrize("percent", [0, 50, 100])
def test_a_pause_keeps_everybody_out_whatever_the_share(percent: int) -> None:
    paused = Rollout(percent, "the old pool is down")
    assert paused.closed
    assert refusal(paused) is Decision.PAUSED


def test_a_pause_without_a_reason_is_a_pause() -> None:
    assert Rollout(100, "").closed


@pytest.mark.parametrize(
    ("item", "rollout"),
    [
        ({}, Rollout(30)),
        ({"at": {"N": "1"}}, Rollout(30)),
        ({"percent": {"N": "0"}}, Rollout(0)),
        ({"percent": {"N": "70"}}, Rollout(70)),
        ({"paused": {"S": "why"}}, Rollout(30, "why")),
        ({"paused": {"S": ""}, "percent": {"N": "70"}}, Rollout(70, "")),
    ],
    ids=str,
)
def test_the_row_counts_before_the_deployment(item: dict[str, dict[str, str]], rollout: Rollout) -> None:
    assert read_rollout(item, 30) == rollout
