"""How much waits in a queue, and for how long.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cutover.control.status_facts import Backlog

WINDOW = timedelta(minutes=5)

_ATTRIBUTES = {
    "waiting": "ApproximateNumberOfMessages",
    "in_flight": "ApproximateNumberOfMessagesNotVisible",
    "delayed": "ApproximateNumberOfMessagesDelayed",
}


def backlog(sqs: Any, cloudwatch: Any, url: str, at: int) -> Backlog:
    """The queue's numbers, and where it holds anything the age of its oldest message."""
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_ATTRIBUTES.values()))[
        "Attributes"
    ]
    numbers = {name: int(attributes.get(attribute, 0)) for name, attribute in _ATTRIBUTES.items()}
    if not any(numbers.values()):
        return Backlog(**numbers)
    name = {"QueueName": url.rsplit("/", 1)[-1]}
    return Backlog(
        **numbers, oldest_age=greatest(cloudwatch, "AWS/SQS", "ApproximateAgeOfOldestMessage", name, at)
    )


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
