"""The short cut sends and gives back what the SDK itself would, for any item, and leaves errors to it."""

from __future__ import annotations

import io
import json
from types import MappingProxyType
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from cutover.aws.session import Aws
from cutover.aws.table_faults import Kind, classify
from cutover.aws.table_pairs import table_client
from cutover.aws.table_wire import short_cut
from cutover.tables.items import MalformedItem
from tests.tables.typed_items import items

ADDRESS = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"


class Wire:
    """A client whose requests go nowhere: they are kept, and answered by `reply`."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.sent: list[Any] = []
        self.reply: tuple[int, bytes] = (200, b"{}")
        client.meta.events.register("before-send.dynamodb", self._answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append((request.url, request.headers["X-Amz-Target"], json.loads(request.body)))
        status, body = self.reply
        raw = io.BytesIO(body)
        raw.stream = lambda *_, **__: [body]  # type: ignore[attr-defined]
        return AWSResponse(request.url, status, {}, raw)


def plain_client() -> Any:
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return boto3.client("dynamodb", region_name="eu-west-1", config=config)


SDK, OURS = Wire(plain_client()), Wire(short_cut(plain_client()))


def both(operation: str, reply: Any = None, status: int = 200, **request: Any) -> tuple[Any, Any]:
    """What the SDK and what the short cut make of it; the requests that were sent must be the same."""
    results = []
    for wire in (SDK, OURS):
        wire.reply = status, reply if isinstance(reply, bytes) else json.dumps(reply or {}).encode()
        results.append(getattr(wire.client, operation)(**request))
    assert SDK.sent.pop() == OURS.sent.pop()
    return results[0], results[1]


def travelling(item: Any) -> Any:
    """The item as JSON, by the SDK's own hand."""
    SDK.reply = 200, b"{}"
    SDK.client.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": item}}]})
    return SDK.sent.pop()[2]["RequestItems"]["t"][0]["PutRequest"]["Item"]


@given(st.lists(items, max_size=3), items)
def test_a_write_is_sent_as_the_sdk_sends_it(puts: list[Any], key: Any) -> None:
    requests: list[Any] = [{"PutRequest": {"Item": item}} for item in puts]
    requests.append({"DeleteRequest": {"Key": key}})
    both("batch_write_item", RequestItems={ADDRESS: requests}, ReturnConsumedCapacity="TOTAL")


@given(st.lists(items, max_size=3), items)
def test_replies_are_read_as_the_sdk_reads_them(found: list[Any], key: Any) -> None:
    there = [travelling(item) for item in found]
    units = {"TableName": "orders", "CapacityUnits": 2.5}
    page = {"Items": there, "Count": len(there), "ScannedCount": 9, "ConsumedCapacity": units}
    wants = {"RequestItems": {"orders": {"Keys": [key], "ConsistentRead": True}}}
    left = {"orders": {"Keys": [travelling(key)], "ConsistentRead": True}}
    for operation, reply, request in (
        ("scan", {**page, "LastEvaluatedKey": travelling(key)}, {"TableName": ADDRESS}),
        (
            "batch_get_item",
            {"Responses": {"orders": there}, "UnprocessedKeys": left, "ConsumedCapacity": [units]},
            wants,
        ),
    ):
        expected, got = both(operation, reply, **request)
        assert got == expected


@given(items)
def test_what_a_write_left_over_can_be_sent_again(item: Any) -> None:
    left = {"orders": [{"PutRequest": {"Item": travelling(item)}}]}
    expected, got = both("batch_write_item", {"UnprocessedItems": left}, RequestItems={"orders": []})
    assert got == expected
    both("batch_write_item", RequestItems=got["UnprocessedItems"])


def test_what_a_transform_may_give_beside_dicts_and_lists_is_sent() -> None:
    item = MappingProxyType({"k": {"B": bytearray(b"\x00")}, "s": {"SS": {"a"}}, "l": {"L": ({"S": "x"},)}})
    both("batch_write_item", RequestItems={"orders": [{"PutRequest": {"Item": item}}]})


def test_a_table_called_like_a_type_is_read() -> None:
    expected, got = both("batch_get_item", {"Responses": {"B": []}}, RequestItems={"BS": {"Keys": []}})
    assert got == expected


def test_a_reply_without_items_is_the_sdk_s_matter() -> None:
    expected, got = both("scan", {"Count": 3}, TableName="orders")
    assert got == expected


REQUESTS: dict[str, dict[str, Any]] = {
    "scan": {"TableName": "t"},
    "batch_get_item": {"RequestItems": {"t": {"Keys": []}}},
    "batch_write_item": {"RequestItems": {"t": []}},
}


@pytest.mark.parametrize("operation", REQUESTS)
@pytest.mark.parametrize(
    ("status", "body"), [(400, b'{"__type": "com.amazonaws.dynamodb#ThrottlingException"}'), (500, b"")]
)
def test_a_refusal_is_the_sdk_s_own(operation: str, status: int, body: bytes) -> None:
    codes = []
    for wire in (SDK, OURS):
        wire.reply = status, body
        with pytest.raises(ClientError) as refused:
            getattr(wire.client, operation)(**REQUESTS[operation])
        codes.append(refused.value.response["Error"]["Code"])
    assert codes[0] == codes[1]


@pytest.mark.parametrize("operation", REQUESTS)
@pytest.mark.parametrize(
    "body", [b'{"Items": [', b"<html>welcome</html>", b'{"x": {"B": "cut"}}', b"[]", b""]
)
def test_a_reply_that_is_no_json_counts_as_lost(operation: str, body: bytes) -> None:
    OURS.reply = 200, body
    with pytest.raises(ResponseParserError) as lost:
        getattr(OURS.client, operation)(**REQUESTS[operation])
    assert classify(lost.value) is Kind.AMBIGUOUS


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_what_no_attribute_holds_is_not_sent(value: Any) -> None:
    OURS.sent.clear()
    with pytest.raises((MalformedItem, ValueError)):
        OURS.client.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": {"k": {"N": value}}}}]})
    assert OURS.sent == []


def test_the_clients_of_tables_take_the_short_cut() -> None:
    wire = Wire(table_client(Aws(region="eu-west-1")))
    wire.client.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": {"k": {"B": b"\x00"}}}}]})
    assert wire.sent[0][2]["RequestItems"]["t"][0]["PutRequest"]["Item"] == {"k": {"B": "AA=="}}
