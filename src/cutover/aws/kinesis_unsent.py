"""Changes that DynamoDB did not put into a table's Kinesis stream, because their records would be too large.

They are skipped and counted, no more, so nothing that reads the stream learns of them:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds_using-shards-and-metrics.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

NAMESPACE, METRIC = "AWS/DynamoDB", "FailedToReplicateRecordCount"
DAYS = 30
HOUR = 3600


def unsent(cloudwatch: Any, table: str, at: float) -> int:
    """How many changes of the table named `table` were skipped in the last 30 days.

    The metric has a second dimension, DelegatedOperation, whose values no page names: so they are listed.
    """
    end = datetime.fromtimestamp(at, UTC)
    pages = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace=NAMESPACE, MetricName=METRIC, Dimensions=[{"Name": "TableName", "Value": table}]
    )
    listed = {
        tuple(sorted((one["Name"], one["Value"]) for one in metric["Dimensions"]))
        for page in pages
        for metric in page["Metrics"]
    }
    return sum(
        int(point["Sum"])
        for dimensions in listed
        for point in cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=METRIC,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions],
            StartTime=end - timedelta(days=DAYS),
            EndTime=end + timedelta(minutes=1),
            Period=HOUR,
            Statistics=["Sum"],
        )["Datapoints"]
    )
