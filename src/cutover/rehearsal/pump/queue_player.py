"""One queue mapping: receive, invoke, delete what was taken.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html. A message that was not taken is left alone: it
comes back when its visibility timeout is over, and SQS itself moves it away when it came too often.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cutover.rehearsal.pump.invoke import Invocation, invoke
from cutover.rehearsal.pump.mapping import QueueMapping
from cutover.rehearsal.pump.patterns import admits

Message = Mapping[str, Any]
IDLE_SECONDS = 0.25
MOST_AT_ONCE = 10
"""Messages of one ReceiveMessage."""
logger = logging.getLogger(__name__)


class QueuePlayer:
    """`mapping.concurrency` pollers, each with one batch at a time, from `start` until `stop`."""

    def __init__(self, client: Callable[[str], Any], mapping: QueueMapping) -> None:
        self.mapping = mapping
        self._client = client
        self._over = threading.Event()
        self._pollers = [threading.Thread(target=self._poll, daemon=True) for _ in range(mapping.concurrency)]

    def start(self) -> None:
        for poller in self._pollers:
            poller.start()

    def stop(self) -> None:
        self._over.set()

    def join(self) -> None:
        for poller in self._pollers:
            poller.join()

    def _poll(self) -> None:
        while not self._over.is_set():
            try:
                if not self._play_batch():
                    self._over.wait(IDLE_SECONDS)
            except (ClientError, BotoCoreError) as error:
                logger.warning("queue of mapping %s: %s", self.mapping.uuid, error)
                self._over.wait(1.0)

    def _play_batch(self) -> bool:
        name = self.mapping.queue_arn.rsplit(":", 1)[-1]
        url = self._client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        batch = self._receive(url)
        if not batch:
            return False
        records = [queue_record(message, self.mapping.queue_arn) for message in batch]
        wanted = [record for record in records if admits(self.mapping.patterns, record)]
        came = invoke(self._client, self.mapping.function, wanted) if wanted else Invocation(failed=False)
        left = _left(wanted, came, self.mapping)
        for message in batch:
            if message["MessageId"] not in left:
                self._client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return True

    def _receive(self, url: str) -> list[Message]:
        """Up to a batch; waits for the batching window once there is a first message."""
        batch: list[Message] = []
        until: float | None = None
        while len(batch) < self.mapping.batch_size and not self._over.is_set():
            found = self._client("sqs").receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(MOST_AT_ONCE, self.mapping.batch_size - len(batch)),
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            batch += found.get("Messages", [])
            until = until or time.monotonic() + self.mapping.window_seconds
            if not batch or time.monotonic() >= until:
                break
            self._over.wait(IDLE_SECONDS)
        return batch


def queue_record(message: Message, queue_arn: str) -> dict[str, Any]:
    """The message as a record of a Lambda event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {part[0].lower() + part[1:]: value for part, value in attribute.items()}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def _left(records: list[dict[str, Any]], came: Invocation, mapping: QueueMapping) -> set[str]:
    """The ids of messages that were not taken; an id that is not of this batch fails all of it
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html)."""
    ids = {record["messageId"] for record in records}
    if came.failed:
        return ids
    failures = came.answer.get("batchItemFailures") if isinstance(came.answer, Mapping) else None
    if not mapping.partial or not failures:
        return set()
    reported = {
        str(failure.get("itemIdentifier")) if isinstance(failure, Mapping) else "" for failure in failures
    }
    return reported if reported.issubset(ids) else ids
