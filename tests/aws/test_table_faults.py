"""What each error of DynamoDB and of the SDK says about a write, and what a batch of writes makes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore import exceptions as sdk
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from cutover.aws.batch_write import WRITE_BATCH
from cutover.aws.dynamo_table import DynamoTable
from cutover.aws.lanes import HELPERS
from cutover.aws.table_faults import Kind, classify, item_reason
from cutover.tables.ports import FaultReason, Item, TableFault
from cutover.tables.tuning import TUNING, Tuning
from tests.fakes.tables import item, key

QUICK = Tuning(throttle_attempts=3)
MODEL = boto3.client("dynamodb", region_name="eu-west-1").meta.service_model


def refusal(code: str, status: int = 400, message: str = "") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "BatchWriteItem",
    )


LOST = sdk.ReadTimeoutError(endpoint_url="https://x")
UNREACHABLE = sdk.ConnectTimeoutError(endpoint_url="https://x")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refusal("ValidationException"), Kind.ITEM),
        (refusal("ItemCollectionSizeLimitExceededException"), Kind.ITEM),
        (refusal("Unknown", 413), Kind.ITEM),
        (refusal("ProvisionedThroughputExceededException"), Kind.THROTTLE),
        (refusal("ThrottlingException"), Kind.THROTTLE),
        (refusal("RequestLimitExceeded"), Kind.THROTTLE),
        (refusal("ReplicatedWriteConflictException"), Kind.THROTTLE),
        (refusal("InternalServerError", 500), Kind.AMBIGUOUS),
        (refusal("ServiceUnavailable", 503), Kind.AMBIGUOUS),
        (LOST, Kind.AMBIGUOUS),
        (sdk.ConnectionClosedError(endpoint_url="https://x"), Kind.AMBIGUOUS),
        (sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2), Kind.AMBIGUOUS),
        (ResponseParserError("garbage"), Kind.AMBIGUOUS),
        (UNREACHABLE, Kind.UNREACHABLE),
        (sdk.EndpointConnectionError(endpoint_url="https://x", error=OSError()), Kind.UNREACHABLE),
        (refusal("ResourceNotFoundException"), Kind.TABLE),
        (refusal("AccessDeniedException"), Kind.TABLE),
        (refusal("ExpiredTokenException"), Kind.TABLE),
        (refusal("UnrecognizedClientException"), Kind.TABLE),
        (refusal("SomethingNew"), Kind.TABLE),
        (sdk.NoCredentialsError(), Kind.TABLE),
    ],
    ids=str,
)
def test_every_error_has_one_kind(error: Exception, kind: Kind) -> None:
    assert classify(error) is kind


def test_no_error_of_a_batch_write_that_the_sdk_s_model_knows_is_unplaced() -> None:
    """Each named error of the call is one that this project has decided on."""
    decided = {
        "InternalServerError": Kind.AMBIGUOUS,
        "ItemCollectionSizeLimitExceededException": Kind.ITEM,
        "ProvisionedThroughputExceededException": Kind.THROTTLE,
        "ReplicatedWriteConflictException": Kind.THROTTLE,
        "RequestLimitExceeded": Kind.THROTTLE,
        "ResourceNotFoundException": Kind.TABLE,
        "ThrottlingException": Kind.THROTTLE,
    }
    for shape in MODEL.operation_model("BatchWriteItem").error_shapes:
        assert classify(refusal(shape.error_code)) is decided[shape.error_code]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            refusal("ValidationException", message="Item size has exceeded the maximum allowed size"),
            "too_large",
        ),
        (refusal("ValidationException", message="One or more parameter values were invalid"), "validation"),
        (refusal("ItemCollectionSizeLimitExceededException"), "too_large"),
        (refusal("Unknown", 413), "too_large"),
    ],
)
def test_an_item_is_too_large_or_invalid(error: ClientError, reason: str) -> None:
    assert item_reason(error) is FaultReason(reason)


class Client:
    """Answers each call by the next of `replies`: an error, or how many requests are left unprocessed."""

    def __init__(self, *replies: Any, bad: str = "") -> None:
        self.replies = list(replies)
        self.bad = bad
        self.units_each = 1.0
        self.batches: list[int] = []
        self.written: list[str] = []

    def batch_write_item(self, RequestItems: Any, **_: Any) -> Any:  # noqa: N803 - the SDK's name
        ((table, requests),) = RequestItems.items()
        self.batches.append(len(requests))
        names = [request["PutRequest"]["Item"]["k"]["S"] for request in requests]
        if self.bad in names:
            raise refusal("ValidationException")
        reply = self.replies.pop(0) if self.replies else 0
        if isinstance(reply, Exception):
            raise reply
        self.written += names[: len(names) - reply]
        left = requests[len(requests) - reply :]
        return {
            "UnprocessedItems": {table: left} if left else {},
            "ConsumedCapacity": [{"TableName": table, "CapacityUnits": float(len(requests) - reply)}],
        }

    def batch_get_item(self, RequestItems: Any, **_: Any) -> Any:  # noqa: N803 - the SDK's name
        ((table, body),) = RequestItems.items()
        self.batches.append(len(body["Keys"]))
        assert body["ConsistentRead"] is True
        reply = self.replies.pop(0) if self.replies else 0
        if isinstance(reply, Exception):
            raise reply
        done = body["Keys"][: len(body["Keys"]) - reply]
        left = body["Keys"][len(body["Keys"]) - reply :]
        return {
            "Responses": {table: [item(one["k"]["S"], "v") for one in done]},
            "UnprocessedKeys": {table: {"Keys": left}} if left else {},
            "ConsumedCapacity": [{"TableName": table, "CapacityUnits": len(done) * self.units_each}],
        }


class Meter:
    def __init__(self) -> None:
        self.units: list[float] = []
        self.refusals = 0

    def take(self, units: float) -> None:
        self.units.append(units)

    def throttled(self) -> None:
        self.refusals += 1


def table(client: Client, naps: list[float] | None = None, **options: Any) -> DynamoTable:
    sleep: Callable[[float], None] = (naps if naps is not None else []).append
    return DynamoTable(client, "t", ("k",), sleep=sleep, rng=lambda: 1.0, tuning=QUICK, **options)


def items(count: int) -> list[Item]:
    return [item(f"{n:02}", "v") for n in range(count)]


def test_what_is_left_unprocessed_is_sent_again_after_a_pause() -> None:
    client, naps = Client(20, 10, 0), list[float]()
    assert table(client, naps).write(items(25), []).unprocessed == ()
    assert (client.batches, len(naps)) == ([25, 20, 10], 2)
    assert sorted(client.written) == [f"{n:02}" for n in range(25)]


def test_pauses_grow_only_while_nothing_is_done() -> None:
    naps = list[float]()
    table(Client(25, 20, 20, 0), naps).write(items(25), [])
    assert naps == [0.1, 0.1, 0.2]


def test_what_stays_throttled_is_said_to_be_unwritten() -> None:
    outcome = table(Client(*[2] * 9)).write(items(2), [])
    assert outcome.unprocessed == (key("00"), key("01"))


def test_a_whole_call_that_stays_throttled_is_said_to_be_unwritten() -> None:
    client = Client(*[refusal("ThrottlingException")] * 9)
    assert len(table(client).write(items(2), []).unprocessed) == 2
    assert len(client.batches) == QUICK.throttle_attempts


@pytest.mark.parametrize("error", [LOST, refusal("InternalServerError", 500)], ids=str)
def test_a_lost_reply_is_never_sent_again_here(error: Exception) -> None:
    client = Client(error)
    assert len(table(client).write(items(3), []).ambiguous) == 3
    assert client.batches == [3]


def test_a_request_that_was_never_sent_is_tried_again_and_is_not_ambiguous() -> None:
    assert table(Client(UNREACHABLE)).write(items(1), []).ambiguous == ()
    with pytest.raises(TableFault, match="ConnectTimeoutError"):
        table(Client(*[UNREACHABLE] * 9)).write(items(1), [])


def test_a_denied_call_is_a_table_fault_at_once() -> None:
    client = Client(refusal("AccessDeniedException"))
    with pytest.raises(TableFault, match="AccessDeniedException"):
        table(client).write(items(1), [])
    assert client.batches == [1]


class Meeting:
    """Answers the batch that holds item 00 by `first` and the other by `second`, once both are under way."""

    def __init__(self, first: Exception, second: Exception) -> None:
        self.answers = first, second
        self.both = threading.Barrier(2, timeout=10)

    def batch_write_item(self, RequestItems: Any, **_: Any) -> Any:  # noqa: N803 - the SDK's name
        self.both.wait()
        raise self.answers[0 if len(RequestItems["t"]) == WRITE_BATCH else 1]


@pytest.mark.parametrize("order", [1, -1])
def test_a_table_fault_says_which_other_writes_of_the_call_may_still_land(order: int) -> None:
    answers = [LOST, refusal("ExpiredTokenException")][::order]
    with pytest.raises(TableFault) as fault:
        table(Meeting(*answers)).write(items(30), [])  # type: ignore[arg-type]
    assert len(fault.value.ambiguous) == (25 if order == 1 else 5)


def test_each_batch_of_a_call_has_its_own_end() -> None:
    """One is throttled for good, one loses its reply, one holds a bad item, one is written."""

    class Four:
        def batch_write_item(self, RequestItems: Any, **_: Any) -> Any:  # noqa: N803 - the SDK's name
            names = [request["PutRequest"]["Item"]["k"]["S"] for request in RequestItems["t"]]
            if "00" in names:
                raise refusal("ThrottlingException")
            if "25" in names:
                raise LOST
            if "60" in names:
                raise refusal("ValidationException")
            return {}

    outcome = table(Four()).write(items(100), [])  # type: ignore[arg-type]
    assert outcome.unprocessed == tuple(key(f"{n:02}") for n in range(25))
    assert outcome.ambiguous == tuple(key(f"{n:02}") for n in range(25, 50))
    assert [where for where, _, _ in outcome.rejected] == [key("60")]


def test_several_batches_of_a_slice_are_under_way_at_once() -> None:
    at_once = threading.Barrier(1 + HELPERS, timeout=10)

    class Waiting:
        def batch_write_item(self, **_: Any) -> Any:
            at_once.wait()
            return {}

    assert table(Waiting()).write(items(TUNING.slice_keys), []).ambiguous == ()  # type: ignore[arg-type]


def test_one_bad_item_is_found_by_halves_and_the_others_are_written() -> None:
    client = Client(bad="07")
    outcome = table(client).write(items(25), [])
    assert [where for where, _, _ in outcome.rejected] == [key("07")]
    assert sorted(set(client.written)) == [f"{n:02}" for n in range(25) if n != 7]
    assert len(client.batches) <= 11


def test_reads_are_drained_and_tried_again() -> None:
    client = Client(60, LOST, 0)
    assert len(table(client).get([key(f"{n:02}") for n in range(100)])) == 100
    assert client.batches == [100, 60, 60]


@pytest.mark.parametrize("replies", [[1] * 9, [refusal("ThrottlingException")] * 9, [LOST] * 9])
def test_a_read_past_its_budget_is_a_table_fault(replies: list[Any]) -> None:
    with pytest.raises(TableFault):
        table(Client(*replies)).get([key("a")])


@pytest.mark.parametrize("call", ["get", "write"])
def test_silence_uses_up_the_budget_before_the_deadline_s_margin(call: str) -> None:
    client = Client(*[UNREACHABLE] * 99)
    silent = DynamoTable(client, "t", ("k",), sleep=lambda _: None, rng=lambda: 1.0)
    with pytest.raises(TableFault):
        silent.get([key("a")]) if call == "get" else silent.write(items(1), [])
    assert len(client.batches) == 2


def test_a_round_that_meets_silence_ends_within_the_deadline_s_margin() -> None:
    writes = -(-TUNING.slice_keys // WRITE_BATCH)
    assert (writes + 2) * TUNING.read_timeout <= TUNING.deadline_margin


def test_a_key_named_twice_is_asked_for_once() -> None:
    client = Client()
    table(client).get([key("a"), key("a")])
    assert client.batches == [1]


def test_what_a_write_used_is_taken_from_the_pace() -> None:
    meter = Meter()
    table(Client(5, 0), pace_write=meter).write(items(25), [])
    assert meter.units == [20.0, 5.0]


@pytest.mark.parametrize(
    "reply",
    [5, refusal("ThrottlingException"), refusal("ProvisionedThroughputExceededException")],
    ids=["a part", "on-demand", "provisioned"],
)
@pytest.mark.parametrize("call", ["get", "write"])
def test_what_a_table_throttles_reaches_its_pace(call: str, reply: Any) -> None:
    meter = Meter()
    if call == "get":
        table(Client(reply, 0), pace_read=meter).get([key(f"{n:02}") for n in range(25)])
    else:
        table(Client(reply, 0), pace_write=meter).write(items(25), [])
    assert meter.refusals == 1


def test_what_throttles_a_scan_reaches_the_pace() -> None:
    class Scanned(Client):
        def scan(self, **_: Any) -> Any:
            raise refusal("ThrottlingException")

    meter = Meter()
    with pytest.raises(TableFault):
        next(table(Scanned(), pace_read=meter).scan(0, 1))
    assert meter.refusals == QUICK.throttle_attempts


@pytest.mark.parametrize("error", [refusal("ReplicatedWriteConflictException"), UNREACHABLE], ids=str)
def test_what_is_no_want_of_capacity_slows_no_pace(error: Exception) -> None:
    meter = Meter()
    table(Client(error), pace_write=meter).write(items(1), [])
    assert meter.refusals == 0


def test_reads_that_end_for_their_size_slow_no_pace() -> None:
    client, meter = Client(50, 0), Meter()
    client.units_each = 20.0
    table(client, pace_read=meter).get([key(f"{n:02}") for n in range(100)])
    assert meter.refusals == 0
