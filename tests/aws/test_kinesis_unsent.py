"""What DynamoDB skipped on the way into a Kinesis stream is counted, for the one table, whatever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from moto import mock_aws

from cutover.aws.kinesis_unsent import METRIC, NAMESPACE, unsent
from cutover.aws.session import Aws

NOW = datetime.now(UTC)


@pytest.fixture
def cloudwatch() -> Iterator[Any]:
    with mock_aws():
        yield Aws(region="eu-west-1").client("cloudwatch")


def skipped(cloudwatch: Any, table: str, operation: str, number: float, days: float = 0.01) -> None:
    dimensions = {"TableName": table, "DelegatedOperation": operation}
    cloudwatch.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": METRIC,
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                "Timestamp": NOW - timedelta(days=days),
                "Value": number,
            }
        ],
    )


def test_what_was_skipped_in_the_last_thirty_days_is_added_up(cloudwatch: Any) -> None:
    skipped(cloudwatch, "orders", "PutRecord", 2.0)
    skipped(cloudwatch, "orders", "PutRecord", 3.0, days=20)
    skipped(cloudwatch, "orders", "PutRecords", 4.0)
    skipped(cloudwatch, "orders", "PutRecord", 99.0, days=31)
    skipped(cloudwatch, "orders-new", "PutRecord", 99.0)
    assert unsent(cloudwatch, "orders", NOW.timestamp()) == 9


def test_a_table_that_skipped_nothing_has_none(cloudwatch: Any) -> None:
    assert unsent(cloudwatch, "orders", NOW.timestamp()) == 0
