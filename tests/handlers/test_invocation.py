"""Time, Region and start-up of an invocation."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest

from cutover.handlers.invocation import COGNITO_WAITS, MARGIN, Invocation, aws_here, sdk_environment


def context(millis: object) -> SimpleNamespace:
    return SimpleNamespace(get_remaining_time_in_millis=lambda: millis)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (context(30_000), COGNITO_WAITS),
        (context(2_000), 2 - MARGIN),
        (None, COGNITO_WAITS),
        (SimpleNamespace(), COGNITO_WAITS),
        (MagicMock(), COGNITO_WAITS),
    ],
)
def test_the_time_left_is_cognitos_patience_or_less(given: object, seconds: float) -> None:
    assert Invocation(given, clock=lambda: 7.0).seconds_left() == pytest.approx(seconds)


def test_the_time_left_runs_out() -> None:
    now = [0.0]
    call = Invocation(None, clock=lambda: now[0])
    now[0] = 5.0
    assert call.seconds_left() < 0
    assert call.seconds() == 5.0


def test_only_what_the_sdk_reads_makes_new_clients() -> None:
    environ = {"AWS_REGION": "eu-west-1", "_X_AMZN_TRACE_ID": "changes", "HOME": "/"}
    assert sdk_environment(environ) == (("AWS_REGION", "eu-west-1"),)


def test_the_region_is_the_functions_own() -> None:
    assert aws_here((("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_REGION", "us-east-1"))).region == "us-east-1"
    assert aws_here((("AWS_DEFAULT_REGION", "eu-west-1"),)).region == "eu-west-1"


def test_an_invocation_without_a_context_has_no_id() -> None:
    assert Invocation(None).request_id == ""


SETTINGS = {
    "NEW_USER_POOL_ID": "eu-west-1_new",
    "OLD_USER_POOL_ID": "eu-west-1_old",
    "OLD_CLIENT_ID": "c",
    "LEDGER_TABLE": "ledger",
    "SETTLE_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/s",
}
PRINT_MADE = "from cutover.handlers import migrate_user as m; print(m._made.cache_info().currsize)"


def started(**environ: str) -> str:
    """How many sets of clients stand ready after the import of the trigger in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", PRINT_MADE],
        env={**os.environ, "AWS_REGION": "eu-west-1", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_in_lambda_the_clients_are_made_at_the_start() -> None:
    assert started(AWS_LAMBDA_INITIALIZATION_TYPE="on-demand", **SETTINGS) == "1"


def test_elsewhere_an_import_makes_nothing() -> None:
    assert started(**SETTINGS) == "0"


def test_a_start_without_settings_leaves_the_fault_to_the_invocation() -> None:
    assert started(AWS_LAMBDA_INITIALIZATION_TYPE="on-demand") == "0"
