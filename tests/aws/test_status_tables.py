"""The tables' half of a status: each part is found where AWS keeps it, and a refused part is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.aws.status_tables import TablesReader, mapping_of
from cutover.aws.unread import Unread
from cutover.control.status_facts import OwedFacts, PaceFacts
from cutover.tables.backfill_rows import segment_pk, segment_sk
from cutover.tables.owed import Owed, owed_name
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.ports import Key
from tests.aws.cloud import AWS, PAIR, Cloud

AT = int(datetime.now(UTC).timestamp())


@pytest.fixture
def tables(cloud: Cloud, unread: Unread) -> TablesReader:
    return TablesReader(AWS, LedgerReader(cloud.dynamodb, "ledger"), unread, AT)


def test_the_mapping_of_the_alias_is_found(cloud: Cloud, tables: TablesReader) -> None:
    cloud.mirror()
    assert tables.read((PAIR,), cloud.deployment).pairs[0].mapping == "Enabled"


def test_a_pair_without_a_mapping_has_none(cloud: Cloud, tables: TablesReader) -> None:
    cloud.mirror()
    other = TablePair(TableRef("customers"), TableRef("customers-new"))
    assert tables.read((other,), cloud.deployment).pairs[0].mapping is None


def test_a_pair_named_by_arn_wants_the_stream_of_that_very_table() -> None:
    arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
    elsewhere = {"EventSourceArn": arn.replace("1111", "2222") + "/stream/2026", "State": "Enabled"}
    pair = TablePair(TableRef(arn), TableRef("orders-new"))
    assert mapping_of(pair, [elsewhere]) == {}
    assert mapping_of(pair, [{"EventSourceArn": arn + "/stream/2026", "State": "Enabled"}])


def test_a_table_whose_name_ends_alike_is_another() -> None:
    mapping = {"EventSourceArn": "arn:aws:dynamodb:eu-west-1:1:table/old-orders/stream/2026"}
    assert mapping_of(PAIR, [mapping]) == {}


def test_the_iterators_age_is_the_greatest_of_the_last_minutes(cloud: Cloud, tables: TablesReader) -> None:
    for age in (400.0, 2500.0):
        cloud.cloudwatch.put_metric_data(
            Namespace="AWS/Lambda",
            MetricData=[
                {
                    "MetricName": "IteratorAge",
                    "Dimensions": [{"Name": "FunctionName", "Value": "mirror"}],
                    "Timestamp": AT - 90,
                    "Value": age,
                    "Unit": "Milliseconds",
                }
            ],
        )
    assert tables.read((PAIR,), cloud.deployment).iterator_age == 2.5


def test_without_a_datapoint_the_iterators_age_is_unknown(cloud: Cloud, tables: TablesReader) -> None:
    assert tables.read((PAIR,), cloud.deployment).iterator_age is None


def test_the_age_of_a_parked_key_is_the_queues_metric(cloud: Cloud, tables: TablesReader) -> None:
    cloud.sqs.send_message(QueueUrl=cloud.queues["RetryQueueUrl"], MessageBody="{}")
    cloud.cloudwatch.put_metric_data(
        Namespace="AWS/SQS",
        MetricData=[
            {
                "MetricName": "ApproximateAgeOfOldestMessage",
                "Dimensions": [{"Name": "QueueName", "Value": "RetryQueueUrl"}],
                "Timestamp": AT - 90,
                "Value": 77.0,
            }
        ],
    )
    parked = tables.read((PAIR,), cloud.deployment).parked
    assert parked is not None
    assert (parked.waiting, parked.oldest_age) == (1, 77.0)


@pytest.mark.parametrize("holds", [False, True])
def test_the_failure_bucket_is_looked_into(cloud: Cloud, tables: TablesReader, holds: bool) -> None:
    if holds:
        cloud.s3.put_object(Bucket="failures", Key="aws/lambda/x", Body=b"{}")
    assert tables.read((PAIR,), cloud.deployment).failures is holds


def test_the_newest_backfill_is_read_with_its_segments(cloud: Cloud, tables: TablesReader) -> None:
    pk = f"backfill#{PAIR.id}"
    cloud.row(pk=pk, sk="run#a", segments=9, started_at=50, state="done", listed="backfill", listed_at=50)
    cloud.row(pk=pk, sk="run#b", segments=2, started_at=60, state="running", listed="backfill", listed_at=60)
    for segment, row in enumerate(({"done": True, "items": 30}, {"done": False, "items": 12})):
        cloud.row(pk=segment_pk(PAIR.id, segment), sk=segment_sk("b", segment), **row)
    backfill = tables.read((PAIR,), cloud.deployment).pairs[0].backfill
    assert backfill is not None
    assert (backfill.run_id, backfill.state, backfill.segments, backfill.segments_done, backfill.items) == (
        "b",
        "running",
        2,
        1,
        42,
    )


def test_a_backfill_that_is_to_wait_says_why(cloud: Cloud, tables: TablesReader) -> None:
    cloud.row(pk=f"backfill#{PAIR.id}", sk="run#a", segments=9, started_at=50, state="running")
    cloud.row(pk=f"pair#{PAIR.id}", sk="backfill_pace", paused=True, reason="until the night")
    backfill = tables.read((PAIR,), cloud.deployment).pairs[0].backfill
    assert backfill is not None
    assert backfill.paused == "until the night"


def test_a_backfill_on_aws_says_what_holds_it_and_why_it_failed(cloud: Cloud, tables: TablesReader) -> None:
    run = {"segments": 9, "started_at": 50, "state": "running", "execution": "arn:aws:states:x"}
    cloud.row(pk=f"backfill#{PAIR.id}", sk="run#a", **run, why="held to 5 units/s", error="denied")
    backfill = tables.read((PAIR,), cloud.deployment).pairs[0].backfill
    assert backfill is not None
    assert (backfill.on_aws, backfill.waits, backfill.error) == (True, "held to 5 units/s", "denied")


def test_the_last_verify_is_read(cloud: Cloud, tables: TablesReader) -> None:
    cloud.row(
        pk=f"verify#{PAIR.id}",
        sk="last",
        finished_at=90,
        compared=5,
        missing=1,
        different=2,
        extra=3,
        mode="full",
    )
    verify = tables.read((PAIR,), cloud.deployment).pairs[0].verify
    assert verify is not None
    assert (verify.missing, verify.different, verify.extra, verify.differences) == (1, 2, 3, 6)


def test_a_pause_is_read_with_its_reason(cloud: Cloud, tables: TablesReader) -> None:
    cloud.row(pk=f"pair#{PAIR.id}", sk="pace", paused=True, reason="the target is too small")
    assert tables.read((PAIR,), cloud.deployment).pairs[0].paused == "the target is too small"


def test_a_bucket_that_is_gone_is_named_and_the_rest_is_there(
    cloud: Cloud, tables: TablesReader, unread: Unread
) -> None:
    gone = replace(cloud.deployment, outputs={**cloud.deployment.outputs, "FailureBucket": "nobody"})
    facts = tables.read((PAIR,), gone)
    assert facts.failures is None
    assert facts.parked is not None
    assert any(note.startswith("the failure bucket: ") for note in unread.notes)


def test_without_a_stack_the_ledger_names_the_pairs_that_were_backfilled(
    cloud: Cloud, tables: TablesReader
) -> None:
    cloud.row(pk=f"backfill#{PAIR.id}", sk="run#b", segments=2, state="done", listed="backfill", listed_at=60)
    facts = tables.read_ledger()
    assert facts is not None
    assert [pair.pair for pair in facts.pairs] == [PAIR.id]
    assert facts.mirror_known is False


def test_what_is_owed_is_counted_with_the_age_of_the_oldest(cloud: Cloud, tables: TablesReader) -> None:
    key: Key = {"k": {"S": "x"}}
    rows = [
        Owed(
            owed_name(reason, (key,), 0, "1", sub), PAIR.id, "forward", 0, (key,), reason, AT - 90.0, "", sub
        )
        for reason, sub in (("validation", ""), ("unmapped", "someone"))
    ]
    DynamoOwedBook(LedgerTable(cloud.dynamodb, "ledger")).add(rows)
    owed = tables.read((PAIR,), cloud.deployment).pairs[0].owed
    assert owed == OwedFacts({"validation": 1, "unmapped": 1}, 90.0)


def test_a_bucket_whose_batches_were_taken_in_counts_as_empty(cloud: Cloud, tables: TablesReader) -> None:
    bucket = cloud.deployment.output("FailureBucket")
    s3 = AWS.client("s3", attempts=1)
    s3.put_object(Bucket=bucket, Key="taken-in/aws/lambda/1", Body=b"{}")
    assert tables.read((PAIR,), cloud.deployment).failures is False
    s3.put_object(Bucket=bucket, Key="of-no-pair/aws/lambda/1", Body=b"{}")
    assert tables.read((PAIR,), cloud.deployment).failures is True


def test_a_ledger_that_cannot_be_asked_what_is_owed_is_named(
    cloud: Cloud, tables: TablesReader, unread: Unread
) -> None:
    gone = replace(tables, ledger=LedgerReader(cloud.dynamodb, "no-ledger"))
    assert gone.read((PAIR,), cloud.deployment).pairs[0].owed is None
    assert any(note.startswith(f"what {PAIR.id} is owed") for note in unread.notes)


def test_the_limits_of_a_pair_and_whom_they_held_are_read(cloud: Cloud, tables: TablesReader) -> None:
    cloud.row(pk=f"pair#{PAIR.id}", sk="pace", read_units=5)
    why = "held to 5 read units/s by its pace"
    cloud.row(pk=f"pair#{PAIR.id}", sk="workers", why=why, seconds=31, at=1_700_000_000)
    pace = tables.read((PAIR,), cloud.deployment).pairs[0].pace
    assert pace == PaceFacts(5.0, None, 31.0, 1_700_000_000.0, why)


def test_a_pair_without_limits_has_none(cloud: Cloud, tables: TablesReader) -> None:
    assert tables.read((PAIR,), cloud.deployment).pairs[0].pace == PaceFacts()
