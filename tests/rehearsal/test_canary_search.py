"""The search for passwords finds one wherever it was put, and so can fail."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cutover.rehearsal.clients import Clients
from cutover.rehearsal.local import Local
from cutover.rehearsal.story.canary import find_canary, written_places
from tests.rehearsal import probes

pytestmark = pytest.mark.local_stack


def _found(stack: Local, canary: str, folders: list[Path], told: list[str]) -> list[str]:
    return find_canary(canary, written_places(Clients(stack.url), folders, told))[1]


def test_it_looks_into_logs_tables_queues_buckets_files_and_the_transcript(
    running_stack: Local, unique: Callable[[str], str], tmp_path: Path
) -> None:
    canary, name = unique("planted"), unique("canary")
    probes.streamed_table(running_stack, name)
    item = {"id": {"S": "1"}, "deep": {"L": [{"M": {"x": {"S": canary.upper()}}}]}}
    running_stack.client("dynamodb").put_item(TableName=name, Item=item)
    url, _ = probes.queue(running_stack, name)
    running_stack.client("sqs").send_message(QueueUrl=url, MessageBody=f"<{canary}>")
    running_stack.client("s3").create_bucket(Bucket=name)
    running_stack.client("s3").put_object(Bucket=name, Key="k", Body=canary.encode())
    logs = running_stack.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    line = {"timestamp": int(time.time() * 1000), "message": f"password {canary}"}
    logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=[line])
    (tmp_path / "file.txt").write_text(canary)
    assert _found(running_stack, canary, [tmp_path], [f"told {canary}"]) == [
        "file file.txt",
        f"log group {name}",
        f"object k of bucket {name}",
        f"queue {name}",
        f"table {name}",
        "the transcript",
    ]


@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_base64_does_not_hide_it(before: str) -> None:
    hidden = base64.b64encode(f"{before}planted-canary, and more".encode())
    assert find_canary("planted-canary", [("there", hidden)]) == (1, ["there"])
