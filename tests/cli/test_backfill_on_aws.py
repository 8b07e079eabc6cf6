"""`cutover backfill --on aws`: start, join, follow, stop; and how the end of an execution is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cutover.aws.leases import DynamoLeaseBook
from cutover.aws.ledger_table import LedgerTable
from cutover.tables.backfill_rows import Run, RunState, Word
from cutover.tables.leasing import Claimant, HeldLease, take_lease
from tests.cli.machine import Machine
from tests.cli.table_world import PAIR, STACK, TableWorld, table_world
from tests.cli.verbs import Shell

ON_AWS = ("backfill", "--on", "aws", *STACK, "--yes")


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world() as world:
        yield world


@pytest.fixture
def machine(world: TableWorld) -> Machine:
    return Machine.made(world)


def run_of(world: TableWorld) -> Run:
    (run,) = world.backfills().runs()
    return run


def taken_up(world: TableWorld, machine: Machine) -> None:
    """The execution has begun: the run names it."""
    world.backfills().save_run(replace(run_of(world), execution=machine.first()["executionArn"]))


def renew_for(lease: HeldLease, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.2)
        lease.renew()


def test_it_copies_every_item_and_shows_the_same_end_as_one_machine(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    with machine.meanwhile(machine.play):
        ran = shell.run(*ON_AWS, "--concurrency", "1", "--output", "json")
    assert ran.code == 0, ran.err
    assert world.items("new-orders") == world.items("old-orders")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (pair["items"], pair["written"], pair["parked"], pair["state"]) == (25, 25, 0, "done")


def test_the_execution_does_what_the_plan_says(shell: Shell, world: TableWorld, machine: Machine) -> None:
    planned = shell.run(*ON_AWS, "--concurrency", "3", "--dry-run", "--output", "json")
    (plan,) = planned.envelope["data"]["pairs"]
    assert (plan["engine"], plan["concurrency"], plan["segments"]) == ("aws", 3, 120)
    assert (machine.executions(), world.rows(f"backfill#{PAIR}")) == ([], [])
    shell.run(*ON_AWS, "--concurrency", "3", "--detach")
    assert machine.task() == {"pair": PAIR, "run": run_of(world).run_id, "concurrency": 3}
    assert run_of(world).segments == 120


def test_detached_it_says_how_to_look_again(shell: Shell, world: TableWorld, machine: Machine) -> None:
    ran = shell.run(*ON_AWS, "--detach")
    assert ran.code == 0
    assert "runs on" in ran.out
    assert "next: cutover status --stack shop" in ran.err


def test_a_no_starts_nothing(shell: Shell, world: TableWorld, machine: Machine) -> None:
    ran = shell.run("backfill", "--on", "aws", *STACK, typed="n\n")
    assert ran.code == 1
    assert machine.executions() == []


def test_run_again_it_joins_the_execution_that_runs_and_asks_nothing(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    shell.run(*ON_AWS, "--detach")
    ran = shell.run("backfill", "--on", "aws", *STACK, "--detach", "--no-input")
    assert ran.code == 0, ran.err
    assert "runs already" in ran.err
    assert len(machine.executions()) == 1


def test_a_pace_that_is_typed_while_joining_holds(shell: Shell, world: TableWorld, machine: Machine) -> None:
    shell.run(*ON_AWS, "--detach")
    shell.run(*ON_AWS, "--detach", "--read-units", "70")
    (row,) = [row for row in world.rows(f"pair#{PAIR}") if row["sk"]["S"] == "backfill_pace"]
    assert row["read_units"] == {"N": "70"}


def test_an_execution_that_has_failed_is_told_with_its_cause_and_what_goes_on(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    def fail() -> None:
        machine.first()
        world.backfills().tell(run_of(world).run_id, Word(items=7, error="new-orders: AccessDeniedException"))
        machine.end("States.ExceedToleratedFailureThreshold", "too many items failed")

    with machine.meanwhile(fail):
        ran = shell.run(*ON_AWS)
    assert ran.code == 6
    assert "new-orders: AccessDeniedException" in ran.err
    assert f"next: cutover backfill --on aws --pair {PAIR}" in ran.err


def test_after_a_failure_the_same_run_is_gone_on_with(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    shell.run(*ON_AWS, "--detach")
    first = run_of(world)
    machine.end("AccessDeniedException")
    ran = shell.run(*ON_AWS, "--detach")
    assert ran.code == 0
    assert f"goes on with run {first.run_id}" in ran.err
    assert len(machine.executions()) == 2


def test_this_machine_does_not_begin_beside_an_execution(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    shell.run(*ON_AWS, "--detach")
    taken_up(world, machine)
    ran = shell.run("backfill", *STACK, "--yes", "--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "lease_held")
    assert "--on aws" in ran.envelope["next"]
    assert world.items("new-orders") == {}


def test_no_new_run_is_begun_beside_a_backfill_of_another_machine(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    """Its execution would be refused, and the run would be the one that the next backfill goes on with."""
    book = DynamoLeaseBook(LedgerTable(world.dynamodb, "ledger"), PAIR, "writer")
    lease = take_lease(book, Claimant(PAIR, "backfill", "elsewhere:1:x", lambda _: None))
    with machine.meanwhile(lambda: renew_for(lease, 3.0)):
        ran = shell.run(*ON_AWS, "--segments", "8", "--detach", "--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "lease_held")
    assert (world.backfills().runs(), machine.executions()) == ([], [])


def test_once_the_execution_has_ended_this_machine_goes_on(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    shell.run(*ON_AWS, "--segments", "8", "--detach")
    taken_up(world, machine)
    machine.end("stopped")
    ran = shell.run("backfill", *STACK, "--yes")
    assert ran.code == 0, ran.err
    assert (run_of(world).state, run_of(world).execution) == (RunState.DONE, "")


def test_an_execution_that_has_not_begun_yet_is_aborted_by_a_stop(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    shell.run(*ON_AWS, "--detach")
    ran = shell.run("backfill", *STACK, "--stop", "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (ran.code, pair["end"]) == (0, "aborted")
    assert [one["status"] for one in machine.executions()] == ["ABORTED"]


def test_a_stop_asks_the_workers_first(shell: Shell, world: TableWorld, machine: Machine) -> None:
    shell.run(*ON_AWS, "--detach")
    execution = machine.first()["executionArn"]
    world.put_row(
        f"pair#{PAIR}",
        "lease#writer",
        lease_owner={"S": execution},
        verb={"S": "backfill"},
        since={"N": "1"},
        expires_at={"N": "2"},
    )

    def end_when_asked() -> None:
        while "stop_asked" not in world.rows(f"pair#{PAIR}")[-1]:
            time.sleep(0.05)
        machine.end("ended by itself")

    with machine.meanwhile(end_when_asked):
        ran = shell.run("backfill", *STACK, "--stop", "--output", "json")
    (pair,) = ran.envelope["data"]["pairs"]
    assert (pair["owner"], pair["end"]) == (execution, "stopped")


def test_a_dry_run_of_a_stop_stops_nothing(shell: Shell, world: TableWorld, machine: Machine) -> None:
    shell.run(*ON_AWS, "--detach")
    ran = shell.run("backfill", *STACK, "--stop", "--dry-run")
    assert "would be stopped" in ran.out
    assert [one["status"] for one in machine.executions()] == ["RUNNING"]


def test_a_stop_where_nothing_runs_says_so(shell: Shell, world: TableWorld, machine: Machine) -> None:
    ran = shell.run("backfill", *STACK, "--stop")
    assert ran.code == 0
    assert "nothing backfills it" in ran.out


def test_a_stack_of_an_older_template_says_what_to_deploy(shell: Shell, world: TableWorld) -> None:
    """It has no state machine."""
    ran = shell.run(*ON_AWS, "--detach")
    assert ran.code == 5
    assert "StateMachineDoesNotExist" in ran.err
