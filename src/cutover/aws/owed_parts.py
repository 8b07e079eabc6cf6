"""What a redrive works with beside the pairs: the failure bucket, the dead-letter queue, their intake."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from cutover.aws.dead_letter_queue import SqsDeadLetters
from cutover.aws.failure_bucket import FailureBucket
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.aws.pair_ledger import PairLedger
from cutover.aws.retry_queue import RetryQueue
from cutover.aws.session import Aws
from cutover.aws.table_parts import unique_text
from cutover.control.deployment import Deployment
from cutover.tables.ingest import Intake
from cutover.tables.owing import Owing
from cutover.tables.pairs import TablePair
from cutover.tables.parking import RetryMessage


@dataclass(frozen=True)
class OwedParts:
    """One stack's. Nothing is called before it is used."""

    bucket: FailureBucket
    dead_letters: SqsDeadLetters
    book: DynamoOwedBook
    rows: PairLedger
    queue: RetryQueue

    def intake(self, pairs: tuple[TablePair, ...], chosen: Collection[str]) -> Intake:
        """Of the failure bucket. A batch may be of any pair; for those that are not `chosen`, and so are not
        redriven now, the retry is told."""

        def send(message: RetryMessage, delay: int) -> None:
            if message.pair not in chosen:
                self.queue.park(message, delay)

        owing = Owing(self.book, send, unique_text)
        return Intake(pairs, self.bucket, self.rows, self.book, owing, time.time)

    def silent_owing(self) -> Owing:
        """Owes without a message: a redrive is about to converge the rows."""
        return Owing(self.book, lambda _message, _delay: None, unique_text)


def owed_parts(deployment: Deployment, aws: Aws) -> OwedParts:
    """Raises UsageError where the stack moves no tables."""
    dynamodb, sqs, s3 = (aws.client(name, attempts=3) for name in ("dynamodb", "sqs", "s3"))
    name = deployment.output("LedgerTable")
    ledger = LedgerTable(dynamodb, name)
    return OwedParts(
        bucket=FailureBucket(s3, deployment.output("FailureBucket"), ledger, time.time),
        dead_letters=SqsDeadLetters(sqs, deployment.output("RetryDeadLetterQueueUrl")),
        book=DynamoOwedBook(ledger),
        rows=PairLedger(dynamodb, name),
        queue=RetryQueue(sqs, deployment.output("RetryQueueUrl")),
    )
