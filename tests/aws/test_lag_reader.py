"""One look at the lag: whose metric counts, which time it is, and what the mapping and the ledger add."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from cutover.aws.lag_reader import OURS, LagReader, time_of
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.control.lag import Looked
from cutover.handlers.telemetry import NAMESPACE
from cutover.tables.owed import Owed
from cutover.tables.pairs import TablePair, TableRef
from cutover.tables.parking import Reason
from tests.aws.cloud import AWS, PAIR, Cloud

NOW = int(datetime.now(UTC).timestamp())
MINUTE, HOUR = 60, 3600
OTHER = TablePair(TableRef("customers"), TableRef("customers-new"))


@pytest.fixture
def say(cloud: Cloud) -> Callable[..., None]:
    """Puts a datapoint of the pair's own metric, or of the function's, some time ago."""

    def put(ago: float, value: float, pair: str | None = PAIR.id) -> None:
        own = {"MetricName": "MirrorLagSeconds", "Dimensions": [{"Name": "pair", "Value": pair}]}
        function = {"MetricName": "IteratorAge", "Dimensions": [{"Name": "FunctionName", "Value": "mirror"}]}
        cloud.cloudwatch.put_metric_data(
            Namespace=NAMESPACE if pair else "AWS/Lambda",
            MetricData=[{**(own if pair else function), "Timestamp": NOW - ago, "Value": value}],
        )

    return put


@pytest.fixture
def mirrored(cloud: Cloud) -> Cloud:
    cloud.mirror()
    return cloud


def look(cloud: Cloud, *pairs: TablePair) -> dict[str, Looked]:
    return dict(LagReader(AWS, cloud.deployment, pairs or (PAIR,)).look().pairs)


def ages(looked: Looked) -> list[float]:
    return [one.age for one in looked.readings]


def test_the_metric_is_the_one_that_the_functions_write() -> None:
    assert OURS == NAMESPACE


def test_the_pair_s_own_metric_counts(mirrored: Cloud, say: Callable[..., None]) -> None:
    say(3 * MINUTE, 30.0)
    say(2 * MINUTE, 40.0)
    say(MINUTE, 9.0, OTHER.id)
    say(MINUTE, 99_000.0, None)
    found = look(mirrored)[PAIR.id]
    assert ages(found) == [30.0, 40.0]
    assert not found.shared


def test_where_the_mirror_wrote_none_the_function_s_iterator_says_at_most(
    mirrored: Cloud, say: Callable[..., None]
) -> None:
    say(2 * MINUTE, 90_000.0, None)
    found = look(mirrored, PAIR, OTHER)
    assert ages(found[PAIR.id]) == ages(found[OTHER.id]) == [90.0]
    assert found[PAIR.id].shared


def test_the_only_pair_s_iterator_is_its_own(mirrored: Cloud, say: Callable[..., None]) -> None:
    say(2 * MINUTE, 90_000.0, None)
    assert not look(mirrored)[PAIR.id].shared


def test_after_a_silence_the_last_batch_that_there_was_is_found(
    mirrored: Cloud, say: Callable[..., None]
) -> None:
    say(9 * HOUR, 3.0)
    say(5 * HOUR, 7.0)
    (last,) = look(mirrored)[PAIR.id].readings
    assert last.age == 7.0
    assert 5 * HOUR - 2 * MINUTE < NOW - last.at < 5 * HOUR + 6 * MINUTE


def test_what_the_stream_has_forgotten_is_no_reading(mirrored: Cloud, say: Callable[..., None]) -> None:
    say(25 * HOUR, 3.0)
    assert ages(look(mirrored)[PAIR.id]) == []


def test_the_mapping_says_when_it_gives_up(mirrored: Cloud) -> None:
    assert look(mirrored)[PAIR.id].gives_up == math.inf
    functions = AWS.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName="mirror:live")["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    assert look(mirrored)[PAIR.id].mapping == "Disabled"


def test_a_pair_without_a_mapping_stands(cloud: Cloud) -> None:
    assert look(cloud, OTHER)[OTHER.id].stands


def test_a_paused_pair_says_why(mirrored: Cloud) -> None:
    mirrored.row(pk=f"pair#{PAIR.id}", sk="pace", paused=True, reason="maintenance")
    assert look(mirrored)[PAIR.id].held == "maintenance"


def test_what_is_owed_is_the_pair_s_own_and_the_dead_letters_are_everybody_s(mirrored: Cloud) -> None:
    mirrored.sqs.send_message(QueueUrl=mirrored.queues["RetryDeadLetterQueueUrl"], MessageBody="{}")
    book = DynamoOwedBook(LedgerTable(mirrored.dynamodb, "ledger"))
    row = Owed("one", PAIR.id, "forward", 0, ({"id": {"S": "a"}},), Reason.VALIDATION, NOW - 90.0)
    book.add([row])
    facts = LagReader(AWS, mirrored.deployment, (PAIR, OTHER)).look()
    mine, other = facts.owed[PAIR.id], facts.owed[OTHER.id]
    assert mine is not None
    assert mine.late == 1
    assert 90 <= (mine.oldest_age or 0) < 600
    assert other is not None
    assert other.late == 0
    assert facts.dead is not None
    assert facts.dead.total == 1


def test_what_is_refused_is_named_and_the_rest_is_shown(cloud: Cloud, say: Callable[..., None]) -> None:
    say(MINUTE, 5.0)
    gone = replace(cloud.deployment, outputs={**cloud.deployment.outputs, "LedgerTable": "gone"})
    facts = LagReader(AWS, gone, (PAIR,)).look()
    assert [note.split(":")[0] for note in facts.unread] == [
        f"the pace of {PAIR.id}",
        f"what is owed to {PAIR.id}",
    ]
    assert ages(facts.pairs[PAIR.id]) == [5.0]


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": None}], ids=str)
def test_without_aws_s_time_this_machine_s_is_taken(headers: dict[str, Any]) -> None:
    reply = {"ResponseMetadata": {"HTTPHeaders": headers}}
    assert abs(time_of(reply) - datetime.now(UTC).timestamp()) < 60


def test_the_time_is_aws_s_own() -> None:
    reply = {"ResponseMetadata": {"HTTPHeaders": {"date": "Thu, 26 Nov 2026 22:00:00 GMT"}}}
    assert time_of(reply) == datetime(2026, 11, 26, 22, tzinfo=UTC).timestamp()
