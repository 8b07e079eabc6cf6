"""Where the rows of a backfill stand in the ledger: no partition key holds the rows of all segments."""

from __future__ import annotations

from collections import Counter
from typing import Any

import boto3
from moto import mock_aws

from cutover.aws.backfill_ledger import DynamoBackfillLedger
from cutover.aws.ledger_table import LedgerTable
from cutover.tables.backfill_rows import Place, Run

PAIR = "old=new"
SEGMENTS = 64


def ledger_of(client: Any) -> DynamoBackfillLedger:
    client.create_table(
        TableName="ledger",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoBackfillLedger(LedgerTable(client, "ledger"), PAIR)


@mock_aws
def test_what_is_written_for_each_page_is_spread_evenly_over_sixteen_partition_keys() -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    ledger = ledger_of(client)
    ledger.save_run(Run("run-1", SEGMENTS, 1_700_000_000))
    for segment in range(SEGMENTS):
        ledger.save_place("run-1", Place(segment, done=True))
        ledger.save_pending("run-1", segment, [{"k": {"S": str(segment)}}])
    rows = client.scan(TableName="ledger")["Items"]
    written = Counter(row["pk"]["S"] for row in rows if not row["sk"]["S"].startswith("run#"))
    assert len(written) == 16
    assert set(written.values()) == {2 * SEGMENTS // 16}
    assert set(ledger.places("run-1")) == set(range(SEGMENTS))
    assert len(list(ledger.pending())) == SEGMENTS


@mock_aws
def test_the_rows_of_a_segment_stand_together() -> None:
    client = boto3.client("dynamodb", region_name="eu-west-1")
    ledger = ledger_of(client)
    ledger.save_place("run-1", Place(37))
    ledger.save_pending("run-1", 37, [{"k": {"S": "a"}}])
    ledger.save_pending("run-2", 37, [{"k": {"S": "b"}}])
    rows = client.scan(TableName="ledger")["Items"]
    assert {row["pk"]["S"] for row in rows} == {f"backfill#{PAIR}#5"}
