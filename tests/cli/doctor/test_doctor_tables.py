"""doctor on table pairs as a person types it: tables only, and before there is a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.cli.moto_calls import moto_calls
from tests.cli.table_world import PAIR, REGION, STACK, TableWorld, table_world
from tests.cli.verbs import Ran, Shell

JSON = ("--output", "json")
ITEMS = 5
ROLE = "arn:aws:iam::123456789012:role/mirror"
READS = ("Describe", "List", "Get", "Scan", "BatchGet", "Simulate")


@pytest.fixture
def calls() -> Iterator[list[str]]:
    with moto_calls() as called:
        yield called


@pytest.fixture
def world(calls: list[str]) -> Iterator[TableWorld]:
    with table_world(ITEMS) as world:
        calls.clear()
        yield world


@pytest.fixture
def doctor(shell: Shell, world: TableWorld) -> Callable[..., Ran]:
    return lambda *words: shell.run("doctor", *words, *STACK)


def findings(ran: Ran) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in ran.envelope["data"]["findings"]}


def pair_of(ran: Ran) -> Mapping[str, Any]:
    (pair,) = ran.envelope["data"]["tables"]
    found: Mapping[str, Any] = pair
    return found


def test_a_stack_of_tables_alone_is_looked_at_without_pools(doctor: Callable[..., Ran]) -> None:
    ran = doctor(*JSON)
    assert (ran.envelope["data"]["new_pool"], ran.envelope["data"]["users_looked_at"]) == (None, None)
    assert {"table_not_permitted", "stream_not_mapped", "target_deletable", "readers_unseen"} <= set(
        findings(ran)
    )
    assert ran.code == 3


def test_it_reads_and_nothing_else(doctor: Callable[..., Ran], calls: list[str], world: TableWorld) -> None:
    calls.clear()
    before = world.items("old-orders"), world.items("new-orders")
    calls.clear()
    doctor(*JSON)
    assert calls
    assert [name for name in calls if not name.startswith(READS)] == []
    assert (world.items("old-orders"), world.items("new-orders")) == before


def test_the_sample_is_announced_drawn_and_counted(doctor: Callable[..., Ran]) -> None:
    ran = doctor("--sample", "3", *JSON)
    assert pair_of(ran)["sample"]["items"] == 3
    assert "old-orders: looking at 3 items at most, about" in ran.err
    assert "read units at 25 a second" in ran.err


def test_the_sample_waits_for_its_pace(doctor: Callable[..., Ran], shell: Shell) -> None:
    before = shell.clock.now
    doctor("--sample-units", "0.5", *JSON)
    assert shell.clock.now > before + 1


def test_without_the_items_none_is_read(doctor: Callable[..., Ran], calls: list[str]) -> None:
    ran = doctor("--skip-items", *JSON)
    assert pair_of(ran)["sample"] is None
    assert "Scan" not in calls


def test_no_item_and_no_key_of_one_is_printed(doctor: Callable[..., Ran], world: TableWorld) -> None:
    world.put("old-orders", "ann@example.com", "a secret")
    for ran in (doctor(), doctor(*JSON)):
        assert "ann@" not in ran.out + ran.err
        assert "a secret" not in ran.out + ran.err


def test_the_screen_has_a_table_of_what_the_backfill_takes(doctor: Callable[..., Ran]) -> None:
    lines = doctor().out.splitlines()
    head = lines[lines.index("BACKFILL, in capacity units") + 1 :][:2]
    assert head[0].split()[:3] == ["pair", "items", "MB"]
    assert head[1].split()[:2] == [PAIR, "5"]
    assert "5 items looked at (a sample)" in lines[-1]


def test_our_mapping_is_known_as_ours_and_another_reader_is_counted(shell: Shell, world: TableWorld) -> None:
    def reader(function: str) -> dict[str, Any]:
        arn = f"arn:aws:lambda:{REGION}:123456789012:function:{function}"
        return {"FunctionArn": arn, "State": "Enabled", "StartingPosition": "TRIM_HORIZON"}

    rows = [reader("shop-MirrorTable:live"), reader("indexer"), reader("audit")]
    with moto_calls(ListEventSourceMappings={"EventSourceMappings": rows}):
        found = findings(shell.run("doctor", *JSON, *STACK))
    assert found["stream_taken"]["data"]["readers"] == ["indexer", "audit"]


def arns_of(world: TableWorld) -> dict[str, str]:
    """The parameters that a right deployment of the pair has."""
    source, target = (
        world.dynamodb.describe_table(TableName=name)["Table"] for name in ("old-orders", "new-orders")
    )
    return {
        "SourceTableArns": source["TableArn"],
        "TargetTableArns": target["TableArn"],
        "SourceStreamArns": source["LatestStreamArn"],
    }


def test_a_stack_that_names_its_tables_and_streams_has_no_error_of_the_tables(
    shell: Shell, world: TableWorld
) -> None:
    world.deploy(**arns_of(world))
    found = findings(shell.run("doctor", *JSON, *STACK))
    assert [code for code, one in found.items() if one["severity"] == "error"] == ["alias_missing"]


def test_a_stream_of_another_account_needs_a_policy(shell: Shell, world: TableWorld) -> None:
    world.deploy(**arns_of(world))
    mirror = {"FunctionArn": f"arn:aws:lambda:{REGION}:999999999999:function:shop-MirrorTable", "Role": ROLE}
    with moto_calls(GetFunctionConfiguration=mirror, GetResourcePolicy={"RevisionId": "1"}):
        assert "stream_not_shared" in findings(shell.run("doctor", *JSON, *STACK))
    with moto_calls(GetFunctionConfiguration=mirror, GetResourcePolicy={"Policy": "{}"}):
        assert "stream_not_shared" not in findings(shell.run("doctor", *JSON, *STACK))


def test_a_key_that_the_functions_roles_may_not_use_is_found(shell: Shell, world: TableWorld) -> None:
    key = boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"]
    sse = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    world.dynamodb.delete_table(TableName="new-orders")
    world.dynamodb.create_table(
        TableName="new-orders",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification=sse,
    )
    denied = {"EvalActionName": "kms:Decrypt", "EvalResourceName": key, "EvalDecision": "implicitDeny"}
    with moto_calls(SimulatePrincipalPolicy={"EvaluationResults": [denied], "IsTruncated": False}):
        by_function = findings(shell.run("doctor", *JSON, *STACK))
        by_role = findings(shell.run("doctor", *JSON, *STACK, "--target-role", ROLE))
    assert by_function["key_not_in_policies"]["data"]["key"] == key
    assert "key_not_in_policies" not in by_role


@pytest.mark.parametrize(("words", "taken"), [(("--source-role", ROLE), True), ((), False)])
def test_a_role_is_taken_only_where_one_is_named(
    shell: Shell, world: TableWorld, calls: list[str], words: tuple[str, ...], taken: bool
) -> None:
    calls.clear()
    ran = shell.run("doctor", *JSON, *STACK[:4], *words)
    assert ("AssumeRole" in calls) is taken
    assert pair_of(ran)["sample"]["items"] == ITEMS


@pytest.mark.parametrize(("side", "table"), [("source", "old-orders"), ("target", "new-orders")])
def test_each_side_is_reached_by_its_own_role(shell: Shell, world: TableWorld, side: str, table: str) -> None:
    """The role is one of another account, which has no such table."""
    ran = shell.run("doctor", *JSON, *STACK[:4], f"--{side}-role", ROLE.replace("123456789012", "9" * 12))
    missing = [one for one in ran.envelope["data"]["findings"] if one["code"] == "table_missing"]
    assert [one["data"]["table"] for one in missing] == [table]


def test_a_table_that_does_not_exist_is_an_error_and_the_rest_goes_on(
    doctor: Callable[..., Ran], world: TableWorld
) -> None:
    world.dynamodb.delete_table(TableName="new-orders")
    ran = doctor(*JSON)
    assert findings(ran)["table_missing"]["data"] == {"pair": PAIR, "table": "new-orders"}
    assert "readers_unseen" in findings(ran)
    assert (pair_of(ran)["sample"], pair_of(ran)["backfill"]) == (None, None)


def without_stack(shell: Shell, *words: str) -> Ran:
    return shell.run("doctor", *words, "--region", REGION, *JSON)


def test_before_the_stack_exists_the_tables_are_enough(shell: Shell, world: TableWorld) -> None:
    ran = without_stack(shell, "--table", "old-orders=new-orders")
    assert ran.code == 0
    assert "target_deletable" in findings(ran)
    assert ran.envelope["data"]["stack"] is None
    assert pair_of(ran)["sample"]["items"] == ITEMS


def test_two_pairs_with_one_table_are_an_error_of_the_settings(shell: Shell, world: TableWorld) -> None:
    ran = without_stack(shell, "--table", "a=b", "--table", "a=c")
    assert "settings_refused" in findings(ran)


@pytest.mark.parametrize("words", [("--table", "orders"), ("--table", "a=b", "--old-client", "c")])
def test_half_a_pair_is_a_usage_error(shell: Shell, words: tuple[str, ...]) -> None:
    assert without_stack(shell, *words).code == 2


def test_a_transform_that_cannot_be_imported_is_an_error(
    shell: Shell, world: TableWorld, tmp_path: Path
) -> None:
    rows = [{"source": "old-orders", "target": "new-orders", "transform": "no_such_module:f"}]
    world.deploy(Tables=json.dumps(rows))
    ran = shell.run("doctor", *JSON, *STACK)
    assert "cannot be imported" in findings(ran)["transform_refused"]["what"]
    assert pair_of(ran)["sample"] is None


def test_an_index_of_the_target_that_refuses_items_is_found_in_the_sample(
    shell: Shell, world: TableWorld
) -> None:
    world.dynamodb.update_table(
        TableName="new-orders",
        AttributeDefinitions=[
            {"AttributeName": "k", "AttributeType": "S"},
            {"AttributeName": "v", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-v",
                    "KeySchema": [{"AttributeName": "v", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    found = findings(shell.run("doctor", *JSON, *STACK))["index_key_refused"]
    assert found["data"]["details"] == {"v of index by-v is of type S, not N": ITEMS}
    assert found["next"].startswith(f"cutover rehearse --pair {PAIR} --sample {ITEMS}")
