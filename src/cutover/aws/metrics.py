"""What CloudWatch knows of the last minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

WINDOW = timedelta(minutes=5)


def greatest(
    cloudwatch: Any, namespace: str, metric: str, dimensions: dict[str, str], at: int
) -> float | None:
    """The metric's maximum within the five minutes before `at`; None where it has no datapoint."""
    end = datetime.fromtimestamp(at, UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=end - WINDOW,
        EndTime=end,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    return max((float(point["Maximum"]) for point in points), default=None)


def series(
    cloudwatch: Any,
    namespace: str,
    metric: str,
    dimensions: dict[str, str],
    at: float,
    seconds: float,
    period: int,
) -> list[tuple[float, float]]:
    """When, in epoch seconds, and the metric's maximum of the `period` that began then; the oldest first.

    The window ends a minute after `at`, so that the minute that has just begun is in it.
    """
    end = datetime.fromtimestamp(at, UTC) + timedelta(minutes=1)
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=end - timedelta(seconds=seconds),
        EndTime=end,
        Period=period,
        Statistics=["Maximum"],
    )["Datapoints"]
    return sorted((point["Timestamp"].timestamp(), float(point["Maximum"])) for point in points)


def iterator_age(cloudwatch: Any, function: str, at: int) -> float | None:
    """Seconds that `function` (its name or ARN) was behind its streams at most; None where nobody knows.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    name = function.rsplit(":function:", 1)[-1].partition(":")[0]
    milliseconds = greatest(cloudwatch, "AWS/Lambda", "IteratorAge", {"FunctionName": name}, at)
    return None if milliseconds is None else milliseconds / 1000
