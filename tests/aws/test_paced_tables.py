"""What each call on a table used is taken from the pace that belongs to it."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.aws.dynamo_table import DynamoTable
from tests.fakes.tables import item, key


class Meter:
    def __init__(self) -> None:
        self.units: list[float] = []

    def take(self, units: float) -> None:
        self.units.append(units)

    def throttled(self) -> None:
        """Nothing is throttled here."""


class Metered:
    """A client whose replies hold nothing but what they cost; it notes whether it was asked for that."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def batch_get_item(self, ReturnConsumedCapacity: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's own name
        self.asked.append(ReturnConsumedCapacity)
        return {"Responses": {}, "ConsumedCapacity": [{"TableName": "orders", "CapacityUnits": 2.5}]}

    def scan(self, ReturnConsumedCapacity: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.asked.append(ReturnConsumedCapacity)
        return {"Items": [], "ConsumedCapacity": {"TableName": "orders", "CapacityUnits": 128.0}}

    def batch_write_item(self, ReturnConsumedCapacity: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.asked.append(ReturnConsumedCapacity)
        return {"UnprocessedItems": {}, "ConsumedCapacity": [{"TableName": "orders", "CapacityUnits": 1.0}]}


@pytest.fixture
def client() -> Metered:
    return Metered()


@pytest.fixture
def meters() -> tuple[Meter, Meter]:
    return Meter(), Meter()


@pytest.fixture
def table(client: Metered, meters: tuple[Meter, Meter]) -> DynamoTable:
    return DynamoTable(client, "orders", ("k",), pace_read=meters[0], pace_write=meters[1])


def test_a_read_by_key_is_taken_from_the_pace_of_reads(
    table: DynamoTable, meters: tuple[Meter, Meter]
) -> None:
    table.get([key("a")])
    assert (meters[0].units, meters[1].units) == ([2.5], [])


def test_a_page_of_a_scan_is_taken_from_the_pace_of_reads(
    table: DynamoTable, meters: tuple[Meter, Meter]
) -> None:
    assert [page.consumed_units for page in table.scan(0, 1)] == [128.0]
    assert (meters[0].units, meters[1].units) == ([128.0], [])


def test_a_write_is_taken_from_the_pace_of_writes(table: DynamoTable, meters: tuple[Meter, Meter]) -> None:
    table.write([item("a", "1")], [])
    assert (meters[0].units, meters[1].units) == ([], [1.0])


def test_every_call_asks_what_it_costs(table: DynamoTable, client: Metered) -> None:
    table.get([key("a")])
    list(table.scan(0, 1))
    table.write([item("a", "1")], [])
    assert client.asked == ["TOTAL", "TOTAL", "TOTAL"]
