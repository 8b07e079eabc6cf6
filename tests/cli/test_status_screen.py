from __future__ import annotations

from dataclasses import replace

from cutover.cli.status_screen import screen
from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.rollout_plan import RolloutState
from cutover.control.status_facts import (
    BackfillFacts,
    Backlog,
    Counted,
    PaceFacts,
    PairFacts,
    StatusFacts,
    TablesFacts,
    UsersFacts,
    VerifyFacts,
)

DAY = 86_400
NOW = 20 * DAY


def test_a_whole_status_on_one_screen() -> None:
    users = UsersFacts(
        "eu-west-1_new",
        trigger="arn:ours",
        attachment=Attachment(
            "eu-west-1_new", AttachState.ATTACHED, "arn:ours", None, "people", NOW - 12 * DAY
        ),
        counts={
            "offered": Counted(12),
            "reset_offered": Counted(3),
            "confirmed": Counted(102_400, exact=False),
            "imported": Counted(0),
            "released": Counted(0),
        },
        rollout=RolloutState(percent=100),
        oldest={"offered": NOW - 40, "reset_offered": NOW - 2 * DAY},
        estimates={"old": 58_010, "new": 41_300},
        settling=Backlog(delayed=12),
        dead=Backlog(),
    )
    tables = TablesFacts(
        pairs=(
            PairFacts(
                "orders=orders-new",
                mapping="Enabled",
                backfill=BackfillFacts("r", "running", 64, 53, 830_000, NOW - 700),
                verify=VerifyFacts(NOW - 360, "full", 1_204_118),
            ),
        ),
        iterator_age=0.4,
        parked=Backlog(),
        dead=Backlog(),
        failures=False,
    )
    assert screen(StatusFacts(NOW, "people", "UPDATE_COMPLETE", users, tables, ("the old pool: X",))) == (
        "STACK   people (UPDATE_COMPLETE)\n"
        "USERS   eu-west-1_new   attached for 12 d, trigger arn:ours\n"
        "  rollout        100 percent\n"
        "  offered                  12   oldest 40 s ago\n"
        "  reset offered             3   oldest 2 d ago\n"
        "  confirmed      at least 102,400\n"
        "  estimates      old pool about 58,010, new pool about 41,300 (Cognito's own numbers)\n"
        "  settling       about 0 waiting, 0 in flight, 12 delayed; dead letters about 0\n"
        "TABLES  lag 0.4 s (iterator age; no key is parked)\n"
        "  orders=orders-new\n"
        "    mirror    Enabled\n"
        "    backfill  53 of 64 segments, 830,000 items, started 11 min ago\n"
        "    owed      nothing\n"
        "    verify    6 min ago: 1,204,118 compared, missing 0, different 0, extra 0\n"
        "  parked keys    about 0 waiting, 0 in flight, 0 delayed; dead letters about 0\n"
        "  failure bucket empty\n"
        "UNREAD  the old pool: X\n"
        "BLOCKED BY\n"
        "  - the backfill of orders=orders-new has done 53 of 64 segments"
    )


def test_a_backfill_on_aws_says_where_it_runs_and_why_it_waits_or_has_failed() -> None:
    run = BackfillFacts("r", "running", 64, 53, 830_000, NOW - 700, on_aws=True, waits="held to 5 units/s")

    def text_of(run: BackfillFacts) -> str:
        pair = PairFacts("orders=orders-new", mapping="Enabled", backfill=run)
        return screen(StatusFacts(NOW, tables=TablesFacts(pairs=(pair,))))

    assert "started on AWS 11 min ago\n              waits: held to 5 units/s" in text_of(run)
    assert "failed: target: AccessDenied" in text_of(replace(run, error="target: AccessDenied"))
    assert "waits" not in text_of(replace(run, state="done"))


def test_an_unknown_lag_says_that_it_is_unknown_and_why() -> None:
    text = screen(StatusFacts(NOW, tables=TablesFacts(iterator_age=None, parked=Backlog())))
    assert "lag unknown (no datapoint of the iterator's age in the last five minutes)" in text


def test_a_pause_of_the_rollout_is_on_the_screen_and_blocks() -> None:
    users = UsersFacts(
        "eu-west-1_new", rollout=RolloutState(paused="the old pool is down"), rollout_default=40
    )
    text = screen(StatusFacts(NOW, users=users))
    assert "  rollout        40 percent, paused: the old pool is down" in text
    assert "  - nobody comes over: the old pool is down" in text


def test_what_holds_the_mirror_of_a_pair_is_on_the_screen() -> None:
    pace = PaceFacts(5, 12.5, 31.4, NOW - 200, "held to 5 read units/s by its pace")
    said = screen(
        StatusFacts(NOW, tables=TablesFacts(pairs=(PairFacts("a=b", mapping="Enabled", pace=pace),)))
    )
    assert "    pace      at most 5 read units/s and 12.5 write units/s: its lag is traded for that\n" in said
    assert "    held      3 min ago for 31 s: held to 5 read units/s by its pace\n" in said


def test_a_mirror_that_nothing_holds_has_no_line_for_it() -> None:
    said = screen(StatusFacts(NOW, tables=TablesFacts(pairs=(PairFacts("a=b", mapping="Enabled"),))))
    assert "pace" not in said
    assert "held" not in said
