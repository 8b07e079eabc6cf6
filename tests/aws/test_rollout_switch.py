"""The rollout is seldom read, never waited for while an older value will do, and never believed for long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

import boto3
import pytest
from botocore.stub import Stubber

from cutover.aws.rollout_switch import (
    FRESH,
    GRACE,
    STALE,
    LedgerRolloutSwitch,
    on_a_thread,
    rollout_of_ledger,
)
from cutover.users.decision_table import Decision, Stop
from cutover.users.rollout import Rollout

FAULT = Stop(Decision.MISCONFIGURED, "rollout ReadTimeoutError")


@dataclass
class Operator:
    """The row and a clock; `hangs`: a read that is begun comes to no end."""

    rollout: Rollout = field(default_factory=lambda: Rollout(100))
    fault: Stop | None = None
    hangs: bool = False
    reads: int = 0
    now: float = 1000.0

    def switch(self) -> LedgerRolloutSwitch:
        return LedgerRolloutSwitch(self._read, clock=lambda: self.now, start=self._start, patience=0.01)

    def _start(self, read: Callable[[], Rollout]) -> Future[Rollout]:
        self.reads += 1
        future: Future[Rollout] = Future()
        if not self.hangs:
            try:
                future.set_result(read())
            except Stop as stop:
                future.set_exception(stop)
        return future

    def _read(self) -> Rollout:
        if self.fault is not None:
            raise self.fault
        return self.rollout


@pytest.fixture
def operator() -> Operator:
    return Operator()


def test_nothing_is_read_while_the_last_value_is_fresh(operator: Operator) -> None:
    switch = operator.switch()
    for _ in range(5):
        switch.last()
        switch.now()
        operator.now += FRESH / 10
    assert operator.reads == 1


def test_a_change_is_in_force_within_seconds(operator: Operator) -> None:
    switch = operator.switch()
    assert switch.now() == Rollout(100)
    operator.rollout = Rollout(100, "stop")
    operator.now += FRESH
    assert switch.now() == Rollout(100, "stop")


def test_the_read_is_begun_before_the_sign_in_and_taken_after_it(operator: Operator) -> None:
    switch = operator.switch()
    switch.now()
    operator.rollout = Rollout(100, "stop")
    operator.now += FRESH
    assert switch.last() == Rollout(100)
    assert switch.now() == Rollout(100, "stop")
    assert operator.reads == 2


@pytest.mark.parametrize("trouble", ["hangs", "fault"])
def test_the_last_good_value_stays_in_force_for_a_while(operator: Operator, trouble: str) -> None:
    switch = operator.switch()
    switch.now()
    setattr(operator, trouble, True if trouble == "hangs" else FAULT)
    operator.now += STALE - 1
    assert switch.now() == Rollout(100)


@pytest.mark.parametrize("trouble", ["hangs", "fault"])
def test_and_no_longer(operator: Operator, trouble: str) -> None:
    switch = operator.switch()
    switch.now()
    setattr(operator, trouble, True if trouble == "hangs" else FAULT)
    operator.now += STALE
    with pytest.raises(Stop):
        switch.now()


def test_without_any_value_a_fault_is_a_fault(operator: Operator) -> None:
    operator.fault = FAULT
    switch = operator.switch()
    assert switch.last() is None
    with pytest.raises(Stop, match="ReadTimeoutError"):
        switch.now()


def test_a_read_that_failed_is_made_again(operator: Operator) -> None:
    switch = operator.switch()
    switch.now()
    operator.now += FRESH
    operator.fault = FAULT
    switch.now()
    operator.fault = None
    operator.rollout = Rollout(10)
    assert switch.now() == Rollout(10)


def test_a_hanging_read_does_not_hold_up_a_sign_in() -> None:
    """With the real thread: the read hangs, the sign-in goes on with what was known."""
    hang, now, first = threading.Event(), [1000.0], [True]

    def read() -> Rollout:
        if not first:
            hang.wait(10)
        first.clear()
        return Rollout(100)

    switch = LedgerRolloutSwitch(read, clock=lambda: now[0], start=on_a_thread())
    assert switch.now() == Rollout(100)
    now[0] += FRESH
    began = time.monotonic()
    assert switch.last() == Rollout(100)
    assert switch.now() == Rollout(100)
    assert time.monotonic() - began < GRACE + 0.3
    hang.set()


class TestTheRow:
    @pytest.fixture
    def stubbed(self) -> Iterator[tuple[Stubber, Callable[[], Rollout]]]:
        client = boto3.client("dynamodb", region_name="eu-west-1")
        with Stubber(client) as stubber:
            yield stubber, rollout_of_ledger(client, "ledger", "eu-west-1_new", 40)
            stubber.assert_no_pending_responses()

    def test_is_read_by_its_key(self, stubbed: tuple[Stubber, Callable[[], Rollout]]) -> None:
        stubber, read = stubbed
        stubber.add_response(
            "get_item",
            {"Item": {"percent": {"N": "5"}, "paused": {"S": "why"}}},
            {
                "TableName": "ledger",
                "Key": {"pk": {"S": "control#eu-west-1_new"}, "sk": {"S": "rollout"}},
                "ConsistentRead": True,
            },
        )
        assert read() == Rollout(5, "why")

    def test_that_is_absent_leaves_the_deployments_share(
        self, stubbed: tuple[Stubber, Callable[[], Rollout]]
    ) -> None:
        stubber, read = stubbed
        stubber.add_response("get_item", {})
        assert read() == Rollout(40)

    def test_that_cannot_be_read_is_a_fault(self, stubbed: tuple[Stubber, Callable[[], Rollout]]) -> None:
        stubber, read = stubbed
        stubber.add_client_error("get_item", "AccessDeniedException")
        with pytest.raises(Stop, match="rollout AccessDeniedException"):
            read()
