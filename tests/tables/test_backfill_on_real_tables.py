"""The backfill on real servers: killed for good while an application writes, resumed, verified equal."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cutover.aws.dynamo_table import describe
from cutover.tables.backfill_rows import Run
from cutover.tables.converge import converge
from cutover.tables.patience import Patience
from cutover.tables.ports import Item, Key
from cutover.tables.recheck import Probing
from cutover.tables.transform import IDENTITY
from cutover.tables.verify import verify
from cutover.tables.verify_scan import Scanning
from tests.fakes.tables import Granted
from tests.fakes.verifying import open_file
from tests.tables.backfill_process import backfill, client

ROOT = Path(__file__).parents[2]
ITEMS = 1_200

pytestmark = pytest.mark.slow


@pytest.fixture(
    params=[
        pytest.param("local_stack", marks=pytest.mark.local_stack),
        pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local),
    ]
)
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def tables(url: str, unique: Callable[[str], str]) -> tuple[str, str, str]:
    """Source, target and ledger, with items of every type in the source."""
    source, target, ledger = (unique(name) for name in ("source", "target", "ledger"))
    dynamodb = client(url)
    for name, keys in ((source, ("k",)), (target, ("k",)), (ledger, ("pk", "sk"))):
        dynamodb.create_table(
            TableName=name,
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
    describe(dynamodb, source).write([made(number, 0) for number in range(ITEMS)], [])
    return source, target, ledger


def made(number: int, version: int) -> Item:
    return {
        **key(number),
        "n": {"N": f"{version}.50"},
        "b": {"B": bytes([number % 256, version % 256])},
        "set": {"SS": ["b", "a", str(version)]},
        "deep": {"M": {"list": {"L": [{"B": b"\x00"}, {"NULL": True}, {"BS": [b"\xff", b"\x00"]}]}}},
    }


def key(number: int) -> Key:
    return {"k": {"S": f"item-{number:05}"}}


@contextmanager
def application(dynamodb: Any, source: str, target: str) -> Iterator[list[int]]:
    """Writes and deletes without a pause; a mirror brings each change over, as the stream would."""
    old, new, done = describe(dynamodb, source), describe(dynamodb, target), threading.Event()
    changed: list[int] = []

    def write() -> None:
        rng, version = random.Random(7), 0
        while not done.is_set():
            version += 1
            number = rng.randrange(ITEMS)
            if rng.random() < 0.5:
                old.write([], [key(number)])
            else:
                old.write([made(number, version)], [])
            changed.append(number)
            converge([key(number)], source=old, target=new, transform=IDENTITY, permit=Granted())

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield changed
    finally:
        done.set()
        thread.join()


def differences(dynamodb: Any, source: str, target: str) -> int:
    old, new = describe(dynamodb, source), describe(dynamodb, target)
    probing = Probing(old, new, IDENTITY, Patience(), open_file, probes=1, spacing=0)
    result = verify(Scanning(old, new, consistent=True), probing)
    assert result.compared > 0
    return result.differences


def start(url: str, tables: tuple[str, str, str], run: str, segments: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.tables.backfill_process", url, *tables, run, str(segments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))},
    )


def wait_for_writes(dynamodb: Any, target: str, at_least: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        if dynamodb.scan(TableName=target, Select="COUNT")["Count"] >= at_least:
            return
        time.sleep(0.02)
    pytest.fail("the backfill ended, or did not begin, before it could be killed")


def test_killed_twice_while_the_application_writes_and_resumed_it_ends_equal(
    url: str, tables: tuple[str, str, str]
) -> None:
    source, target, ledger = tables
    dynamodb = client(url)
    with application(dynamodb, source, target) as changed:
        for attempt, (at_least, segments) in enumerate(((150, 40), (450, 40))):
            process = start(url, tables, "run-1", segments)
            wait_for_writes(dynamodb, target, at_least, process)
            process.kill()
            assert process.wait() != 0, f"attempt {attempt} came to its end"
        backfill(url, source, target, ledger, Run("run-2", 24, 2))
    assert len(changed) > 50
    assert differences(dynamodb, source, target) == 0


def test_beside_a_writing_application_it_ends_equal(url: str, tables: tuple[str, str, str]) -> None:
    source, target, ledger = tables
    dynamodb = client(url)
    with application(dynamodb, source, target):
        backfill(url, source, target, ledger, Run("run-1", 40, 1))
    assert differences(dynamodb, source, target) == 0


def test_a_verify_beside_a_writing_application_finds_the_one_planted_difference(
    url: str, tables: tuple[str, str, str]
) -> None:
    source, target, ledger = tables
    dynamodb = client(url)
    backfill(url, source, target, ledger, Run("run-1", 40, 1))
    planted: Key = {"k": {"S": "planted"}}
    describe(dynamodb, source).write([{**planted, "n": {"N": "1"}}], [])
    with application(dynamodb, source, target) as changed:
        old, new = describe(dynamodb, source), describe(dynamodb, target)
        probing = Probing(old, new, IDENTITY, Patience(), open_file, probes=3, spacing=0.5)
        result = verify(Scanning(old, new), probing)
        assert changed
    assert [one for keys in result.keys.values() for one in keys] == [planted]
