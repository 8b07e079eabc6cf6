"""`cutover backfill --on aws --keys-from`: the stack's functions read the export's files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from cutover.tables.backfill_rows import Place, Run, RunState
from cutover.tables.export_keys import LINE
from tests.cli.machine import Machine
from tests.cli.table_world import PAIR, STACK, TableWorld, table_world
from tests.cli.test_backfill_export import items_now, put_export
from tests.cli.verbs import Ran, Shell

BUCKET = {"ExportBucketArn": "arn:aws:s3:::exports"}


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world(items=9) as made:
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="exports")
        made.deploy(**BUCKET)
        yield made


@pytest.fixture
def machine(world: TableWorld) -> Machine:
    return Machine.made(world)


def run_of(world: TableWorld) -> Run:
    return world.backfills().runs()[-1]


def three_files(world: TableWorld) -> str:
    found = items_now(world)
    return put_export(world, found[:4], [], found[4:])


def on_aws(shell: Shell, *words: str) -> Ran:
    return shell.run("backfill", "--on", "aws", *words, *STACK, "--yes", "--output", "json")


def test_the_functions_copy_what_the_source_holds_now(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    uri = three_files(world)
    world.put("old-orders", "k003", "newer")
    world.delete("old-orders", "k004")
    with machine.meanwhile(machine.play):
        ran = on_aws(shell, "--keys-from", uri)
    assert ran.code == 0, ran.err
    assert world.items("new-orders") == world.items("old-orders")
    (done,) = ran.envelope["data"]["pairs"]
    assert (done["items"], done["segments"], done["state"]) == (9, 3, "done")


def test_the_plan_says_who_reads_the_files_and_the_execution_is_told_the_folder(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    uri = three_files(world)
    ran = shell.run("backfill", "--on", "aws", "--keys-from", uri, *STACK, "--dry-run")
    assert "the functions read its files" in " ".join(ran.out.split())
    data = on_aws(shell, "--keys-from", uri, "--dry-run").envelope["data"]["pairs"][0]
    assert (data["engine"], data["segments"], data["items_estimate"]) == ("aws", 3, 9)
    assert machine.executions() == []
    on_aws(shell, "--keys-from", uri, "--detach")
    task = machine.task()
    assert (task["keys_from"], task["run"]) == (uri, run_of(world).run_id)


@pytest.mark.parametrize("bucket", ["", "arn:aws:s3:::another"], ids=["none", "another"])
def test_a_bucket_that_the_stack_does_not_name_is_refused_with_what_to_deploy(
    shell: Shell, world: TableWorld, machine: Machine, bucket: str
) -> None:
    uri = three_files(world)
    world.deploy(ExportBucketArn=bucket)
    ran = on_aws(shell, "--keys-from", uri, "--dry-run")
    assert ran.code == 2
    assert "ExportBucketArn=arn:aws:s3:::exports" in ran.envelope["data"]["fix"]
    assert "make deploy && cutover backfill" in ran.envelope["next"]
    assert f"--on aws --pair {PAIR} --keys-from {uri}" in ran.envelope["next"]
    assert world.rows(f"backfill#{PAIR}") == []
    assert shell.run("backfill", "--keys-from", uri, *STACK, "--yes").code == 0


def test_this_machine_goes_on_with_the_files_that_the_functions_have_left(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    uri = three_files(world)
    on_aws(shell, "--keys-from", uri, "--detach")
    first = run_of(world)
    world.backfills().save_place(first.run_id, Place(0, {LINE: {"N": "3"}}, items=3))
    machine.end("stopped")
    ran = shell.run("backfill", "--keys-from", uri, *STACK, "--yes")
    assert ran.code == 0, ran.err
    assert f"goes on with run {first.run_id}" in ran.err
    assert (run_of(world).state, run_of(world).items) == (RunState.DONE, 9)
    assert len(world.items("new-orders")) == 6


def test_the_functions_go_on_with_the_files_that_this_machine_has_left(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    uri = three_files(world)
    key = f"{uri.removeprefix('s3://exports/')}/data/file0002.json.gz"
    s3 = boto3.client("s3", region_name="us-east-1")
    whole = s3.get_object(Bucket="exports", Key=key)["Body"].read()
    s3.put_object(Bucket="exports", Key=key, Body=b"")
    ran = shell.run("backfill", "--keys-from", uri, *STACK, "--yes", "--patience", "0", "--workers", "1")
    assert ran.code == 6
    s3.put_object(Bucket="exports", Key=key, Body=whole)
    first = run_of(world)
    with machine.meanwhile(machine.play):
        again = on_aws(shell, "--keys-from", uri)
    assert again.code == 0, again.err
    assert (run_of(world).run_id, run_of(world).state) == (first.run_id, RunState.DONE)
    assert world.items("new-orders") == world.items("old-orders")


@pytest.mark.parametrize("begun_by", ["export", "scan"])
def test_beside_an_execution_of_another_kind_no_run_is_planned(
    shell: Shell, world: TableWorld, machine: Machine, begun_by: str
) -> None:
    """The ledger's newest run is the one that is gone on with."""
    uri = three_files(world)
    words = {"export": ("--keys-from", uri), "scan": ()}
    on_aws(shell, *words[begun_by], "--detach")
    (first,) = world.backfills().runs()
    world.backfills().save_run(replace(first, execution=machine.first()["executionArn"]))
    ran = on_aws(shell, *words["scan" if begun_by == "export" else "export"], "--detach")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "lease_held")
    assert "--stop" in ran.envelope["next"]
    assert [run.run_id for run in world.backfills().runs()] == [first.run_id]
    assert len(machine.executions()) == 1


def test_this_machine_beside_it_is_told_the_words_that_follow_it(
    shell: Shell, world: TableWorld, machine: Machine
) -> None:
    uri = three_files(world)
    on_aws(shell, "--keys-from", uri, "--detach")
    world.backfills().save_run(replace(run_of(world), execution=machine.first()["executionArn"]))
    ran = shell.run("backfill", "--keys-from", uri, *STACK, "--yes", "--output", "json")
    assert (ran.code, ran.envelope["data"]["interlock"]) == (4, "lease_held")
    assert f"--keys-from {uri}" in ran.envelope["next"]
