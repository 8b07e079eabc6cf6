"""Executions of the state machine that runs a backfill on many machines: start, look, stop."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from cutover.aws.faults import error_code
from cutover.aws.table_faults import AWS_ERRORS
from cutover.tables.ports import TableFault

RUNNING = "RUNNING"
GONE = "GONE"
"""AWS keeps no word of it any more: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


@dataclass(frozen=True)
class Look:
    """How an execution is: its `status` is RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or GONE."""

    status: str
    error: str = ""
    cause: str = ""


class Executions:
    """Every method raises TableFault when AWS is at fault."""

    def __init__(self, client: Any, machine: str) -> None:
        self._client, self._machine = client, machine

    def start(self, name: str, pair: str, run_id: str, concurrency: int, keys_from: str = "") -> str:
        """The ARN of the execution, of a name that nobody else uses: where there is one, an earlier try
        started it, whose reply was lost. `keys_from` is the folder of the export that it reads.

        https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
        """
        state = {"pair": pair, "run": run_id, "concurrency": concurrency}
        task = json.dumps({**state, **({"keys_from": keys_from} if keys_from else {})})
        try:
            reply = self._call("start_execution", stateMachineArn=self._machine, name=name, input=task)
        except TableFault as fault:
            if fault.reason == "ExecutionAlreadyExists":
                return self._machine.replace(":stateMachine:", ":execution:", 1) + f":{name}"
            raise
        return str(reply["executionArn"])

    def running(self, run_id: str) -> str | None:
        """The execution that works on the run, whose id its name begins with."""
        start: dict[str, str] = {}
        while True:
            reply = self._call(
                "list_executions", stateMachineArn=self._machine, statusFilter=RUNNING, **start
            )
            for row in reply["executions"]:
                if str(row["name"]).startswith(f"{run_id}-"):
                    return str(row["executionArn"])
            if not reply.get("nextToken"):
                return None
            start = {"nextToken": reply["nextToken"]}

    def look(self, arn: str) -> Look:
        try:
            reply = self._call("describe_execution", executionArn=arn)
        except TableFault as fault:
            if fault.reason == "ExecutionDoesNotExist":
                return Look(GONE)
            raise
        return Look(str(reply["status"]), str(reply.get("error") or ""), str(reply.get("cause") or ""))

    def stop(self, arn: str, cause: str) -> None:
        """Aborts it, its map and the executions of that. Functions that run end by themselves."""
        self._call("stop_execution", executionArn=arn, error="stopped", cause=cause)

    def _call(self, operation: str, **parameters: Any) -> Any:
        try:
            return getattr(self._client, operation)(**parameters)
        except AWS_ERRORS as error:
            raise TableFault("Step Functions", error_code(error)) from error
