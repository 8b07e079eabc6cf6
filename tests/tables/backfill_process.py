"""One backfill on real tables as a process that can be killed: URL SOURCE TARGET LEDGER RUN SEGMENTS."""

from __future__ import annotations

import random
import sys
import threading
from typing import Any

import boto3
from botocore.config import Config

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.dynamo_table import describe
from cutover.aws.ledger_table import LedgerTable
from cutover.aws.pair_ledger import PairLedger
from cutover.tables.authority import Direction
from cutover.tables.backfill_rows import Run
from cutover.tables.backfill_run import Crew, run_backfill
from cutover.tables.copying import Copying
from cutover.tables.parking import RetryMessage
from cutover.tables.patience import Patience
from cutover.tables.transform import IDENTITY
from tests.fakes.backfill import OpenGate

PAIR = "source=target"
REGION = "us-east-1"


def client(url: str) -> Any:
    config = Config(retries={"total_max_attempts": 1, "mode": "standard"}, max_pool_connections=16)
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )


def backfill(
    url: str, source: str, target: str, ledger: str, run: Run, *, through: Any = None
) -> tuple[Run, list[RetryMessage]]:
    """Runs to the end, `through` another client if one is given; gives the run and what was parked."""
    parked: list[RetryMessage] = []
    dynamodb = through or client(url)
    work = Copying(
        pair_id=PAIR,
        epoch=0,
        source=describe(dynamodb, source),
        target=describe(dynamodb, target),
        transform=IDENTITY,
        permit=PairLedger(dynamodb, ledger).permit(PAIR, Direction.FORWARD, 0),
        ledger=DynamoBackfillLedger(LedgerTable(dynamodb, ledger), PAIR),
        park=lambda message, _: parked.append(message),
        gate=OpenGate(),
        patience=Patience(),
    )
    crew = Crew(
        workers=4,
        stop=threading.Event(),
        release=lambda: None,
        beat=lambda _: None,
        say=lambda _: None,
        rng=random.Random(1),
    )
    return run_backfill(work, run, crew), parked


if __name__ == "__main__":
    where, source, target, ledger, run_id, segments = sys.argv[1:]
    backfill(where, source, target, ledger, Run(run_id, int(segments), 1))
