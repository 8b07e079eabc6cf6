"""Step Functions on moto, which starts executions and does nothing with them; a thread plays their turns."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from cutover.aws.backfill_parts import BackfillParts, backfill_parts
from cutover.aws.session import Aws
from cutover.aws.table_pairs import Roles
from cutover.aws.table_parts import TableSettings
from cutover.tables.backfill_task import Outcome, Task
from cutover.tables.backfill_turn import take_turn
from tests.cli.table_world import REGION, TableWorld

SECONDS = 60.0


def never() -> bool:
    return False


def ignore(_: str) -> None:
    """Nobody listens."""


@dataclass
class Machine:
    client: Any
    arn: str
    parts: BackfillParts

    @classmethod
    def made(cls, world: TableWorld) -> Machine:
        """As the stack of `table_world` names it."""
        client = boto3.client("stepfunctions", region_name=REGION)
        role = "arn:aws:iam::123456789012:role/backfill"
        state = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
        made = client.create_state_machine(name="shop-Backfill", definition=state, roleArn=role)
        pairs = json.dumps([{"source": "old-orders", "target": "new-orders"}])
        settings = TableSettings(pairs, "ledger", world.queue_url, Roles(), "ledger")
        return cls(client, made["stateMachineArn"], backfill_parts(settings, Aws(region=REGION)))

    def executions(self) -> list[dict[str, Any]]:
        return [
            self.client.describe_execution(executionArn=row["executionArn"])
            for row in self.client.list_executions(stateMachineArn=self.arn)["executions"]
        ]

    def task(self) -> dict[str, Any]:
        (execution,) = self.executions()
        task: dict[str, Any] = json.loads(execution["input"])
        return task

    def end(self, error: str, cause: str = "") -> None:
        """moto ends an execution in no other way."""
        (execution,) = self.executions()
        self.client.stop_execution(executionArn=execution["executionArn"], error=error, cause=cause)

    def first(self) -> dict[str, Any]:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            found = self.executions()
            if found:
                return found[0]
            time.sleep(0.05)
        raise AssertionError("nothing was started")

    def play(self) -> None:
        """The turns of an execution, one after the other."""
        execution = self.first()
        state = json.loads(execution["input"])
        begun = self._turn("begin", execution, state)
        for slot in begun.get("slots", []):
            self._turn("copy", execution, {**state, "epoch": begun["epoch"], "slot": slot})
        self._turn("end", execution, {**state, "turn": begun})
        self.end("played")

    @contextmanager
    def meanwhile(self, action: Callable[[], None]) -> Iterator[None]:
        """Does `action` in a thread; what it raises is raised at the end."""
        errors: list[BaseException] = []

        def act() -> None:
            try:
                action()
            except BaseException as error:  # noqa: BLE001 - raised again below
                errors.append(error)

        thread = threading.Thread(target=act)
        thread.start()
        yield
        thread.join()
        if errors:
            raise errors[0]

    def _turn(self, phase: str, execution: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
        event = {"phase": phase, "execution": execution["executionArn"], "state": state}
        task = Task.of(event)
        turn = take_turn(task, lambda: self.parts.desk(task, near_end=never, enough=never, say=ignore))
        assert turn.outcome is Outcome.DONE, turn
        return turn.data()
