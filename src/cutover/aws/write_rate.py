"""How fast a table is written, as CloudWatch counted it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cutover.control.doctor.table_facts import WriteRate

DAYS = 14
PERIOD = 300
WINDOW = timedelta(seconds=1440 * PERIOD)
"""A reply holds 1,440 datapoints:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html"""


def write_rate(client: Any, table: str, at: int) -> WriteRate:
    """Of the `DAYS` before `at` (epoch seconds); zeros where there is no datapoint, for then nothing was
    written. `client` is a CloudWatch client of the table's Region."""
    end = datetime.fromtimestamp(at, UTC)
    start = end - timedelta(days=DAYS)
    units: list[float] = []
    while start < end:
        upto = min(start + WINDOW, end)
        reply = client.get_metric_statistics(
            Namespace="AWS/DynamoDB",
            MetricName="ConsumedWriteCapacityUnits",
            Dimensions=[{"Name": "TableName", "Value": table}],
            StartTime=start,
            EndTime=upto,
            Period=PERIOD,
            Statistics=["Sum"],
        )
        units += [float(point["Sum"]) for point in reply["Datapoints"]]
        start = upto
    return WriteRate(max(units, default=0.0) / PERIOD, sum(units) / (DAYS * 86_400), DAYS, PERIOD)
