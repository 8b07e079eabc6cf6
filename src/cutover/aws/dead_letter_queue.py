"""The retry's dead-letter queue, as a redrive empties it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.dead_letters import Letter
from cutover.tables.ports import TableFault

HIDDEN_SECONDS = 120
"""How long a message that was received is nobody else's; what dies with it is seen again after that."""


@dataclass(frozen=True)
class SqsDeadLetters:
    """A `DeadLetterQueue`. `client` may make several attempts.

    A call that waits asks all of the queue's servers, so one that finds nothing says that nothing is there:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
    """

    client: Any
    url: str
    wait_seconds: int = 1

    def about(self) -> int:
        """How many messages it holds, as SQS estimates it."""
        name = "ApproximateNumberOfMessages"
        reply = self._call("get_queue_attributes", AttributeNames=[name])
        return int(reply.get("Attributes", {}).get(name, 0))

    def receive(self) -> list[Letter]:
        reply = self._call(
            "receive_message",
            MaxNumberOfMessages=10,
            WaitTimeSeconds=self.wait_seconds,
            VisibilityTimeout=HIDDEN_SECONDS,
        )
        return [
            Letter(row["Body"], row["ReceiptHandle"], row["MessageId"]) for row in reply.get("Messages", ())
        ]

    def remove(self, letter: Letter) -> None:
        self._call("delete_message", ReceiptHandle=letter.receipt)

    def release(self, letter: Letter) -> None:
        self._call("change_message_visibility", ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = getattr(self.client, operation)(QueueUrl=self.url, **parameters)
        except AWS_ERRORS as error:
            raise TableFault("the dead-letter queue", error_code(error)) from error
        return reply
