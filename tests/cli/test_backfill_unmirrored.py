"""A backfill that went without a mirror is not gone on with under one: both engines begin anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cutover.tables.backfill_rows import Run, RunState
from tests.cli import meddling
from tests.cli.machine import Machine
from tests.cli.table_world import STACK, TableWorld, table_world
from tests.cli.verbs import Shell

ON_AWS = ("backfill", "--on", "aws", *STACK, "--yes")
UNMIRRORED = Run("20261127T080000Z-aaaaaa", 40, 1_700_000_000, unmirrored=True)
SAID = "it went without a mirror, and what changed behind it would stay old"


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world(transform="tests.cli.meddling:transform") as world:
        yield world


def test_what_changed_before_the_mirror_came_is_brought_over(shell: Shell, world: TableWorld) -> None:
    world.stop_mirror()
    meddling.MEANWHILE += [lambda: None] * 12 + [meddling.interrupt]
    ran = shell.run("backfill", *STACK, "--without-mirror", "--yes", "--workers", "1")
    meddling.MEANWHILE.clear()
    assert ran.code == 130, ran.err
    (first,) = world.backfills().runs()
    assert first.unmirrored
    for name in world.items("new-orders"):
        world.put("old-orders", name, "changed while no mirror ran")
    world.start_mirror()
    ran = shell.run("backfill", *STACK, "--yes", "--workers", "1")
    assert ran.code == 0, ran.err
    assert SAID in " ".join(ran.err.replace("│", " ").split())
    assert world.items("new-orders") == world.items("old-orders")
    assert [run.state for run in world.backfills().runs()] == [RunState.SUPERSEDED, RunState.DONE]


@pytest.mark.parametrize("words", [(), ("--without-mirror",), ("--on", "aws")], ids=["here", "told", "aws"])
def test_a_dry_run_says_which_run_will_not_go_on(
    shell: Shell, world: TableWorld, words: tuple[str, ...]
) -> None:
    Machine.made(world)
    world.backfills().save_run(UNMIRRORED)
    ran = shell.run("backfill", *STACK, *words, "--dry-run")
    assert ran.code == 0, ran.err
    assert SAID in " ".join(ran.out.replace("│", " ").split())
    assert world.backfills().runs() == [UNMIRRORED]


def test_a_run_that_loses_its_mirror_remembers_it_on_aws_too(shell: Shell, world: TableWorld) -> None:
    machine = Machine.made(world)
    mirrored = replace(UNMIRRORED, unmirrored=False)
    world.backfills().save_run(mirrored)
    world.stop_mirror()
    ran = shell.run(*ON_AWS, "--without-mirror", "--detach")
    assert ran.code == 0, ran.err
    assert machine.task()["run"] == mirrored.run_id
    assert world.backfills().runs() == [UNMIRRORED]


def test_its_execution_is_to_be_stopped_before_another_begins(shell: Shell, world: TableWorld) -> None:
    Machine.made(world)
    world.stop_mirror()
    assert shell.run(*ON_AWS, "--without-mirror", "--detach").code == 0
    world.start_mirror()
    ran = shell.run(*ON_AWS, "--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "lease_held")
    assert "it went without a mirror, and one runs now" in json.dumps(ran.envelope)
    assert "stop it and start this one" in json.dumps(ran.envelope)
