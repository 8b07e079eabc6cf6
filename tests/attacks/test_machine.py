"""The state machine's histories: a few in `make test`, many in `make check`, new ones in `make search`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from moto import mock_aws

from tests.attacks.machine import Attack

COMMON: dict[str, Any] = {
    "database": None,
    "suppress_health_check": list(HealthCheck),
}
QUICK = settings(max_examples=15, stateful_step_count=25, **COMMON)
THOROUGH = settings(max_examples=150, stateful_step_count=40, **COMMON)


pytestmark = pytest.mark.hypothesis


@pytest.fixture(autouse=True)
def _ledger() -> Iterator[None]:
    with mock_aws():
        yield


def played(profile: settings, capsys: Any, **changes: Any) -> Counter[str]:
    machine = type("Played", (Attack,), {"counts": Counter(), **changes})
    run_state_machine_as_test(machine, settings=profile)
    with capsys.disabled():
        sys.stdout.write(f"\n{machine.counts['histories']} histories, {machine.counts['steps']} steps\n")
    return machine.counts


def test_no_history_breaks_what_must_always_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert played(QUICK, capsys)["histories"] >= 15


@pytest.mark.slow
def test_none_of_many_histories_breaks_what_must_always_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert played(THOROUGH, capsys)["histories"] >= 150
