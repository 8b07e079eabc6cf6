"""How much waits in a queue, and for how long.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from __future__ import annotations

from typing import Any

from cutover.aws.metrics import greatest
from cutover.control.status_facts import Backlog

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
