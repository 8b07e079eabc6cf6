"""`cutover pace`: what it shows, what it changes, and that the mirror reads just that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutover.aws.pair_ledger import PairLedger
from cutover.aws.pair_workers import PairWorkers
from cutover.tables.authority import PairState
from tests.cli.table_world import PAIR, REGION, TableWorld, table_world
from tests.cli.verbs import Ran, Shell

STACK = ("--stack", "shop", "--region", REGION)


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world(items=0) as made:
        yield made


def pace(shell: Shell, *words: str, typed: str = "") -> Ran:
    return shell.run("pace", *words, *STACK, "--output", "json", typed=typed)


def in_force(world: TableWorld) -> PairState:
    """As the mirror reads it."""
    return PairLedger(world.dynamodb, "ledger").state(PAIR)


def test_without_an_option_it_shows_that_nothing_limits(shell: Shell, world: TableWorld) -> None:
    ran = pace(shell)
    (one,) = ran.envelope["data"]["pairs"]
    assert ran.code == 0
    assert one["after"] == {"read_units": None, "write_units": None, "paused": None, "since": None}
    assert (one["at_work"], one["last_held"]) == (0, None)


def test_a_limit_is_what_the_mirror_then_reads(shell: Shell, world: TableWorld) -> None:
    ran = pace(shell, "--read-units", "40", "--write-units", "12.5", "--yes")
    assert in_force(world) == PairState(read_units=40, write_units=12.5)
    assert any("lag" in one for one in ran.envelope["data"]["pairs"][0]["warnings"])


def test_a_limit_of_many_digits_is_kept_to_the_last(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--read-units", "1234567", "--yes")
    assert in_force(world) == PairState(read_units=1234567)


def test_zero_takes_a_limit_away_and_leaves_the_other(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--read-units", "40", "--write-units", "12.5", "--yes")
    pace(shell, "--read-units", "0", "--yes")
    assert in_force(world) == PairState(write_units=12.5)


def test_a_pause_says_how_long_the_stream_keeps_the_changes(shell: Shell, world: TableWorld) -> None:
    ran = pace(shell, "--pause", "the nightly import", "--yes")
    assert in_force(world) == PairState(paused=True, reason="the nightly import")
    warnings = " ".join(ran.envelope["data"]["pairs"][0]["warnings"])
    assert "24 hours" in warnings
    assert "what is 22 hours old goes to the failure bucket" in warnings
    assert "resume before 20" in warnings
    assert ran.envelope["next"] == f"cutover pace --pair {PAIR} --resume --stack shop --region {REGION}"


def test_a_resume_keeps_the_limits(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--write-units", "5", "--pause", "why", "--yes")
    pace(shell, "--resume", "--yes")
    assert in_force(world) == PairState(write_units=5)


def test_a_second_reason_leaves_the_time_by_which_to_resume(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--pause", "first", "--yes")
    world.dynamodb.update_item(
        TableName="ledger",
        Key={"pk": {"S": f"pair#{PAIR}"}, "sk": {"S": "pace"}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "since"},
        ExpressionAttributeValues={":s": {"N": "1700000000"}},
    )
    ran = pace(shell, "--pause", "second", "--yes")
    after = ran.envelope["data"]["pairs"][0]["after"]
    assert (after["paused"], after["since"]) == ("second", 1700000000)


def test_a_dry_run_shows_the_change_and_makes_none(shell: Shell, world: TableWorld) -> None:
    data = pace(shell, "--write-units", "5", "--dry-run").envelope["data"]
    assert (data["changed"], data["pairs"][0]["after"]["write_units"]) == (False, 5)
    assert in_force(world) == PairState()


def test_a_no_changes_nothing(shell: Shell, world: TableWorld) -> None:
    assert pace(shell, "--pause", "why", typed="n\n").code == 1
    assert in_force(world) == PairState()


def test_what_is_so_already_is_not_asked_about(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--write-units", "5", "--yes")
    ran = pace(shell, "--write-units", "5", "--no-input")
    assert (ran.code, ran.envelope["data"]["changed"]) == (0, False)


def test_two_operators_keep_each_others_word(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--read-units", "7", "--yes")
    pace(shell, "--write-units", "5", "--yes")
    assert in_force(world) == PairState(read_units=7, write_units=5)


@pytest.mark.parametrize(
    "words",
    [
        ("--read-units", "-1"),
        ("--write-units", "many"),
        ("--pause", "why", "--resume"),
        ("--pause", " "),
        ("--show", "--resume"),
        ("--table", "no-such-table"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_a_usage_error(
    shell: Shell, world: TableWorld, words: tuple[str, ...]
) -> None:
    assert pace(shell, *words, "--yes").code == 2


def test_it_shows_who_is_at_work_and_who_was_held(shell: Shell, world: TableWorld) -> None:
    workers = PairWorkers(world.dynamodb, "ledger")
    workers.join(PAIR, "a", 4_000_000_000, 1_700_000_000, None)
    workers.join_backfill(PAIR, 4_000_000_000, 1_700_000_000)
    workers.join_verify(PAIR, "v", 4_000_000_000, 1_700_000_000)
    workers.leave(PAIR, "b", 1_700_000_000, "held to 2 read units/s by its pace", 31.5, 1_700_000_000)
    pace(shell, "--read-units", "2", "--yes")
    out = shell.run("pace", "--show", *STACK).out
    assert f"{PAIR}: at most 2 read units/s" in out
    assert "at work under the limit now: 1 and a backfill and a verify" in out
    assert "last at 2023-11-14 22:13 UTC: held to 2 read units/s by its pace; it waited 31.5 s" in out


def test_a_paused_pair_shows_until_when_nothing_is_lost(shell: Shell, world: TableWorld) -> None:
    pace(shell, "--pause", "why", "--yes")
    out = shell.run("pace", *STACK).out
    assert f"{PAIR}: paused: why; then no limit but what the tables throttle" in out
    assert "resume before" in out
