"""The watch at the tables: lost batches become owed, users who come free their keys, all of it counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.sqs.models import sqs_backends

from cutover.aws.ledger_table import LedgerTable
from cutover.aws.owed_ledger import DynamoOwedBook
from cutover.handlers import watch
from cutover.users.ledger_rows import user_key
from tests.fakes.failures import lost_object
from tests.fakes.ledger_table import create_ledger
from tests.handlers.table_world import REGION, LambdaContext, World, table_world

PAIR = "orders=orders-new"
OLD, NEW = "3f0d2c1a-0000-4000-8000-000000000001", "9e0d2c1a-0000-4000-8000-00000000000f"
ARN = f"arn:aws:dynamodb:{REGION}:123456789012:table/orders/stream/2026"


class Watched:
    """`TABLES` has one pair, whose items hold an old sub in `owner`."""

    def __init__(self, tables: World) -> None:
        self.tables = tables
        self.s3 = boto3.client("s3", region_name=REGION)
        self.s3.create_bucket(Bucket="failures")
        self.book = DynamoOwedBook(LedgerTable(tables.dynamodb, tables.ledger))

    def watch(self) -> None:
        watch.handler({}, LambdaContext(300_000))

    def owed(self) -> dict[str, int]:
        return dict(self.book.summary(PAIR).keys)

    def lose(self, name: str, content: bytes) -> None:
        self.s3.put_object(Bucket="failures", Key=name, Body=content)

    def objects(self) -> list[str]:
        return [row["Key"] for row in self.s3.list_objects_v2(Bucket="failures").get("Contents", ())]

    def come(self, ledger: str) -> None:
        """The user is confirmed in the new pool."""
        row = {"old_sub": {"S": OLD}, "new_sub": {"S": NEW}, "state": {"S": "confirmed"}}
        self.tables.dynamodb.put_item(TableName=ledger, Item={**user_key(OLD), **row})

    def waits_for_its_delay(self) -> dict[str, Any]:
        """The body of the one message that nobody may receive yet."""
        url = self.tables.queue
        names = ["ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessages"]
        numbers = self.tables.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        assert numbers == dict(zip(names, ("1", "0"), strict=True))
        queues: Any = sqs_backends[ACCOUNT][REGION].queues
        (message,) = queues[url.rpartition("/")[2]]._messages  # noqa: SLF001 - nothing else of moto shows a delayed one
        body: dict[str, Any] = json.loads(message.body)
        return body

    def retry(self) -> None:
        """What waits in the queue, as Lambda would deliver it."""
        sqs, url = self.tables.sqs, self.tables.queue
        for one in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", ()):
            event = delivered(one["Body"], one["MessageId"], one["ReceiptHandle"])
            assert self.tables.retry(event) == {"batchItemFailures": []}
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    with table_world(monkeypatch) as tables:
        pair = {"source": "orders", "target": "orders-new", "subs": {"owner": "{sub}"}}
        monkeypatch.setenv("TABLES", json.dumps([pair]))
        monkeypatch.setenv("FAILURE_BUCKET", "failures")
        for name in ("NEW_USER_POOL_ID", "WATCHED_FUNCTIONS", "MIRROR_FUNCTION", "SOURCE_STREAM_ARNS"):
            monkeypatch.delenv(name, raising=False)
        yield Watched(tables)


def delivered(body: str, message_id: str = "one", receipt: str = "r") -> dict[str, Any]:
    """The event of a message, as Lambda gives it."""
    record = {
        "messageId": message_id,
        "receiptHandle": receipt,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
    }
    return {"Records": [record]}


def batch(*names: str) -> bytes:
    return lost_object([change(name) for name in names])


def change(name: str) -> dict[str, Any]:
    body = {"Keys": {"order": {"S": name}}, "SequenceNumber": "1"}
    return {"eventName": "MODIFY", "eventSourceARN": ARN, "dynamodb": body}


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[tuple[str, str], float]:
    """Values by name and pair."""
    found = {}
    for line in capsys.readouterr().out.splitlines():
        written: dict[str, Any] = json.loads(line)
        for group in written.get("_aws", {}).get("CloudWatchMetrics", ()):
            for metric in group["Metrics"]:
                (found[metric["Name"], written.get("pair", "")],) = written[metric["Name"]]
    return found


def test_a_lost_batch_is_owed_once_and_converges(watched: Watched) -> None:
    watched.tables.put("orders", {"order": {"S": "a"}})
    watched.tables.put("orders-new", {"order": {"S": "gone"}})
    watched.lose("aws/lambda/1/a", batch("a", "gone"))
    watched.watch()
    watched.watch()
    assert watched.owed() == {"lost": 2}
    assert watched.objects() == ["taken-in/aws/lambda/1/a"]
    watched.retry()
    assert (watched.owed(), watched.tables.items("orders-new")) == ({}, [{"order": {"S": "a"}}])


def test_a_row_without_a_message_goes_when_its_key_has_converged(watched: Watched) -> None:
    """The first look at an object's keys goes with the object, and its messages are lost here."""
    watched.tables.put("orders", {"order": {"S": "a"}})
    watched.lose("aws/lambda/1/a", batch("a"))
    watched.watch()
    watched.tables.sqs.purge_queue(QueueUrl=watched.tables.queue)
    watched.watch()
    (row,) = watched.book.rows(PAIR)
    message = watched.waits_for_its_delay()
    assert (message["owed"], message["once"]) == (row.name, True)
    assert watched.tables.retry(delivered(json.dumps(message))) == {"batchItemFailures": []}
    assert (watched.owed(), watched.tables.items("orders-new")) == ({}, [{"order": {"S": "a"}}])


def test_an_expired_bucket_does_not_look_like_success(watched: Watched) -> None:
    watched.lose("aws/lambda/1/a", batch("a"))
    watched.watch()
    for name in watched.objects():
        watched.s3.delete_object(Bucket="failures", Key=name)
    watched.tables.sqs.purge_queue(QueueUrl=watched.tables.queue)
    watched.watch()
    assert watched.owed() == {"lost": 1}


@pytest.mark.parametrize("stacks", ["one", "two"])
def test_a_key_that_waits_converges_once_its_user_has_come(
    watched: Watched, stacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = watched.tables.ledger
    if stacks == "two":
        ledger = "users-ledger"
        create_ledger(watched.tables.dynamodb, ledger)
        monkeypatch.setenv("SUB_MAP_TABLE", f"arn:aws:dynamodb:{REGION}:123456789012:table/{ledger}")
    watched.tables.put("orders", {"order": {"S": "a"}, "owner": {"S": OLD}})
    assert watched.tables.mirror({"Records": [change("a")]}) == {"batchItemFailures": []}
    watched.watch()
    assert (watched.owed(), watched.tables.waiting()) == ({"unmapped": 1}, (0, 0))
    watched.come(ledger)
    watched.watch()
    assert watched.owed() == {"redrive": 1}
    watched.retry()
    assert watched.owed() == {}
    assert watched.tables.items("orders-new") == [{"order": {"S": "a"}, "owner": {"S": NEW}}]


def test_what_is_owed_is_counted_by_pair(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    watched.lose("aws/lambda/1/a", batch("a", "b"))
    watched.lose("aws/lambda/1/b", b"broken")
    watched.watch()
    found = metrics(capsys)
    assert found["LostBatches", ""] == 2
    assert found["LostUnreadable", ""] == 1
    assert (found["OwedKeys", PAIR], found["WaitingKeys", PAIR]) == (3, 0)
    assert found["OwedOldestSeconds", PAIR] == found["OwedOldestSeconds", ""] > 3600
    watched.watch()
    assert metrics(capsys)["LostBatches", ""] == 0


def test_with_nothing_owed_the_alarm_hears_zero(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    watched.watch()
    found = metrics(capsys)
    assert (found["OwedOldestSeconds", ""], found["LostBatches", ""], found["WatchRan", ""]) == (0, 0, 1)


def test_no_key_reaches_the_log(watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    watched.lose("aws/lambda/1/a", batch("a-secret-order"))
    watched.watch()
    assert "a-secret-order" not in capsys.readouterr().out


def test_a_bucket_that_cannot_be_read_does_not_keep_the_watch_from_counting(
    watched: Watched, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.s3.delete_bucket(Bucket="failures")
    with pytest.raises(Exception, match="NoSuchBucket"):
        watched.watch()
    found = metrics(capsys)
    assert ("OwedKeys", PAIR) in found
    assert ("WatchRan", "") not in found


def test_a_stack_without_tables_has_nothing_to_count(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TABLES", "")
    watched.watch()
    assert ("OwedOldestSeconds", "") not in metrics(capsys)
