"""Keys that were parked: converges them once more, message by message."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from cutover.handlers import telemetry
from cutover.handlers.deadline import near_end
from cutover.handlers.table_function import parts_here
from cutover.handlers.table_log import report_retry, report_unforeseen, report_waiting
from cutover.tables.retry import NotYet, retry
from cutover.tables.tuning import TUNING


def handler(event: Any, context: Any) -> Any:
    """Answers `{"batchItemFailures": [...]}`: what is named there stays, hidden for a while."""
    telemetry.quiet()
    parts, stop = parts_here(), near_end(context, TUNING.deadline_margin)

    def record_handler(record: SQSRecord) -> None:
        try:
            receives = int(record.attributes.approximate_receive_count)
            report_retry(retry(record.body, receives, parts, stop=stop))
        except NotYet as error:
            report_waiting(error, record.message_id)
            parts.hide(record.receipt_handle, error.pause)
            raise
        except Exception as error:
            report_unforeseen(error, record.message_id)
            raise

    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event, record_handler, processor, context)
