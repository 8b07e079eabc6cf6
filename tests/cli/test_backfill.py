"""`cutover backfill`: its plan, its interlocks, its pace, and what it leaves when it is stopped."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from cutover.aws.backfill_ledger import DynamoPaceBook
from cutover.aws.ledger_table import LedgerTable
from cutover.tables.backfill_rows import BackfillPace, segment_pk, segment_pks
from tests.cli.machine import Machine
from tests.cli.table_world import PAIR, STACK, TableWorld, table_world
from tests.cli.verbs import Shell


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world() as world:
        yield world


def test_it_copies_every_item(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("backfill", *STACK, "--yes", "--output", "json")
    assert ran.code == 0, ran.err
    assert world.items("new-orders") == world.items("old-orders")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (pair["items"], pair["written"], pair["parked"], pair["state"]) == (25, 25, 0, "done")


def test_afterwards_verify_is_next(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("backfill", *STACK, "--yes")
    assert "next: cutover verify --stack shop" in ran.err


def test_it_leaves_no_pending_key_and_no_lease(shell: Shell, world: TableWorld) -> None:
    shell.run("backfill", *STACK, "--yes")
    rows = [row["sk"]["S"].partition("#")[0] for pk in segment_pks(PAIR) for row in world.rows(pk)]
    assert set(rows) == {"segment"}
    assert [row for row in world.rows(f"pair#{PAIR}") if row["sk"]["S"].startswith("lease#")] == []


def test_a_dry_run_prints_the_plan_and_changes_nothing(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("backfill", *STACK, "--dry-run")
    assert ran.code == 0
    assert "40 segments, 4 threads" in ran.out
    assert world.items("new-orders") == {}
    assert world.rows(f"backfill#{PAIR}") == []


def test_a_no_changes_nothing(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("backfill", *STACK, typed="n\n")
    assert ran.code == 1
    assert world.items("new-orders") == {}


def test_it_refuses_without_a_mirror(shell: Shell, world: TableWorld) -> None:
    world.stop_mirror()
    ran = shell.run("backfill", *STACK, "--yes", "--output", "json")
    assert ran.code == 4
    assert ran.envelope["data"]["interlock"] == "mirror_not_running"
    assert world.items("new-orders") == {}


def test_without_a_mirror_it_wants_the_words_typed_and_says_what_stays_open(
    shell: Shell, world: TableWorld
) -> None:
    world.stop_mirror()
    ran = shell.run("backfill", *STACK, "--without-mirror", typed="without-mirror\n")
    assert ran.code == 0
    assert "stays out of the target" in ran.err
    assert len(world.items("new-orders")) == 25


def test_it_refuses_when_the_target_rules(shell: Shell, world: TableWorld) -> None:
    world.put_row(
        f"pair#{PAIR}",
        "authority",
        ruler={"S": "target"},
        direction={"S": "reverse"},
        epoch={"N": "1"},
    )
    ran = shell.run("backfill", *STACK, "--yes", "--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "authority")


def test_what_an_earlier_run_left_pending_comes_first_and_is_announced(
    shell: Shell, world: TableWorld
) -> None:
    world.put("new-orders", "gone", "left by a killed run")
    keys = {"L": [{"M": {"k": {"S": "gone"}}}]}
    world.put_row(segment_pk(PAIR, 3), "page#old-run#0000003#x-0.0", keys=keys)
    ran = shell.run("backfill", *STACK, "--yes")
    assert "first 1 keys in 1 pages" in ran.err
    assert "gone" not in world.items("new-orders")


def test_the_pace_is_kept_in_the_ledger_apart_from_the_mirrors(shell: Shell, world: TableWorld) -> None:
    ran = shell.run(
        "backfill", *STACK, "--pace-only", "--read-units", "50", "--write-units", "0", "--pause", "lunch peak"
    )
    assert ran.code == 0
    (row,) = world.rows(f"pair#{PAIR}")
    assert row["sk"]["S"] == "backfill_pace"
    assert (row["read_units"], row["write_units"]) == ({"N": "50"}, {"N": "0"})
    assert (row["paused"], row["reason"]) == ({"BOOL": True}, {"S": "lunch peak"})
    assert "paused (lunch peak)" in ran.out


def test_an_unpaused_backfill_keeps_its_pace(shell: Shell, world: TableWorld) -> None:
    shell.run("backfill", *STACK, "--read-units", "50", "--pause", "lunch peak")
    shell.run("backfill", *STACK, "--pace-only", "--unpause")
    (row,) = world.rows(f"pair#{PAIR}")
    assert (row["read_units"], row["paused"]) == ({"N": "50"}, {"BOOL": False})


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_pause_without_a_reason_is_refused_and_copies_nothing(
    shell: Shell, world: TableWorld, reason: str
) -> None:
    ran = shell.run("backfill", *STACK, "--yes", "--pause", reason)
    assert ran.code == 2, ran.err
    assert "--pause wants a reason" in ran.err
    assert world.items("new-orders") == {}
    assert world.rows(f"pair#{PAIR}") == []


class Thinking(io.StringIO):
    """A yes, before which another terminal did something."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__("y\n")
        self.meanwhile = meanwhile

    def readline(self, size: int | None = -1, /) -> str:
        self.meanwhile()
        return super().readline()


@pytest.mark.parametrize("words", [(), ("--on", "aws", "--detach")], ids=["here", "on aws"])
def test_a_pace_that_another_terminal_sets_while_this_one_asks_holds(
    shell: Shell, world: TableWorld, words: tuple[str, ...]
) -> None:
    Machine.made(world)
    book = DynamoPaceBook(LedgerTable(world.dynamodb, "ledger"), PAIR)
    other = BackfillPace(read_units=900.0, write_units=800.0)
    ran = shell.run(
        "backfill", *STACK, "--write-units", "700", *words, typed=Thinking(lambda: book.save(other))
    )
    assert ran.code == 0, ran.err
    assert book.read() == replace(other, write_units=700.0)


def test_a_pause_that_another_terminal_sets_while_this_one_asks_is_left_as_it_is(
    shell: Shell, world: TableWorld
) -> None:
    Machine.made(world)
    book = DynamoPaceBook(LedgerTable(world.dynamodb, "ledger"), PAIR)
    other = BackfillPace(paused=True, reason="lunch peak")
    words = ("--on", "aws", "--detach")
    assert shell.run("backfill", *STACK, *words, typed=Thinking(lambda: book.save(other))).code == 0
    assert book.read() == other


def test_a_queue_that_fails_leaves_the_command_to_go_on(shell: Shell, world: TableWorld) -> None:
    world.sqs.delete_queue(QueueUrl=world.queue_url)
    world.put_row(segment_pk(PAIR, 3), "page#r#0000003#x-0.0", keys={"L": [{"M": {"k": {"S": "gone"}}}]})
    ran = shell.run("backfill", *STACK, "--yes", "--patience", "0")
    assert ran.code == 6
    assert f"next: cutover backfill --pair {PAIR} --source-role none --stack shop" in ran.err


@pytest.mark.parametrize(
    "words", [("--pair", "other"), ("--table", "other")], ids=["an unknown pair", "an unknown table"]
)
def test_an_unknown_name_is_a_usage_error(shell: Shell, world: TableWorld, words: tuple[str, str]) -> None:
    ran = shell.run("backfill", *STACK, *words)
    assert ran.code == 2
    assert PAIR in ran.err


def test_a_table_names_its_pair(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("backfill", *STACK, "--table", "new-orders", "--dry-run", "--output", "json")
    assert [pair["pair"] for pair in ran.envelope["data"]["pairs"]] == [PAIR]


def test_detach_without_aws_is_refused_and_copies_nothing(shell: Shell, world: TableWorld) -> None:
    ran = shell.run("backfill", *STACK, "--yes", "--detach")
    assert ran.code == 2, ran.err
    assert "--on aws" in ran.err
    assert world.items("new-orders") == {}


@pytest.mark.parametrize("verb", ["redrive", "verify --repair"])
def test_a_stop_leaves_another_verb_at_work_and_names_it(shell: Shell, world: TableWorld, verb: str) -> None:
    Machine.made(world)
    lease = {"lease_owner": {"S": "host:1:aa"}, "verb": {"S": verb}}
    world.put_row(f"pair#{PAIR}", "lease#writer", **lease, since={"N": "1"}, expires_at={"N": "2"})
    ran = shell.run("backfill", *STACK, "--stop")
    assert ran.code == 0, ran.err
    assert f"nothing backfills it; {verb} is at work and goes on" in ran.out
    assert all("stop_asked" not in row for row in world.rows(f"pair#{PAIR}"))
