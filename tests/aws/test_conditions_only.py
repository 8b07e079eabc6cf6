"""The ledger as a simulation sees it: the real conditions, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.conditions_only import ConditionsOnly
from cutover.aws.user_ledger import UserLedger
from cutover.users.decision_table import Decision, Stop
from cutover.users.ledger_rows import Offer, State

OFFER = Offer("sub-1", "ann", "username", True, "pool", State.OFFERED, "sign_in", 1_700_000_000)


@pytest.fixture(params=["moto", pytest.param("local stack", marks=pytest.mark.local_stack)])
def table(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Any]:
    """(client, name) of an empty ledger."""
    on_moto = request.param == "moto"
    with mock_aws() if on_moto else nullcontext():
        url = None if on_moto else request.getfixturevalue("local_stack")
        client, name = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url), unique("ledger")
        keys = {"pk": "HASH", "sk": "RANGE"}
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        yield client, name


def ledgers(table: Any) -> tuple[UserLedger, UserLedger]:
    """The real one and the one that only looks."""
    client, name = table
    return (
        UserLedger(client, name, sleep=lambda _: None),
        UserLedger(ConditionsOnly(client), name, sleep=lambda _: None),
    )


def items(table: Any) -> list[Any]:
    client, name = table
    found: list[Any] = client.scan(TableName=name)["Items"]
    return sorted(found, key=str)


def test_an_offer_that_would_be_written_passes_and_is_not_written(table: Any) -> None:
    _, looking = ledgers(table)
    looking.offer(OFFER)
    assert items(table) == []


def test_an_offer_that_stands_passes_again(table: Any) -> None:
    real, looking = ledgers(table)
    real.offer(OFFER)
    before = items(table)
    looking.offer(replace(OFFER, offered_at=OFFER.offered_at + 9))
    assert items(table) == before


def test_who_is_confirmed_is_refused_as_by_the_real_one(table: Any) -> None:
    real, looking = ledgers(table)
    real.offer(OFFER)
    row = real.row(OFFER.old_sub)
    assert row is not None
    assert real.confirm(row, "new-sub", 1_700_000_001)
    before = items(table)
    with pytest.raises(Stop) as stopped:
        looking.offer(OFFER)
    assert (stopped.value.decision, items(table)) == (Decision.ALREADY_MIGRATED, before)


@pytest.mark.parametrize("other", [{"old_sub": "sub-2"}, {"target_name": "anna"}])
def test_a_name_that_is_bound_otherwise_is_refused_as_by_the_real_one(
    table: Any, other: dict[str, str]
) -> None:
    real, looking = ledgers(table)
    real.offer(OFFER)
    with pytest.raises(Stop) as stopped:
        looking.offer(replace(OFFER, **other))
    assert stopped.value.decision is Decision.NAME_COLLISION


def test_a_cap_is_looked_at_and_not_used_up(table: Any) -> None:
    real, looking = ledgers(table)
    assert [looking.count_unproven("pool", 0, 1) for _ in range(3)] == [True, True, True]
    assert items(table) == []
    real.count_unproven("pool", 0, 1)
    assert looking.count_unproven("pool", 0, 1) is False


def test_nothing_else_can_be_called(table: Any) -> None:
    assert not hasattr(ConditionsOnly(table[0]), "put_item")
