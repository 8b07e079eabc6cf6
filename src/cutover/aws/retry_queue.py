"""The retry queue: keys go in with a delay, and a message that failed is hidden for a while."""

from __future__ import annotations

from typing import Any

from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.parking import NotParked, RetryMessage


class RetryQueue:
    """The client may make several attempts: a message that is sent twice is worked off twice, harmlessly."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def park(self, message: RetryMessage, delay: int) -> None:
        """Send one message, to be seen after `delay` seconds (0 to 900). Raises NotParked."""
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=message.body(), DelaySeconds=delay)
        except AWS_ERRORS as error:
            raise NotParked("the retry queue", error_code(error)) from error

    def hide(self, receipt_handle: str, seconds: int) -> bool:
        """Hide a received message for `seconds` from now; False where that fails (its old time-out holds).

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
        """
        try:
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
            )
        except AWS_ERRORS:
            return False
        return True
