"""Confirms offers: for each reminder in the queue, looks at the ledger and at the new pool."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from cutover.aws.user_parts import settling_parts
from cutover.handlers import telemetry
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment
from cutover.handlers.settlement_log import report
from cutover.users.settings import NewSide, read_new_side
from cutover.users.settle import SettleParts, read_reminder, settle


@lru_cache(maxsize=1)
def _put_together(settings: NewSide, sdk: SdkEnvironment) -> SettleParts:
    return settling_parts(settings, aws_here(sdk))


def _here() -> SettleParts:
    return _put_together(read_new_side(os.environ), sdk_environment())


def handler(event: Any, context: Any, make: Callable[[], SettleParts] = _here) -> Any:
    """Answers `{"batchItemFailures": [...]}`: what is named there comes back, and in the end is set aside."""
    telemetry.quiet()
    parts = make()

    def record_handler(record: SQSRecord) -> None:
        report(record.message_id, lambda: settle(read_reminder(record.body), parts))

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, record_handler, processor, context)
