"""Which Kinesis streams a source table feeds, and that backfill and status find the mapping there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from cutover.aws.kinesis_destinations import kinesis_streams
from cutover.aws.lag_reader import LagReader
from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.session import Aws
from cutover.aws.status_tables import TablesReader
from cutover.aws.table_facts import mirror_problem
from cutover.aws.table_pairs import Roles
from cutover.aws.unread import Unread
from cutover.control.deployment import Deployment
from cutover.rehearsal.local import Local
from cutover.tables.pairs import TablePair, TableRef

pytestmark = pytest.mark.local_stack

OUTPUTS = ("RetryQueueUrl", "RetryDeadLetterQueueUrl", "FailureBucket")


class Place:
    """A table that sends its changes to a Kinesis stream, and a function that reads it."""

    def __init__(self, local: Local, name: str) -> None:
        self.local, self.name = local, name
        self.aws = Aws(region="us-east-1", endpoint_url=local.url)
        self.dynamodb, self.functions = local.client("dynamodb"), local.client("lambda")
        self.dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        kinesis = local.client("kinesis")
        kinesis.create_stream(StreamName=name, ShardCount=1)
        self.arn = str(
            kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        )
        self.functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/mirror",
            Handler="x.y",
            Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        )

    def send(self) -> None:
        self.dynamodb.enable_kinesis_streaming_destination(TableName=self.name, StreamArn=self.arn)

    def map(self, **more: Any) -> None:
        values = {"StartingPosition": "TRIM_HORIZON", "Enabled": True, **more}
        self.functions.create_event_source_mapping(FunctionName=self.name, EventSourceArn=self.arn, **values)

    def deployment(self, streams: str | None = None) -> Deployment:
        outputs = {"MirrorTableFunction": self.name, **dict.fromkeys(OUTPUTS, "nowhere")}
        return Deployment("s", {"SourceKinesisArns": streams or self.arn}, outputs)

    def streams(self, **deployed: str) -> tuple[str, ...]:
        return kinesis_streams(TableRef(self.name), self.deployment(**deployed), self.aws, Roles())


@pytest.fixture
def place(running_stack: Local, unique: Callable[[str], str]) -> Iterator[Place]:
    made = Place(running_stack, unique("fed"))
    yield made
    made.dynamodb.delete_table(TableName=made.name)


def test_a_table_that_sends_its_changes_says_where(place: Place) -> None:
    place.send()
    assert place.streams() == (place.arn,)


def test_a_table_that_sends_nothing_has_no_stream(place: Place) -> None:
    assert place.streams() == ()


def test_a_destination_that_was_switched_off_is_none(place: Place) -> None:
    place.send()
    place.dynamodb.disable_kinesis_streaming_destination(TableName=place.name, StreamArn=place.arn)
    assert place.streams() == ()


def test_a_deployment_without_kinesis_asks_nothing() -> None:
    nowhere = Aws(region="us-east-1", endpoint_url="http://127.0.0.1:1")
    for parameters in ({}, {"SourceKinesisArns": "none"}, {"SourceKinesisArns": ""}):
        assert kinesis_streams(TableRef("t"), Deployment("s", parameters), nowhere, Roles()) == ()


def test_a_mapping_of_the_kinesis_stream_is_a_mirror(place: Place) -> None:
    place.map()
    assert mirror_problem(place.aws, place.name, None, (place.arn,)) == ""
    assert mirror_problem(place.aws, place.name, None) == "the source table has no stream"


def test_a_mapping_that_began_with_the_latest_record_is_none(place: Place) -> None:
    place.map(StartingPosition="LATEST")
    assert "started at LATEST" in mirror_problem(place.aws, place.name, None, (place.arn,))


def test_a_stream_without_a_mapping_is_named(place: Place) -> None:
    assert place.arn in mirror_problem(place.aws, place.name, None, (place.arn,))


def test_status_finds_the_pair_s_mapping_behind_its_kinesis_stream(place: Place) -> None:
    place.send()
    place.map()
    pair = TablePair(TableRef(place.name), TableRef("new"))
    reader = TablesReader(place.aws, LedgerReader(place.dynamodb, place.name), Unread(), 1)
    assert reader.read((pair,), place.deployment()).pairs[0].mapping == "Enabled"


def test_status_takes_no_other_stream_s_mapping_for_it(place: Place) -> None:
    place.map()  # of a stream to which the table sends nothing
    pair = TablePair(TableRef(place.name), TableRef("new"))
    reader = TablesReader(place.aws, LedgerReader(place.dynamodb, place.name), Unread(), 1)
    assert reader.read((pair,), place.deployment()).pairs[0].mapping is None


def test_the_countdown_goes_by_what_the_kinesis_stream_keeps(place: Place) -> None:
    place.send()
    place.map(MaximumRecordAgeInSeconds=7200)
    place.local.client("kinesis").increase_stream_retention_period(
        StreamName=place.name, RetentionPeriodHours=72
    )
    queue = place.local.client("sqs").create_queue(QueueName=place.name)["QueueUrl"]
    found = place.deployment()
    outputs = {**found.outputs, **dict.fromkeys(OUTPUTS[:2], queue), "LedgerTable": place.name}
    pair = TablePair(TableRef(place.name), TableRef("new"))
    facts = LagReader(place.aws, replace(found, outputs=outputs), (pair,)).look()
    looked = facts.pairs[pair.id]
    assert (looked.keeps, looked.gives_up, looked.mapping) == (72 * 3600.0, 7200.0, "Enabled")
