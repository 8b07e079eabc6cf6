"""A dozen pairs from a parameter: each on its own, and a changed parameter is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from cutover.aws.pairs_setting import KNOWN_FOR, PairsSetting
from cutover.aws.session import Aws
from cutover.errors import UsageError
from cutover.handlers.pairs_log import report_unread_pairs
from cutover.handlers.table_function import parts_here
from cutover.tables.ledger_rows import pair_key
from tests.fakes.clocks import HandClock
from tests.handlers.table_world import REGION, World, table_world

NAMES = [f"table-{number:02}" for number in range(12)]
ACCOUNT_ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table"
DONE: dict[str, Any] = {"batchItemFailures": []}


class Parameter:
    """`/cutover/tables` in Systems Manager, of the tier that holds 8 KB."""

    def __init__(self) -> None:
        self.ssm = boto3.client("ssm", region_name=REGION)

    def put(self, text: str) -> None:
        self.ssm.put_parameter(
            Name="/cutover/tables", Value=text, Type="String", Tier="Advanced", Overwrite=True
        )

    def pairs(self, names: list[str]) -> None:
        self.put(json.dumps([{"source": name, "target": f"{name}-new"} for name in names]))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with table_world(monkeypatch) as made:
        Parameter().pairs(NAMES)
        monkeypatch.setenv("TABLES", "ssm:/cutover/tables")
        monkeypatch.setenv(
            "AWS_PARAMETER_TEST", made.ledger
        )  # parts of another test's world are not used again
        for name in NAMES:
            made._make(name, (("k", "S"),))
            made._make(f"{name}-new", (("k", "S"),))
        yield made


def batch(world: World, name: str) -> dict[str, Any]:
    """What the mapping of one table's stream delivers."""
    world.put(name, {"k": {"S": "a"}, "v": {"S": name}})
    body = {"Keys": {"k": {"S": "a"}}, "SequenceNumber": "1"}
    record = {"eventName": "INSERT", "eventSourceARN": f"{ACCOUNT_ARN}/{name}/stream/2026", "dynamodb": body}
    return {"Records": [record]}


def pace(world: World, name: str, **row: Any) -> None:
    world.dynamodb.put_item(TableName=world.ledger, Item={**pair_key(f"{name}={name}-new", "pace"), **row})


def test_one_pair_that_is_held_holds_no_other(world: World) -> None:
    pace(world, NAMES[3], paused={"BOOL": True}, reason={"S": "lunch"})
    world.dynamodb.delete_table(TableName=f"{NAMES[7]}-new")
    answers = {name: world.mirror(batch(world, name)) for name in NAMES}
    held = [name for name, answer in answers.items() if answer != DONE]
    assert held == [NAMES[3], NAMES[7]]
    assert all(world.items(f"{name}-new") for name in NAMES if name not in held)


def test_each_pair_counts_for_itself(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for name in NAMES[:3]:
        world.mirror(batch(world, name))
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    converged = {one["pair"] for one in metrics if "MirrorKeysConverged" in one}
    assert converged == {f"{name}={name}-new" for name in NAMES[:3]}


def test_each_pair_has_a_limit_of_its_own(world: World) -> None:
    pace(world, NAMES[0], read_units={"N": "5"}, write_units={"N": "7"})
    parts = parts_here()
    paces = {}
    for pair in parts.pairs[:2]:
        tables = parts.open(pair, parts.ledger.state(pair.id))
        with tables.pace.governs(parts.ledger.state(pair.id), lambda: False):
            paces[pair.source.name] = [one.limit for one in tables.pace.paces.all()]
    assert paces == {NAMES[0]: [5, 5, 7], NAMES[1]: [None, None, None]}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def sources(setting: PairsSetting) -> list[str]:
    return [pair.source.name for pair in setting()]


def test_a_changed_parameter_is_in_force_within_a_minute(world: World, clock: HandClock) -> None:
    setting, parameter = PairsSetting("ssm:/cutover/tables", Aws(region=REGION), clock), Parameter()
    assert sources(setting) == NAMES
    parameter.pairs(NAMES[:2])
    clock.sleep(KNOWN_FOR - 1)
    assert sources(setting) == NAMES
    clock.sleep(1)
    assert sources(setting) == NAMES[:2]


def test_a_slip_of_the_pen_stops_no_mirror_that_runs_and_is_told(world: World, clock: HandClock) -> None:
    setting, parameter = PairsSetting("ssm:/cutover/tables", Aws(region=REGION), clock), Parameter()
    setting()
    parameter.put('[{"source": ')
    clock.sleep(KNOWN_FOR)
    assert sources(setting) == NAMES
    assert "TABLES is not JSON" in setting.problem
    parameter.pairs(NAMES[:1])
    clock.sleep(KNOWN_FOR)
    assert (sources(setting), setting.problem) == (NAMES[:1], "")


def test_a_parameter_that_is_gone_leaves_what_is_known(world: World, clock: HandClock) -> None:
    setting = PairsSetting("ssm:/cutover/tables", Aws(region=REGION), clock)
    setting()
    Parameter().ssm.delete_parameter(Name="/cutover/tables")
    clock.sleep(KNOWN_FOR)
    assert sources(setting) == NAMES
    assert setting.problem == "ParameterNotFound"


def test_an_environment_that_knows_no_pairs_yet_holds_its_records(world: World) -> None:
    Parameter().put("[]]")
    with pytest.raises(UsageError):
        world.mirror(batch(world, NAMES[0]))


def test_a_pair_with_another_transform_by_now_is_opened_anew(world: World) -> None:
    parts = parts_here()
    pair = parts.pairs[0]
    state = parts.ledger.state(pair.id)
    first = parts.open(pair, state)
    other = parts.open(replace(pair, transform="tests.handlers.transforms:refuse_paid"), state)
    assert parts.open(pair, state) is first
    assert other is not first


def test_an_unreadable_change_is_an_error_in_the_log_and_a_count(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    report_unread_pairs("TABLES is not JSON")
    assert [one.levelname for one in caplog.records] == ["ERROR"]
    assert '"TablePairsUnread":[1.0]' in capsys.readouterr().out.replace(" ", "")
