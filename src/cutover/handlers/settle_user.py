"""Confirms offers, and brings over what waits for that: for each reminder in the queue, looks and goes on."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from cutover.aws.settling import Settling, settling
from cutover.handlers import telemetry
from cutover.handlers.invocation import SdkEnvironment, aws_here, sdk_environment
from cutover.handlers.settlement_log import follow_up, report
from cutover.users.groups import Account
from cutover.users.settle import SETTLED, read_reminder, settle
from cutover.users.settle_settings import SettleSettings, read_settle_settings


@lru_cache(maxsize=1)
def _put_together(settings: SettleSettings, sdk: SdkEnvironment) -> Settling:
    return settling(settings, aws_here(sdk))


def _here() -> Settling:
    return _put_together(read_settle_settings(os.environ), sdk_environment())


def handler(event: Any, context: Any, make: Callable[[], Settling] = _here) -> Any:
    """Answers `{"batchItemFailures": [...]}`: what is named there comes back, and in the end is set aside."""
    telemetry.quiet()
    parts = make()
    account = Account.of_function(str(getattr(context, "invoked_function_arn", "")))

    def record_handler(record: SQSRecord) -> None:
        settlement = report(record.message_id, lambda: settle(read_reminder(record.body), parts.look))
        if settlement in SETTLED:
            follow_up(record.message_id, read_reminder(record.body).old_sub, parts, account)

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, record_handler, processor, context)
