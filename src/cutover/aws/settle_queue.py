"""The queue of reminders that an offer wants to be looked at."""

from __future__ import annotations

from typing import Any

from cutover.aws.cognito_replies import AWS_ERRORS, our_fault
from cutover.users.settle import Reminder, write_reminder


class SettleQueue:
    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def remind(self, old_sub: str, attempt: int, delay: int) -> None:
        """`delay` in seconds, 0 to 900. Raises Stop."""
        try:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=write_reminder(Reminder(old_sub, attempt)), DelaySeconds=delay
            )
        except AWS_ERRORS as error:
            raise our_fault("settle queue", error) from None
