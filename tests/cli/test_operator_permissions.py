"""What docs/tables.md lets an operator do is what the verbs on tables do: no call is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.handlers import BUILTIN_HANDLERS

from tests.cli.table_world import FAILURES, QUICK, STACK, TableWorld, table_world
from tests.cli.verbs import Shell

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"
TABLES = {"old-orders": "source", "new-orders": "target", "ledger": "ledger"}
OTHER = {
    "cloudformation": "the stack",
    "lambda": "event source mappings",
    "cloudwatch": "metrics",
    "s3": "the failure bucket",
    "states": "the state machine",
}
NAMES = {"ListObjectsV2": "ListBucket", "HeadObject": "GetObject", "CopyObject": "PutObject"}

Call = tuple[str, str]
"""Where, and `service:Action`."""


@contextmanager
def calls() -> Iterator[set[Call]]:
    """Each of the calls that are made while it lasts."""
    seen: set[Call] = set()

    def note(model: Any, params: Any, **_: Any) -> None:
        service = model.service_model.service_name
        body = params.get("body") or b"{}"
        text = body.decode() if isinstance(body, bytes) else str(body)
        named = [where for name, where in TABLES.items() if f'"{name}"' in text]
        queue = "dead-letter queue" if "dead" in text else "retry queue"
        where = named[0] if service == "dynamodb" else queue if service == "sqs" else OTHER[service]
        seen.add((where, f"{service}:{NAMES.get(model.name, model.name)}"))

    handler = ("before-call", note)
    BUILTIN_HANDLERS.append(handler)
    try:
        yield seen
    finally:
        BUILTIN_HANDLERS.remove(handler)


def allowed(verb: str) -> set[Call]:
    """The rows of the page that are for `verb`."""
    text = PAGE.read_text(encoding="utf-8").partition("## Permissions of the operator")[2]
    found: set[Call] = set()
    for who, where, actions in re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE):
        if who == "all" or verb in [one.strip() for one in who.split(",")]:
            service = ""
            for word in re.findall(r"[\w:]+", actions.partition("(")[0]):
                service, action = word.split(":") if ":" in word else (service, word)
                found |= {(place.strip(), f"{service}:{action}") for place in where.split(";")}
    return found


@pytest.fixture
def world() -> Iterator[TableWorld]:
    with table_world(5) as world:
        yield world


def test_backfill(shell: Shell, world: TableWorld) -> None:
    with calls() as seen:
        assert shell.run("backfill", *STACK, "--yes").code == 0
    assert seen - allowed("backfill") == set()


def test_verify_and_its_repair(shell: Shell, world: TableWorld) -> None:
    world.put("new-orders", "native")
    world.owe("k001")
    with calls() as seen:
        assert shell.run("verify", *QUICK, "--accept-native").code == 3
    assert seen - allowed("verify") == set()
    with calls() as seen:
        assert shell.run("verify", *QUICK, "--repair", "--yes", "--accept-native").code == 0
    assert seen - allowed("--repair") - allowed("verify") == set()
    assert shell.run("redrive", *STACK, "--yes").code == 0


def test_a_certificate(shell: Shell, world: TableWorld, tmp_path: Path) -> None:
    assert shell.run("backfill", *STACK, "--yes").code == 0
    file = str(tmp_path / "certificate.json")
    with calls() as seen:
        assert shell.run("verify", *QUICK, "--certify", file).code == 0
        assert shell.run("verify", *QUICK, "--check", file, "--recompute").code == 0
    assert seen - allowed("verify") - allowed("--certify") == set()


def test_redrive(shell: Shell, world: TableWorld) -> None:
    world.owe("k001")
    world.s3.put_object(Bucket=FAILURES, Key="aws/lambda/x", Body=b"nobody can read it")
    world.sqs.send_message(QueueUrl=world.dead_url, MessageBody="nobody can read it")
    with calls() as seen:
        assert shell.run("redrive", *STACK, "--yes", "--reconcile").code == 6
    assert seen - allowed("redrive") == set()


def test_pace(shell: Shell, world: TableWorld) -> None:
    with calls() as seen:
        assert shell.run("pace", *STACK[:4], "--write-units", "5", "--yes").code == 0
        assert shell.run("pace", *STACK[:4]).code == 0
    assert seen - allowed("pace") == set()
