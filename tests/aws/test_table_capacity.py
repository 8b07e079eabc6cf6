"""What a table's description says of its capacity, and the pace that follows from it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.table_facts import table_facts
from cutover.tables.table_facts import NEW_ON_DEMAND_READ, NEW_ON_DEMAND_WRITE, TableFacts

ON_DEMAND = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}
MODEL = boto3.client("dynamodb", region_name="eu-west-1").meta.service_model


class Described:
    """A client whose table has this description."""

    def __init__(self, **table: Any) -> None:
        self.table = {"TableName": "orders", **table}

    def describe_table(self, **_: Any) -> dict[str, Any]:
        return {"Table": self.table}

    def describe_time_to_live(self, **_: Any) -> dict[str, Any]:
        return {}


def facts(**table: Any) -> TableFacts:
    client = Described(**table)
    return table_facts(client, DynamoTable(client, "orders", ("k",)))


def test_the_sdk_s_model_has_the_names_that_are_read() -> None:
    members = MODEL.shape_for("TableDescription").members["WarmThroughput"].members
    assert {"ReadUnitsPerSecond", "WriteUnitsPerSecond"} <= members.keys()


def test_a_provisioned_table_goes_by_what_it_provisions_and_not_by_what_it_could_take() -> None:
    found = facts(
        ProvisionedThroughput={"ReadCapacityUnits": 100, "WriteCapacityUnits": 40},
        WarmThroughput={"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000},
    )
    assert (found.reads().units, found.writes().units) == (100, 40)
    assert found.writes().how == "provisions"


def test_an_on_demand_table_goes_by_its_warm_throughput() -> None:
    warm = {"ReadUnitsPerSecond": 30_000, "WriteUnitsPerSecond": 10_000, "Status": "ACTIVE"}
    found = facts(**ON_DEMAND, WarmThroughput=warm)
    assert (found.reads().units, found.writes().units) == (30_000, 10_000)


@pytest.mark.parametrize(
    "warm", [{}, {"WarmThroughput": {"ReadUnitsPerSecond": 0, "WriteUnitsPerSecond": 0}}]
)
def test_an_on_demand_table_that_says_nothing_is_taken_for_a_new_one(warm: dict[str, Any]) -> None:
    """An emulator says 0, or nothing."""
    found = facts(
        **ON_DEMAND, **warm, ProvisionedThroughput={"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    )
    assert (found.reads().units, found.writes().units) == (NEW_ON_DEMAND_READ, NEW_ON_DEMAND_WRITE)
