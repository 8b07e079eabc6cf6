"""The local stack starts, answers AWS calls, and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from cutover.rehearsal.local import Local, start_local_stack

pytestmark = pytest.mark.local_stack


def _processes_of(folder: Path) -> list[str]:
    """The command lines of every process that has `folder` in its arguments or its environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in words:
            found.append(entry.name)
    return found


def test_it_answers_aws_calls(running_stack: Local, unique) -> None:
    table = unique("people")
    dynamodb = running_stack.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=table, Item={"id": {"S": "1"}, "b": {"B": b"\x00\xff"}})
    item = dynamodb.get_item(TableName=table, Key={"id": {"S": "1"}}, ConsistentRead=True)["Item"]
    assert item == {"id": {"S": "1"}, "b": {"B": b"\x00\xff"}}


def test_it_asks_for_the_body_of_an_upload_before_it_comes(running_stack: Local) -> None:
    """The SDK sends the headers of an upload to S3 first, and waits for this word for a second."""
    host, port = running_stack.url.removeprefix("http://").split(":")
    head = f"PUT /uploads HTTP/1.1\r\nHost: {host}\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks processes up in /proc")
def test_leaving_ends_every_process_and_removes_every_file() -> None:
    with start_local_stack() as local:
        assert len(_processes_of(local.folder)) == 1
    assert (_processes_of(local.folder), local.folder.exists(), local.process.poll()) == ([], False, 0)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks processes up in /proc")
def test_the_emulator_ends_when_its_host_is_killed() -> None:
    with start_local_stack() as local:
        local.process.kill()
        local.process.wait()
        for _ in range(100):
            if not _processes_of(local.folder):
                break
            subprocess.run(["sleep", "0.05"], check=True)
        assert _processes_of(local.folder) == []


def test_a_kept_stack_answers_after_its_parent_has_gone() -> None:
    local = start_local_stack()
    try:
        assert local.keep() == f"kill {local.process.pid}"
        local.process.stdin.close()
        assert local.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
    finally:
        os.kill(local.process.pid, 15)
        local.process.stdin = None
        local.stop()
