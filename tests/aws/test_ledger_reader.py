from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.session import Aws
from tests.fakes.ledger_table import create_ledger, put_row


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        client = Aws(region="eu-west-1").client("dynamodb")
        create_ledger(client, "ledger")
        yield client


@pytest.fixture
def ledger(client: Any) -> LedgerReader:
    return LedgerReader(client, "ledger")


def test_a_row_comes_back_as_plain_values(client: Any, ledger: LedgerReader) -> None:
    put_row(client, "ledger", pk="pair#a", sk="pace", read_units=12.5, paused=True, reason="slow", epoch=2)
    row = ledger.row("pair#a", "pace")
    assert row == {
        "pk": "pair#a",
        "sk": "pace",
        "read_units": 12.5,
        "paused": True,
        "reason": "slow",
        "epoch": 2,
    }


def test_a_row_that_is_not_there_is_none(ledger: LedgerReader) -> None:
    assert ledger.row("pair#a", "pace") is None


def test_the_rows_of_a_partition_are_those_of_the_prefix(client: Any, ledger: LedgerReader) -> None:
    for sk in ("run#1", "run#2", "segment#1#0"):
        put_row(client, "ledger", pk="backfill#a", sk=sk)
    assert [row["sk"] for row in ledger.rows("backfill#a", "run#")] == ["run#1", "run#2"]


def test_a_count_is_exact_when_it_came_to_the_end(client: Any, ledger: LedgerReader) -> None:
    for number in range(5):
        put_row(client, "ledger", pk=f"user#{number}", sk="state", listed="user#offered", listed_at=number)
    counted = ledger.count("user#offered", 1)
    assert (counted.number, counted.exact) == (5, True)


class _Pages:
    """A client whose queries answer with these pages."""

    def __init__(self, *counts: int) -> None:
        self._counts = list(counts)
        self.starts: list[Any] = []

    def query(self, **given: Any) -> dict[str, Any]:
        self.starts.append(given.get("ExclusiveStartKey"))
        count = self._counts.pop(0)
        more = {"LastEvaluatedKey": {"pk": {"S": str(count)}}} if self._counts else {}
        return {"Count": count, "ConsumedCapacity": {"CapacityUnits": 250.0}, **more}


def test_a_count_that_was_cut_short_is_a_lower_bound() -> None:
    counted = LedgerReader(_Pages(10, 10, 10), "ledger", sleep=lambda _: None).count("user#offered", 2)
    assert (counted.number, counted.exact) == (20, False)


def test_a_count_of_all_pages_goes_on_from_where_each_page_ended() -> None:
    client = _Pages(7, 8, 9)
    counted = LedgerReader(client, "ledger", sleep=lambda _: None).count("user#offered", None)
    assert (counted.number, counted.exact) == (24, True)
    assert client.starts == [None, {"pk": {"S": "7"}}, {"pk": {"S": "8"}}]


def test_a_count_of_exactly_the_allowed_pages_is_exact() -> None:
    assert LedgerReader(_Pages(7, 8), "ledger", sleep=lambda _: None).count("user#offered", 2).exact


def test_a_count_waits_for_the_capacity_that_it_used() -> None:
    slept: list[float] = []
    LedgerReader(_Pages(1, 1, 1), "ledger", sleep=slept.append).count("user#offered", None)
    assert slept == [0.5, 0.5]


def test_the_oldest_is_the_one_listed_first(client: Any, ledger: LedgerReader) -> None:
    for number in (30, 10, 20):
        put_row(client, "ledger", pk=f"user#{number}", sk="state", listed="user#offered", listed_at=number)
    assert ledger.oldest("user#offered") == 10
    assert ledger.oldest("user#confirmed") is None
