"""One contract for a pair's ledger rows: the fake, moto, the local stack and DynamoDB Local keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.pair_ledger import PairLedger
from cutover.tables.authority import DEFAULT, Authority, PairState
from cutover.tables.ledger_rows import AUTHORITY, COUNTERS, PACE, pair_key
from cutover.tables.parts import Ledger
from cutover.tables.ports import AuthorityLost, TableFault
from tests.fakes.tables import FakeLedger

PAIR = "old=new"
ENGINES = [
    "fake",
    "moto",
    pytest.param("local_stack", marks=pytest.mark.local_stack),
    pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
]


@dataclass
class Subject:
    """The ledger, and how its rows are set and its counters read."""

    ledger: Ledger
    write: Callable[[PairState], None]
    counters: Callable[[], dict[str, int]]


def real(client: Any, name: str) -> Subject:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": k, "KeyType": t} for k, t in (("pk", "HASH"), ("sk", "RANGE"))],
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )

    def write(state: PairState) -> None:
        authority = {
            "ruler": {"S": state.authority.ruler},
            "direction": {"S": state.authority.direction},
            "epoch": {"N": str(state.authority.epoch)},
        }
        client.put_item(TableName=name, Item={**pair_key(PAIR, AUTHORITY), **authority})
        pace = {"paused": {"BOOL": state.paused}, "reason": {"S": state.reason}}
        units = {"read_units": state.read_units, "write_units": state.write_units}
        pace |= {unit: {"N": str(value)} for unit, value in units.items() if value is not None}
        client.put_item(TableName=name, Item={**pair_key(PAIR, PACE), **pace})

    def counters() -> dict[str, int]:
        row = client.get_item(TableName=name, Key=pair_key(PAIR, COUNTERS)).get("Item", {})
        return {attribute: int(value["N"]) for attribute, value in row.items() if "N" in value}

    return Subject(PairLedger(client, name, sleep=lambda _: None), write, counters)


def fake() -> Subject:
    ledger = FakeLedger()

    def write(state: PairState) -> None:
        ledger.states[PAIR] = state

    return Subject(ledger, write, lambda: ledger.counts.get(PAIR, {}))


@pytest.fixture(params=ENGINES)
def subject(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> Iterator[Subject]:
    if request.param == "fake":
        yield fake()
    elif request.param == "moto":
        with mock_aws():
            yield real(boto3.client("dynamodb", region_name="eu-west-1"), unique("ledger"))
    else:
        url = request.getfixturevalue(request.param)
        client = boto3.client("dynamodb", region_name="us-east-1", endpoint_url=url)
        yield real(client, unique("ledger"))


def test_without_rows_the_source_rules_without_a_limit(subject: Subject) -> None:
    assert subject.ledger.state(PAIR) == PairState(DEFAULT)


def test_the_rows_of_a_pair_are_its_state(subject: Subject) -> None:
    state = PairState(Authority("target", "reverse", 3), 12.5, None, True, "night")
    subject.write(state)
    assert subject.ledger.state(PAIR) == state


def test_another_pair_s_rows_are_not_met(subject: Subject) -> None:
    subject.write(PairState(paused=True))
    assert subject.ledger.state("other=pair") == PairState(DEFAULT)


def test_a_permit_holds_in_its_own_epoch(subject: Subject) -> None:
    subject.write(PairState(Authority("source", "forward", 2)))
    subject.ledger.permit(PAIR, "forward", 2).check()


@pytest.mark.parametrize(
    "state",
    [
        PairState(Authority("source", "forward", 3)),
        PairState(Authority("nobody", "forward", 2)),
        PairState(Authority("target", "reverse", 2)),
        PairState(Authority("source", "forward", 2), paused=True),
    ],
    ids=str,
)
def test_a_permit_is_lost_with_the_epoch_the_rule_or_a_pause(subject: Subject, state: PairState) -> None:
    permit = subject.ledger.permit(PAIR, "forward", 2)
    subject.write(state)
    with pytest.raises(AuthorityLost):
        permit.check()


def test_a_permit_reads_anew_each_time(subject: Subject) -> None:
    permit = subject.ledger.permit(PAIR, "forward", 0)
    permit.check()
    subject.write(PairState(Authority("source", "forward", 1)))
    with pytest.raises(AuthorityLost):
        permit.check()


def test_counters_add_up(subject: Subject) -> None:
    subject.ledger.count(PAIR, parked=2, dropped_old_epoch=1)
    subject.ledger.count(PAIR, parked=3)
    assert subject.counters() == {"parked": 5, "dropped_old_epoch": 1}


def test_counting_nothing_is_no_call(subject: Subject) -> None:
    assert subject.ledger.count(PAIR, parked=0)
    assert subject.counters() in ({}, {"parked": 0})


def test_a_ledger_that_is_gone_is_a_table_fault_and_counts_nothing() -> None:
    with mock_aws():
        gone = PairLedger(boto3.client("dynamodb", region_name="eu-west-1"), "gone", sleep=lambda _: None)
        with pytest.raises(TableFault):
            gone.state(PAIR)
        assert gone.count(PAIR, parked=1) is False


def test_an_unreadable_authority_is_a_table_fault_and_never_the_default() -> None:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        broken = real(client, "ledger")
        client.put_item(TableName="ledger", Item={**pair_key(PAIR, AUTHORITY), "ruler": {"S": "target"}})
        with pytest.raises(TableFault):
            broken.ledger.state(PAIR)
