"""Changes by way of Kinesis: what is read out of a record, and that order and repetition do not matter."""

from __future__ import annotations

import base64
import json
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.tables.items import MalformedItem, key_id
from cutover.tables.lost import read_lost
from cutover.tables.stream import failures, read_change
from tests.fakes.tables import item, key
from tests.handlers.table_world import event
from tests.tables.test_mirror import PAIR, Bench

ARN = "arn:aws:kinesis:eu-west-1:1:stream/changes"


def wrapped(number: int, change: Any) -> dict[str, Any]:
    """A record as Lambda delivers it, of a Kinesis stream that holds `change`."""
    data = change if isinstance(change, str) else base64.b64encode(json.dumps(change).encode()).decode()
    return {
        "kinesis": {"sequenceNumber": f"49{number:054}", "data": data},
        "eventSource": "aws:kinesis",
        "eventSourceARN": ARN,
    }


def change(name: str, value: str | None, table: str = "old", **body: Any) -> dict[str, Any]:
    image = {} if value is None else {"NewImage": item(name, value)}
    return {
        "eventName": "REMOVE" if value is None else "MODIFY",
        "tableName": table,
        "dynamodb": {"Keys": key(name), **image, **body},
    }


def test_the_table_is_in_the_account_region_and_partition_of_its_kinesis_stream() -> None:
    record = wrapped(1, change("a", "1"))
    record["eventSourceARN"] = "arn:aws-cn:kinesis:cn-north-1:1:stream/changes"
    read = read_change(0, record)
    assert read.table_arn == "arn:aws-cn:dynamodb:cn-north-1:1:table/old"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"ApproximateCreationDateTime": 1649930048474}, 1649930048.474),
        (
            {
                "ApproximateCreationDateTime": 1649930048474123,
                "ApproximateCreationDateTimePrecision": "MICROSECOND",
            },
            1649930048.474123,
        ),
        (
            {
                "ApproximateCreationDateTime": 1649930048474,
                "ApproximateCreationDateTimePrecision": "MILLISECOND",
            },
            1649930048.474,
        ),
        ({}, None),
        ({"ApproximateCreationDateTime": float("nan")}, None),
    ],
    ids=["unsaid", "microseconds", "milliseconds", "no time", "no number"],
)
def test_the_time_is_read_in_seconds_whatever_its_precision(
    said: dict[str, Any], seconds: float | None
) -> None:
    assert read_change(0, wrapped(1, change("a", "1", **said))).created_at == seconds


def test_a_recorded_event_is_read_as_aws_sends_it() -> None:
    (record,) = event("mirror_kinesis_insert")["Records"]
    read = read_change(0, record)
    assert read.table_arn == "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
    assert read.sequence == record["kinesis"]["sequenceNumber"]
    assert (read.key, read.created_at) == ({"order": {"S": "o-1"}}, 1795423221.474)


@pytest.mark.parametrize(
    "data",
    [
        "not base64!",
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        [],
        {},
        {"tableName": "old"},
        {"tableName": "old", "dynamodb": {}},
        {"dynamodb": {"Keys": key("a")}},
        {"tableName": "old", "dynamodb": {"Keys": {"id": "a"}}},
        change("a", "1", ApproximateCreationDateTime=1, ApproximateCreationDateTimePrecision="FORTNIGHT"),
        change("a", "1", ApproximateCreationDateTime="soon"),
    ],
    ids=lambda data: str(data)[:40],
)
def test_what_no_table_wrote_is_malformed_and_the_text_tells_no_value(data: Any) -> None:
    with pytest.raises(MalformedItem) as caught:
        read_change(0, wrapped(1, data))
    assert "FORTNIGHT" not in "".join(traceback.format_exception(caught.value, limit=0))


@pytest.mark.parametrize("without", ["kinesis", "eventSourceARN"])
def test_a_record_without_its_envelope_is_malformed(without: str) -> None:
    record = wrapped(1, change("a", "1"))
    del record[without]
    with pytest.raises(MalformedItem):
        read_change(0, record)


def test_lambda_is_told_the_number_of_the_kinesis_stream_and_not_one_of_the_table() -> None:
    records = [wrapped(n, change("a", "1", SequenceNumber=str(9 - n))) for n in range(3)]
    assert failures(records, {2, 1}) == [{"itemIdentifier": records[1]["kinesis"]["sequenceNumber"]}]


VALUES = (None, "1", "2", "3")


@settings(deadline=None)
@given(
    history=st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(VALUES)), min_size=1, max_size=6),
    data=st.data(),
)
def test_changes_repeated_in_any_order_and_batches_leave_the_source_s_state(
    history: list[tuple[str, str | None]], data: st.DataObject
) -> None:
    """Each change comes once at least. The last image of a batch may be one that is long overwritten."""
    bench = Bench()
    for name, value in history:
        if value is None:
            bench.source.delete(key(name))
        else:
            bench.source.put(item(name, value))
    again = data.draw(st.lists(st.sampled_from(history), max_size=3))
    arrived = data.draw(st.permutations([*history, *again]))
    size = data.draw(st.integers(1, len(arrived)))
    for start in range(0, len(arrived), size):
        bench.run(*(wrapped(n, change(*one)) for n, one in enumerate(arrived[start : start + size])))
    assert bench.target.items == bench.source.items


def test_what_somebody_made_up_is_never_written_not_for_a_moment() -> None:
    """Whoever may put records into the Kinesis stream can make us look at a key, and no more."""
    bench = Bench()
    bench.source.put(item("a", "true"))
    bench.run(wrapped(1, change("a", "forged")), wrapped(2, change("b", "forged")))
    assert bench.target.items == bench.source.items
    assert bench.target.writes == [[key_id(key("a"))]]


def test_an_old_image_does_not_bring_the_old_item_back_for_a_moment() -> None:
    bench = Bench()
    for table in (bench.source, bench.target):
        table.put(item("a", "new"))
    bench.run(wrapped(1, change("a", "old")))
    assert bench.target.writes == []


def given_up(*records: dict[str, Any]) -> bytes:
    """What Lambda puts into the failure bucket:
    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html"""
    return json.dumps(
        {
            "requestContext": {"condition": "RecordAgeExpired", "approximateInvokeCount": 400},
            "version": "1.0",
            "timestamp": "2026-11-26T20:00:00.000Z",
            "KinesisBatchInfo": {
                "shardId": "shardId-000000000003",
                "startSequenceNumber": "49628566489653659107048838082246518393102916603510521906",
                "approximateArrivalOfFirstRecord": "2026-11-25T22:00:00.000Z",
                "batchSize": len(records),
                "streamArn": ARN,
            },
            "payload": json.dumps({"Records": records}),
        }
    ).encode()


def test_a_batch_that_was_given_up_is_owed_by_its_keys() -> None:
    lost = read_lost(given_up(wrapped(1, change("a", "1")), wrapped(2, change("b", None))), (PAIR,))
    assert lost.keys == {PAIR.id: (key("a"), key("b"))}
    assert (lost.suspects, lost.strangers) == (frozenset(), 0)
    assert lost.since == datetime(2026, 11, 25, 22, tzinfo=UTC).timestamp()


def test_a_record_of_it_that_nobody_can_read_makes_suspects_of_the_pairs() -> None:
    lost = read_lost(given_up(wrapped(1, "not base64!"), wrapped(2, change("a", "1"))), (PAIR,))
    assert lost.suspects == {PAIR.id}
    assert lost.total == 1
