"""What one round of changes makes of each error of DynamoDB and of the SDK, item by item."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.aws.conditional_write import MOST_COMPARED, MOST_SILENT, condition
from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.table_faults import classify
from cutover.tables.ports import Change, FaultReason, TableFault, WriteOutcome
from cutover.tables.tuning import TUNING
from tests.aws.test_table_faults import LOST, MODEL, QUICK, UNREACHABLE, Meter, items, refusal
from tests.fakes.tables import key

TAKEN = refusal("ConditionalCheckFailedException")


class Client:
    """Answers each put by the next of `replies`, an error or None; then all are done."""

    def __init__(self, *replies: Exception | None) -> None:
        self.replies = list(replies)
        self.puts: list[str] = []

    def put_item(self, Item: Any, ConditionExpression: str, **request: Any) -> Any:  # noqa: N803 - the SDK's names
        assert (ConditionExpression, request["ExpressionAttributeNames"]) == (
            "attribute_not_exists(#k)",
            {"#k": "k"},
        )
        self.puts.append(Item["k"]["S"])
        reply = self.replies.pop(0) if self.replies else None
        if reply is not None:
            raise reply
        return {"ConsumedCapacity": {"TableName": "t", "CapacityUnits": 2.0}}


def put(client: Client, count: int = 1, **options: Any) -> WriteOutcome:
    options = {"sleep": lambda _: None, "rng": lambda: 1.0, "tuning": QUICK, **options}
    changes = [Change({"k": one["k"]}, None, one) for one in items(count)]
    return DynamoTable(client, "t", ("k",), **options).write_seen(changes)


def test_a_place_that_is_taken_is_told_and_not_tried_again() -> None:
    client = Client(TAKEN)
    assert put(client, 2).overtaken == (key("00"),)
    assert client.puts == ["00", "01"]


def test_a_lost_reply_is_never_sent_again_here() -> None:
    client = Client(LOST)
    assert put(client, 2).ambiguous == (key("00"),)
    assert client.puts == ["00", "01"]


def test_what_is_throttled_is_tried_again_and_then_said_to_be_unwritten() -> None:
    throttled = refusal("ThrottlingException")
    assert put(Client(throttled, throttled)) == WriteOutcome()
    assert put(Client(*[throttled] * 9)).unprocessed == (key("00"),)


def test_items_of_a_throttled_table_share_one_budget() -> None:
    client = Client(*[refusal("ThrottlingException")] * 99)
    assert len(put(client, 5).unprocessed) == 5
    assert len(client.puts) == QUICK.throttle_attempts + 4


def test_an_item_that_is_refused_is_told_with_its_reason() -> None:
    ((where, reason, _),) = put(Client(refusal("ValidationException"))).rejected
    assert (where, reason) == (key("00"), FaultReason.VALIDATION)


def test_a_table_fault_says_which_earlier_changes_may_still_land() -> None:
    with pytest.raises(TableFault, match="AccessDenied") as fault:
        put(Client(LOST, refusal("AccessDeniedException")), 2)
    assert fault.value.ambiguous == (key("00"),)


def test_a_silent_table_uses_up_no_more_than_the_deadline_s_margin() -> None:
    client = Client(*[LOST] * 99)
    outcome = put(client, TUNING.slice_keys)
    assert (len(outcome.ambiguous), len(outcome.unprocessed)) == (4, 96)
    assert (MOST_SILENT + 2) * TUNING.read_timeout <= TUNING.deadline_margin


def test_a_table_that_cannot_be_reached_is_at_fault_before_long() -> None:
    client = Client(*[UNREACHABLE] * 99)
    with pytest.raises(TableFault):
        put(client, TUNING.slice_keys, tuning=TUNING)
    assert len(client.puts) == 2


def test_what_a_change_used_is_taken_from_the_pace() -> None:
    meter = Meter()
    put(Client(), 2, pace_write=meter)
    assert meter.units == [2.0, 2.0]


def test_no_error_of_a_put_that_the_sdk_s_model_knows_is_unplaced() -> None:
    known = {shape.error_code for shape in MODEL.operation_model("PutItem").error_shapes}
    assert "ConditionalCheckFailedException" in known
    kinds = {code: classify(refusal(code)).value for code in known - {"ConditionalCheckFailedException"}}
    assert kinds == {
        "InternalServerError": "ambiguous",
        "ItemCollectionSizeLimitExceededException": "item",
        "ProvisionedThroughputExceededException": "throttle",
        "ReplicatedWriteConflictException": "throttle",
        "RequestLimitExceeded": "throttle",
        "ResourceNotFoundException": "table",
        "ThrottlingException": "throttle",
        "TransactionConflictException": "throttle",
    }


def test_the_smallest_attributes_are_compared_first_and_the_key_is_not() -> None:
    seen = {**key("a"), "large": {"S": "x" * 20_000}, "b": {"S": "22"}, "a": {"S": "1"}}
    assert condition(seen, ["k"]) == {
        "ConditionExpression": "attribute_exists(#k) AND #0 = :0 AND #1 = :1",
        "ExpressionAttributeNames": {"#k": "k", "#0": "a", "#1": "b"},
        "ExpressionAttributeValues": {":0": {"S": "1"}, ":1": {"S": "22"}},
    }


def test_a_condition_has_room_in_an_expression() -> None:
    seen = {**key("a"), **{f"attribute{n}": {"N": str(n)} for n in range(999)}}
    made = condition(seen, ["k"])
    assert len(made["ExpressionAttributeValues"]) == MOST_COMPARED
    assert len(made["ConditionExpression"]) < 4096
