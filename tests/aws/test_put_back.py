"""A change that replaced what nobody had seen is undone: between the two calls anything may happen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.aws.dynamo_table import DynamoTable
from cutover.tables.converge import converge
from cutover.tables.ports import Change, FaultReason, Item, TableFault, WriteOutcome
from tests.aws.test_table_faults import LOST, QUICK, Meter, refusal
from tests.fakes.tables import FakeTable, Granted, key
from tests.tables.keyed import COLLIDING, lettered

SEEN: Item = {**key("a"), "v": {"N": "1"}}
THEIRS: Item = {**SEEN, "of": {"S": "them"}}
WANTED: Item = {**key("a"), "v": {"N": "2"}}
TAKEN = refusal("ConditionalCheckFailedException")
THROTTLED = refusal("ThrottlingException")
DENIED = refusal("AccessDeniedException")


class Client:
    """The first call replaces `replaced`; each later one is answered by the next of `replies`, then done."""

    def __init__(self, replaced: Item, *replies: Exception) -> None:
        self.replaced, self.replies = replaced, list(replies)
        self.calls: list[dict[str, Any]] = []

    def put_item(self, **request: Any) -> dict[str, Any]:
        self.calls.append(request)
        if len(self.calls) == 1:
            assert request["ReturnValues"] == "ALL_OLD"
            return {"Attributes": self.replaced, "ConsumedCapacity": {"CapacityUnits": 2.0}}
        if self.replies:
            raise self.replies.pop(0)
        return {"ConsumedCapacity": {"CapacityUnits": 2.0}}

    delete_item = put_item


def changed(client: Client, wanted: Item | None = WANTED, **options: Any) -> WriteOutcome:
    options = {"sleep": lambda _: None, "rng": lambda: 1.0, "tuning": QUICK, **options}
    return DynamoTable(client, "t", ("k",), **options).write_seen([Change(key("a"), SEEN, wanted)])


def test_what_was_seen_is_replaced_by_one_call() -> None:
    client = Client({**SEEN, "v": {"N": "1.0"}, "aws:rep:updatetime": {"N": "5"}})
    assert changed(client) == WriteOutcome()
    assert len(client.calls) == 1


def test_what_was_not_seen_is_put_back_while_the_place_holds_this_change() -> None:
    client, meter = Client({**THEIRS, "aws:rep:updatetime": {"N": "5"}}), Meter()
    assert changed(client, pace_write=meter) == WriteOutcome(overtaken=(key("a"),))
    back = client.calls[1]
    assert back["Item"] == THEIRS
    assert back["ConditionExpression"] == "attribute_exists(#k) AND #0 = :0"
    assert back["ExpressionAttributeValues"] == {":0": {"N": "2"}}
    assert meter.units == [2.0, 2.0]


def test_what_was_deleted_unseen_is_put_back_while_the_place_is_empty() -> None:
    client = Client(THEIRS)
    assert changed(client, None).overtaken == (key("a"),)
    assert (client.calls[1]["Item"], client.calls[1]["ConditionExpression"]) == (
        THEIRS,
        "attribute_not_exists(#k)",
    )


def test_a_place_that_has_changed_hands_once_more_is_left() -> None:
    client = Client(THEIRS, TAKEN)
    assert changed(client) == WriteOutcome(overtaken=(key("a"),))
    assert len(client.calls) == 2


@pytest.mark.parametrize("trouble", [LOST, THROTTLED], ids=["a lost reply", "throttled"])
def test_putting_back_is_tried_again(trouble: Exception) -> None:
    client = Client(THEIRS, trouble, trouble)
    assert changed(client) == WriteOutcome(overtaken=(key("a"),))
    assert len(client.calls) == 4


@pytest.mark.parametrize("replies", [[DENIED], [THROTTLED] * 99], ids=["refused", "throttled for long"])
def test_what_cannot_be_put_back_is_a_fault_that_says_so(replies: list[Exception]) -> None:
    with pytest.raises(TableFault, match="an item was replaced unseen") as fault:
        changed(Client(THEIRS, *replies))
    assert fault.value.ambiguous == (key("a"),)


class Raced(DynamoTable):
    """Before its first change another key's item comes to the place."""

    newcomer: Item | None = None

    def write_seen(self, changes: Sequence[Change]) -> WriteOutcome:
        newcomer, self.newcomer = self.newcomer, None
        if newcomer is not None:
            self.write([newcomer], [])
        return super().write_seen(changes)


@mock_aws
def test_a_newcomer_of_300_attributes_is_not_overwritten_and_the_key_collides() -> None:
    """Only `from` tells the two apart, and a hundred smaller attributes come before it."""
    client = boto3.client("dynamodb", region_name="eu-west-1")
    client.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    there = Raced(client, "t", ("p",))
    many = {f"a{n}": {"N": str(n)} for n in range(300)}
    apple, avocado = ({**key(name), **many, "v": {"S": "1"}} for name in ("apple", "avocado"))
    there.write([lettered(apple)], [])
    there.newcomer = lettered(avocado)
    result = converge(
        [key("apple")],
        source=FakeTable([{**apple, "v": {"S": "2"}}]),
        target=there,
        transform=COLLIDING,
        permit=Granted(),
        sleep=lambda _: None,
    )
    assert [(fault.key, fault.reason) for fault in result.faults] == [(key("apple"), FaultReason.COLLISION)]
    assert list(there.get([{"p": {"S": "a"}}]).values()) == [lettered(avocado)]
