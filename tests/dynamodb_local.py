"""Amazon's DynamoDB Local, where `CUTOVER_DYNAMODB_LOCAL` says which folder holds its jar."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

FOLDER = "CUTOVER_DYNAMODB_LOCAL"
REGION = "eu-west-1"


def why_not() -> str | None:
    """Why DynamoDB Local cannot run here; None where it can."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return f"{FOLDER} names no folder with DynamoDBLocal.jar"
    if not (Path(folder) / "DynamoDBLocal.jar").is_file():
        return f"{FOLDER}={folder} holds no DynamoDBLocal.jar"
    return None if shutil.which("java") else "DynamoDB Local needs java"


@contextmanager
def running(heap: str = "512m") -> Iterator[str]:
    """The endpoint URL of a new server, in memory; it ends with the block. `why_not` must be None.

    `heap` is Java's; what the tables hold lies beside it.
    """
    folder = Path(os.environ[FOLDER]).absolute()
    port = _free_port()
    command = ["java", f"-Djava.library.path={folder / 'DynamoDBLocal_lib'}", f"-Xmx{heap}", "-jar"]
    command += [str(folder / "DynamoDBLocal.jar"), "-inMemory", "-port", str(port), "-sharedDb"]
    with tempfile.TemporaryDirectory() as scratch:  # it leaves a file of its own where it is started
        process = subprocess.Popen(command, cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield _wait(f"http://127.0.0.1:{port}", process)
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The endpoint URL of one server, in memory, for the whole test run."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with running() as url:
        yield url


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes]) -> str:
    client = boto3.client("dynamodb", endpoint_url=url, region_name=REGION)
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            client.list_tables()
            return url
        except (BotoCoreError, ClientError):
            time.sleep(0.2)
    pytest.fail("DynamoDB Local does not answer")
