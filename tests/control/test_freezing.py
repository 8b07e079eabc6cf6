"""No certificate is made of a pair that does not stand still."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.control.freezing import MOST_LAG, FreezeFacts, moved, refusals

STILL = FreezeFacts("a=b", lag=0.5, runs=("1 done",), counters={"converged": 12})


def codes(**changes: object) -> list[str]:
    return [refusal.code for refusal in refusals(replace(STILL, **changes))]  # type: ignore[arg-type]


def test_a_pair_that_stands_still_is_not_refused() -> None:
    assert codes() == []


def test_a_mirror_that_had_nothing_to_do_is_not_behind() -> None:
    assert codes(lag=None) == []


def test_while_nobody_rules_a_switch_may_have_it_certified() -> None:
    assert codes(ruler="nobody") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ruler": "target"}, "authority"),
        ({"paused": "lunch"}, "paused"),
        ({"paused": ""}, "paused"),
        ({"mirror_problem": "the mapping is Disabled"}, "mirror_not_running"),
        ({"lag": MOST_LAG + 1}, "mirror_behind"),
        ({"lag": None, "lag_problem": "AccessDenied"}, "mirror_behind"),
        ({"owed": {"throttled": 1}}, "owed"),
        ({"owed": {"unmapped": 1}}, "owed"),
        ({"failures_waiting": True}, "failures_waiting"),
        ({"unfinished": ("run-1",)}, "backfill_unfinished"),
        ({"pending_pages": 1}, "pages_pending"),
        ({"writer": "backfill (host:1)"}, "lease_held"),
    ],
)
def test_each_thing_that_moves_refuses(change: dict[str, object], code: str) -> None:
    assert codes(**change) == [code]


def test_nothing_owed_of_a_reason_is_nothing_owed() -> None:
    assert codes(owed={"throttled": 0}) == []


def test_every_refusal_says_why_and_what_to_do() -> None:
    facts = FreezeFacts(
        "a=b",
        ruler="target",
        paused="lunch",
        mirror_problem="Disabled",
        lag=100.0,
        owed={"lost": 3},
        failures_waiting=True,
        unfinished=("r",),
        pending_pages=2,
        writer="backfill",
    )
    found = refusals(facts)
    assert len(found) == 9
    assert all(refusal.cause and refusal.fix for refusal in found)


def test_what_the_mirror_did_meanwhile_is_seen() -> None:
    assert moved(STILL, replace(STILL, counters={"converged": 13}))
    assert moved(STILL, replace(STILL, counters={**STILL.counters, "parked": 1}))
    assert not moved(STILL, replace(STILL, lag=None))


def test_a_ruler_that_came_and_went_is_seen_by_the_epoch() -> None:
    assert moved(STILL, replace(STILL, epoch=STILL.epoch + 2))


def test_a_backfill_that_ran_meanwhile_is_seen() -> None:
    assert moved(STILL, replace(STILL, runs=(*STILL.runs, "2 done")))
