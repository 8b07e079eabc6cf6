"""What the facts mean: who is attached, how far behind the mirror is, what blocks and in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutover.control.ledger_rows import Attachment, AttachState
from cutover.control.rollout_plan import RolloutState
from cutover.control.status import Trigger, blockers, trigger_of
from cutover.control.status_data import as_data, next_command
from cutover.control.status_facts import (
    BackfillFacts,
    Backlog,
    OwedFacts,
    PairFacts,
    StatusFacts,
    TablesFacts,
    UsersFacts,
    VerifyFacts,
)
from cutover.control.status_tables import lag_of

OURS = "arn:aws:lambda:eu-west-1:111111111111:function:migrate:live"
THEIRS = "arn:aws:lambda:eu-west-1:111111111111:function:another"
ROW = Attachment("eu-west-1_new", AttachState.ATTACHED, OURS, None, "people", at=100)
ATTACHED = UsersFacts("eu-west-1_new", trigger=OURS, attachment=ROW, dead=Backlog())
PAIR = PairFacts(
    "orders=orders-new",
    mapping="Enabled",
    backfill=BackfillFacts("r1", "done", segments=4, segments_done=4, items=5000),
    verify=VerifyFacts(finished_at=90, compared=5000),
)
MIRRORED = TablesFacts((PAIR,), iterator_age=0.4, parked=Backlog(), dead=Backlog(), failures=False)


def command(*words: str) -> str:
    return " ".join(["cutover", *words])


def of_pair(**changes: object) -> StatusFacts:
    return StatusFacts(at=200, tables=replace(MIRRORED, pairs=(replace(PAIR, **changes),)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "live", "state"),
    [
        (None, None, Trigger.NOT_ATTACHED),
        (None, THEIRS, Trigger.FOREIGN),
        (replace(ROW, state=AttachState.DETACHED), None, Trigger.NOT_ATTACHED),
        (replace(ROW, state=AttachState.DETACHED), THEIRS, Trigger.FOREIGN),
        (ROW, OURS, Trigger.ATTACHED),
        (ROW, None, Trigger.GONE),
        (ROW, THEIRS, Trigger.FOREIGN),
        (replace(ROW, state=AttachState.ATTACHING), OURS, Trigger.UNFINISHED),
        (replace(ROW, state=AttachState.DETACHING), None, Trigger.UNFINISHED),
    ],
)
def test_the_trigger_is_what_ledger_and_pool_say_together(
    row: Attachment | None, live: str | None, state: Trigger
) -> None:
    assert trigger_of(UsersFacts("p", trigger=live, attachment=row)) is state


def test_a_pool_that_could_not_be_read_is_neither_attached_nor_not() -> None:
    assert trigger_of(UsersFacts("p", pool_read=False, attachment=ROW)) is Trigger.UNKNOWN


def test_the_lag_is_the_iterators_age_while_no_key_is_parked() -> None:
    assert lag_of(MIRRORED).seconds == 0.4


def test_a_parked_key_that_is_older_than_the_iterator_is_the_lag() -> None:
    parked = Backlog(waiting=3, oldest_age=700.0)
    assert lag_of(replace(MIRRORED, parked=parked)).seconds == 700.0


def test_an_iterator_that_is_older_than_any_parked_key_is_the_lag() -> None:
    parked = Backlog(waiting=3, oldest_age=7.0)
    assert lag_of(replace(MIRRORED, parked=parked, iterator_age=90.0)).seconds == 90.0


def owing(**changes: object) -> TablesFacts:
    return replace(MIRRORED, pairs=(replace(PAIR, owed=OwedFacts(**changes)),))  # type: ignore[arg-type]


def test_an_owed_key_that_is_older_than_anything_in_the_queue_is_the_lag() -> None:
    """The message is gone after fourteen days; the row is not."""
    lag = lag_of(owing(keys={"validation": 1}, oldest_age=1_500_000.0))
    assert (lag.seconds, lag.why) == (1_500_000.0, "the oldest owed key")


def test_keys_that_wait_for_users_are_no_lag() -> None:
    assert lag_of(owing(keys={"unmapped": 7})).seconds == 0.4


def test_an_owed_key_tells_the_age_that_the_queue_does_not() -> None:
    facts = replace(owing(keys={"unsettled": 1}, oldest_age=50.0), parked=Backlog(delayed=1))
    assert lag_of(facts).seconds == 50.0


@pytest.mark.parametrize(
    ("owed", "codes"),
    [
        (OwedFacts({"unsettled": 2}, 40.0), ["owed"]),
        (OwedFacts({"unmapped": 2}), ["waiting_for_users"]),
    ],
)
def test_what_is_owed_blocks_though_the_last_verify_found_nothing(owed: OwedFacts, codes: list[str]) -> None:
    status = of_pair(owed=owed)
    assert [one.code for one in blockers(status)] == codes


def test_what_is_owed_for_long_wants_a_redrive() -> None:
    status = of_pair(owed=OwedFacts({"lost": 2, "unmapped": 5}, 90_000.0, exact=False))
    owed, waiting = blockers(status)
    assert "at least 2 keys: 2 lost" in owed.what
    assert (owed.code, waiting.code) == ("owed", "waiting_for_users")
    assert next_command(status, command) == "cutover redrive"


def test_a_mirror_that_is_behind_while_keys_are_owed_blocks_as_well() -> None:
    facts = replace(owing(keys={"lost": 1}, oldest_age=90_000.0), iterator_age=45.0)
    assert [one.code for one in blockers(StatusFacts(200, tables=facts))] == ["mirror_lag", "owed"]


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(MIRRORED, iterator_age=None), "no datapoint of the iterator's age"),
        (replace(MIRRORED, parked=None), "queue could not be read"),
        (replace(MIRRORED, pairs=(replace(PAIR, owed=None),)), "what is owed could not be read"),
        (replace(MIRRORED, parked=Backlog(delayed=1, oldest_age=None)), "but the age of the parked keys"),
    ],
)
def test_a_lag_that_cannot_be_told_is_unknown_and_never_zero(facts: TablesFacts, why: str) -> None:
    lag = lag_of(facts)
    assert lag.seconds is None
    assert why in lag.why


def test_nothing_blocks_a_migration_that_runs() -> None:
    assert blockers(StatusFacts(at=200, users=ATTACHED, tables=MIRRORED)) == ()


@pytest.mark.parametrize(
    ("users", "code", "following"),
    [
        (UsersFacts("p"), "not_attached", "cutover attach"),
        (replace(ATTACHED, trigger=None), "trigger_gone", "cutover attach"),
        (replace(ATTACHED, trigger=THEIRS), "trigger_foreign", None),
        (
            replace(ATTACHED, attachment=replace(ROW, state=AttachState.ATTACHING)),
            "attach_unfinished",
            "cutover attach",
        ),
        (
            replace(ATTACHED, attachment=replace(ROW, state=AttachState.DETACHING)),
            "attach_unfinished",
            "cutover detach",
        ),
        (replace(ATTACHED, dead=Backlog(waiting=2)), "settle_dead_letters", None),
    ],
)
def test_what_blocks_the_users(users: UsersFacts, code: str, following: str | None) -> None:
    status = StatusFacts(at=200, users=users)
    assert [one.code for one in blockers(status)] == [code]
    assert next_command(status, command) == following


@pytest.mark.parametrize(
    ("status", "code", "following"),
    [
        (of_pair(mapping=None), "mirror_off", None),
        (of_pair(mapping="Disabled"), "mirror_off", None),
        (
            of_pair(paused="the target is too small"),
            "paused",
            f"cutover pace --pair {PAIR.pair} --resume",
        ),
        (of_pair(backfill=None), "backfill", "cutover backfill"),
        (of_pair(backfill=BackfillFacts("r", "running", 4, 3)), "backfill", "cutover backfill"),
        (
            of_pair(backfill=BackfillFacts("r", "running", 4, 3, on_aws=True)),
            "backfill",
            "cutover backfill --on aws",
        ),
        (of_pair(verify=None), "verify", "cutover verify"),
        (
            of_pair(
                backfill=BackfillFacts("r2", "done", 4, 4, started_at=95),
                verify=VerifyFacts(99, compared=5000, started_at=90),
            ),
            "verify",
            "cutover verify",
        ),
        (of_pair(verify=VerifyFacts(90, extra=1)), "extra_items", None),
        (of_pair(verify=VerifyFacts(90, missing=1)), "differences", "cutover verify --repair"),
        (of_pair(verify=VerifyFacts(90, different=1)), "differences", "cutover verify --repair"),
        (
            of_pair(verify=VerifyFacts(90, different=1, refused=2, extra=3)),
            "differences",
            "cutover verify --repair",
        ),
        (of_pair(verify=VerifyFacts(90, refused=2, extra=3)), "refused_items", None),
        (
            StatusFacts(200, tables=replace(MIRRORED, dead=Backlog(waiting=1))),
            "dead_letters",
            "cutover redrive",
        ),
        (
            StatusFacts(200, tables=replace(MIRRORED, failures=True)),
            "failed_batches",
            "cutover redrive",
        ),
        (StatusFacts(200, tables=replace(MIRRORED, iterator_age=31.0)), "mirror_lag", "cutover status"),
    ],
)
def test_what_blocks_the_tables(status: StatusFacts, code: str, following: str | None) -> None:
    assert [one.code for one in blockers(status)] == [code]
    assert next_command(status, command) == following


def test_items_in_flight_are_no_difference() -> None:
    assert blockers(of_pair(verify=VerifyFacts(90, in_flight=3))) == ()


def test_a_backfill_comes_before_its_verify() -> None:
    status = of_pair(backfill=None, verify=None)
    assert [one.code for one in blockers(status)] == ["backfill"]


def test_without_the_stack_the_mirror_does_not_block() -> None:
    tables = TablesFacts((replace(PAIR, mapping=None),), mirror_known=False)
    assert blockers(StatusFacts(at=200, tables=tables)) == ()


def test_the_json_holds_the_facts_and_what_they_mean() -> None:
    data = as_data(StatusFacts(200, "people", "CREATE_COMPLETE", ATTACHED, MIRRORED), command)
    assert data["users"]["attached"] is True
    assert data["users"]["attached_at"] == 100
    assert data["tables"]["lag_seconds"] == 0.4
    assert data["tables"]["pairs"][0]["verify"]["compared"] == 5000
    assert data["blocked_by"] == []


def test_the_json_of_a_stack_that_moves_users_alone_has_no_tables() -> None:
    assert as_data(StatusFacts(200, users=ATTACHED), command)["tables"] is None


@pytest.mark.parametrize(
    ("rollout", "codes"),
    [
        (RolloutState(), ()),
        (RolloutState(100), ()),
        (RolloutState(99), ("rollout_percent",)),
        (RolloutState(100, "why"), ("rollout_paused",)),
        (RolloutState(5, "why"), ("rollout_paused", "rollout_percent")),
    ],
)
def test_whoever_may_not_come_over_yet_keeps_the_migration_from_its_end(
    rollout: RolloutState, codes: tuple[str, ...]
) -> None:
    found = blockers(StatusFacts(at=200, users=replace(ATTACHED, rollout=rollout)))
    assert tuple(blocker.code for blocker in found) == codes
