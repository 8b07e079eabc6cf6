"""The watch function: its heartbeat, its metrics, and what it does where a look fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from cutover.aws.session import Aws
from cutover.handlers.watch import handler
from tests.fakes.ledger_table import create_ledger, put_row

REGION = "us-east-1"
EVENT = json.loads((Path(__file__).parents[2] / "events" / "watch.json").read_text("utf-8"))
TRIGGER = f"arn:aws:lambda:{REGION}:123456789012:function:migrate:live"


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An attached pool of a stack that moves users."""
    with mock_aws():
        aws = Aws(region=REGION)
        create_ledger(aws.client("dynamodb"), "ledger")
        pool_id = aws.client("cognito-idp").create_user_pool(
            PoolName="new", LambdaConfig={"UserMigration": TRIGGER}
        )["UserPool"]["Id"]
        row = {"state": "attached", "trigger": TRIGGER, "stack": "people", "at": 1}
        put_row(aws.client("dynamodb"), "ledger", pk=f"pool#{pool_id}", sk="attached", **row)
        for name, value in {
            "NEW_USER_POOL_ID": pool_id,
            "LEDGER_TABLE": "ledger",
            "AWS_REGION": REGION,
        }.items():
            monkeypatch.setenv(name, value)
        for name in ("WATCHED_FUNCTIONS", "MIRROR_FUNCTION", "SOURCE_STREAM_ARNS"):
            monkeypatch.delenv(name, raising=False)
        yield str(pool_id)


def take_off(pool: str) -> None:
    Aws(region=REGION).client("cognito-idp").update_user_pool(UserPoolId=pool, LambdaConfig={})


def metrics(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, float, str]]:
    """(name, value, dimension `what`) in the order in which they were written."""
    found = []
    for line in capsys.readouterr().out.splitlines():
        written: dict[str, Any] = json.loads(line)
        for group in written.get("_aws", {}).get("CloudWatchMetrics", ()):
            for metric in group["Metrics"]:
                value = written[metric["Name"]]
                number = value[0] if isinstance(value, list) else value
                found.append((metric["Name"], number, written.get("what", "")))
    return found


def test_a_run_that_finds_nothing_beats_and_counts_zero(
    pool: str, capsys: pytest.CaptureFixture[str]
) -> None:
    handler(EVENT, None)
    assert metrics(capsys) == [("WatchDrift", 0.0, ""), ("WatchRan", 1.0, "")]


def test_what_drifted_is_counted_together_and_by_name(pool: str, capsys: pytest.CaptureFixture[str]) -> None:
    take_off(pool)
    handler(EVENT, None)
    assert ("WatchDrift", 1.0, "") in (found := metrics(capsys))
    assert ("WatchDrift", 1.0, "UserMigration") in found


def test_squatters_are_counted_once_there_is_an_index(pool: str, capsys: pytest.CaptureFixture[str]) -> None:
    client = Aws(region=REGION).client("dynamodb")
    put_row(client, "ledger", pk=f"index#{pool}", sk="state", started_at=1, built_at=2)
    handler(EVENT, None)
    assert ("Squatted", 0.0, "") in metrics(capsys)


def test_a_look_that_fails_stops_the_heartbeat_and_not_the_other_look(
    pool: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WATCHED_FUNCTIONS", "nobody")
    client = Aws(region=REGION).client("dynamodb")
    put_row(client, "ledger", pk=f"index#{pool}", sk="state", started_at=1, built_at=2)
    with pytest.raises(ClientError):
        handler(EVENT, None)
    assert [name for name, _, _ in metrics(capsys)] == ["Squatted"]


def test_a_stack_of_tables_alone_is_watched_too(
    pool: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NEW_USER_POOL_ID")
    handler(EVENT, None)
    assert ("WatchRan", 1.0, "") in metrics(capsys)
