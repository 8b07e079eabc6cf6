"""Who may write when: every row of the authority against every kind of work."""

from __future__ import annotations

import pytest

from cutover.tables.authority import DEFAULT, Authority, PairState, Verdict, judge, may_write
from cutover.tables.ledger_rows import pair_state

SOURCE_RULES = Authority("source", "forward", 2)
TARGET_RULES = Authority("target", "reverse", 2)
NOBODY_RULES = Authority("nobody", "forward", 2)


@pytest.mark.parametrize(
    ("authority", "direction", "epoch", "allowed"),
    [
        (DEFAULT, "forward", 0, True),
        (DEFAULT, "forward", 1, False),
        (DEFAULT, "reverse", 0, False),
        (SOURCE_RULES, "forward", 2, True),
        (SOURCE_RULES, "forward", 1, False),
        (SOURCE_RULES, "forward", 3, False),
        (SOURCE_RULES, "reverse", 2, False),
        (TARGET_RULES, "reverse", 2, True),
        (TARGET_RULES, "forward", 2, False),
        (NOBODY_RULES, "forward", 2, False),
        (NOBODY_RULES, "reverse", 2, False),
        (Authority("target", "forward", 2), "forward", 2, False),
        (Authority("source", "reverse", 2), "reverse", 2, False),
    ],
)
def test_only_the_ruling_side_writes_in_its_own_epoch(
    authority: Authority, direction: str, epoch: int, allowed: bool
) -> None:
    assert may_write(authority, direction, epoch) is allowed


@pytest.mark.parametrize(
    ("state", "direction", "epoch", "verdict"),
    [
        (PairState(), "forward", None, Verdict.WRITE),
        (PairState(paused=True), "forward", None, Verdict.HOLD),
        (PairState(NOBODY_RULES), "forward", None, Verdict.HOLD),
        (PairState(NOBODY_RULES), "reverse", None, Verdict.HOLD),
        (PairState(TARGET_RULES), "forward", None, Verdict.DROP),
        (PairState(TARGET_RULES, paused=True), "forward", None, Verdict.HOLD),
        (PairState(TARGET_RULES), "reverse", None, Verdict.WRITE),
        (PairState(SOURCE_RULES), "reverse", None, Verdict.DROP),
        (PairState(Authority("target", "forward", 2)), "reverse", None, Verdict.HOLD),
        (PairState(SOURCE_RULES), "forward", 2, Verdict.WRITE),
        (PairState(SOURCE_RULES), "forward", 1, Verdict.DROP),
        (PairState(SOURCE_RULES, paused=True), "forward", 1, Verdict.DROP),
        (PairState(NOBODY_RULES), "forward", 2, Verdict.HOLD),
        (PairState(NOBODY_RULES), "forward", 1, Verdict.DROP),
        (PairState(SOURCE_RULES), "forward", 3, Verdict.HOLD),
        (PairState(TARGET_RULES), "forward", 2, Verdict.DROP),
        (PairState(TARGET_RULES), "forward", 3, Verdict.HOLD),
    ],
)
def test_work_is_written_held_or_dropped(
    state: PairState, direction: str, epoch: int | None, verdict: Verdict
) -> None:
    assert judge(state, direction, epoch) is verdict


def test_no_rows_mean_that_the_source_rules_unpaced() -> None:
    assert pair_state(None, None) == PairState(DEFAULT)


def test_the_rows_say_ruler_epoch_pace_and_pause() -> None:
    state = pair_state(
        {"ruler": {"S": "target"}, "direction": {"S": "reverse"}, "epoch": {"N": "3"}},
        {
            "read_units": {"N": "50"},
            "write_units": {"N": "2.5"},
            "paused": {"BOOL": True},
            "reason": {"S": "r"},
        },
    )
    assert state == PairState(Authority("target", "reverse", 3), 50.0, 2.5, True, "r")


@pytest.mark.parametrize(
    "row", [{"ruler": {"S": "target"}}, {"ruler": {"S": "x"}, "direction": {"S": "y"}, "epoch": {"N": "z"}}]
)
def test_an_authority_that_nobody_can_read_is_refused_and_never_taken_for_none(
    row: dict[str, dict[str, str]],
) -> None:
    with pytest.raises(ValueError, match=r"authority|literal"):
        pair_state(row, None)
