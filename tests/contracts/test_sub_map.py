"""The ledger's map of subs as transforms read it, of rows that the users' half wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.session import Aws
from cutover.aws.sub_map import LedgerSubMap, ledger_sub_map
from cutover.aws.user_ledger import UserLedger
from cutover.tables.ports import TableFault
from cutover.tables.subs import CHANGED
from cutover.users.ledger_rows import Offer, State
from tests.fakes.ledger_table import create_ledger

POOL = "eu-west-1_new"


class Rows:
    """A ledger and its two readers: the one that writes users, the one that maps subs."""

    def __init__(self, client: Any, name: str, endpoint: str | None) -> None:
        create_ledger(client, name)
        self.users = UserLedger(client, name, sleep=lambda _: None)
        self.map: LedgerSubMap = ledger_sub_map(Aws(region="us-east-1", endpoint_url=endpoint), name)

    def offer(self, old: str, state: State = State.OFFERED) -> None:
        self.users.offer(Offer(old, f"name-{old}", "username", False, POOL, state, "sign_in", 1000))

    def confirm(self, old: str, new: str) -> None:
        row = self.users.row(old)
        assert row is not None
        assert self.users.confirm(row, new, 2000)

    def release(self, old: str) -> None:
        row = self.users.row(old)
        assert row is not None
        assert self.users.release(row, 3000)


@pytest.fixture(params=["moto", pytest.param("local_stack", marks=pytest.mark.local_stack)])
def rows(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Rows]:
    if request.param == "moto":
        with mock_aws():
            yield Rows(boto3.client("dynamodb", region_name="us-east-1"), unique("ledger"), None)
    else:
        url = request.getfixturevalue("local_stack")
        client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url)
        yield Rows(client, unique("ledger"), url)


def test_whoever_is_confirmed_is_mapped_both_ways(rows: Rows) -> None:
    rows.offer("old-1")
    rows.confirm("old-1", "new-1")
    assert rows.map.new_subs(["old-1", "old-2"]) == {"old-1": "new-1"}
    assert rows.map.old_subs(["new-1", "new-2"]) == {"new-1": "old-1"}


@pytest.mark.parametrize("state", [State.OFFERED, State.RESET_OFFERED])
def test_an_offer_is_no_mapping(rows: Rows, state: State) -> None:
    rows.offer("old-1", state)
    assert rows.map.new_subs(["old-1"]) == {}


def test_whoever_was_released_has_no_mapping_that_lasts_not_even_with_a_new_one(rows: Rows) -> None:
    rows.offer("old-1")
    rows.confirm("old-1", "new-1")
    rows.release("old-1")
    assert rows.map.new_subs(["old-1"]) == {"old-1": CHANGED}
    rows.offer("old-1", State.RESET_OFFERED)
    rows.confirm("old-1", "new-2")
    assert rows.map.new_subs(["old-1"]) == {"old-1": CHANGED}


def test_more_subs_than_one_call_takes_are_read(rows: Rows) -> None:
    came_over = {f"old-{n}": f"new-{n}" for n in (0, 60, 99, 100, 129)}
    for old, new in came_over.items():
        rows.offer(old)
        rows.confirm(old, new)
    assert rows.map.new_subs([f"old-{n}" for n in range(130)]) == came_over


def test_a_ledger_that_is_not_there_is_a_table_fault() -> None:
    with mock_aws(), pytest.raises(TableFault, match="people-ledger"):
        ledger_sub_map(Aws(region="us-east-1"), "people-ledger").new_subs(["old-1"])


def test_a_ledger_of_another_region_is_read_there() -> None:
    arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/people-ledger"
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        create_ledger(client, "people-ledger")
        UserLedger(client, "people-ledger", sleep=lambda _: None).offer(
            Offer("old-1", "ann", "username", False, POOL, State.OFFERED, "sign_in", 1000)
        )
        assert ledger_sub_map(Aws(region="us-east-1"), arn).new_subs(["old-1"]) == {}
