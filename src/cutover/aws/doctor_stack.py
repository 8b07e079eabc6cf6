"""What doctor reads of the stack: its functions, their roles, its ledger."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cutover.aws.doctor_reading import Reading
from cutover.aws.function_facts import read_function
from cutover.aws.ledger_reader import LedgerReader
from cutover.aws.queue_facts import backlog
from cutover.aws.role_simulation import denied_calls
from cutover.aws.session import Aws
from cutover.aws.stack_protection import StackProtection
from cutover.aws.trigger_function import read_trigger
from cutover.control.deployment import Deployment
from cutover.control.doctor.calls import CALLS, calls_of
from cutover.control.doctor.facts import FunctionFacts, IndexFacts
from cutover.control.ledger_rows import ATTACHED, Attachment, pool_pk
from cutover.control.trigger_plan import CHAINED, OUTPUTS, StackTriggers


@dataclass(frozen=True)
class StackReader:
    """`aws` is the stack's Region."""

    deployment: Deployment
    aws: Aws
    reading: Reading
    at: int

    def read(self) -> dict[str, Any]:
        """The fields of DoctorFacts that are about the stack, by name; none where there is no stack."""
        if not self.deployment.stack:
            return {}
        protection = StackProtection(self.aws.client("cloudformation", attempts=3), self.deployment.stack)
        return {
            "protected": self.reading.attempt("the stack's termination protection", protection.is_on),
            "triggers": self._triggers(),
            "functions": self._functions(),
            "dead_letters": self._dead_letters(),
            **self._of_ledger(),
        }

    def _triggers(self) -> StackTriggers | None:
        """None where the stack has none, or one of them could not be read."""
        client, outputs = self.aws.client("lambda", attempts=3), self.deployment.outputs
        arns = {kind: outputs[name] for kind, name in OUTPUTS.items() if outputs.get(name)}
        found = {
            kind: self.reading.attempt(
                f"the trigger {kind}", partial(read_trigger, client, arn, sleep=time.sleep)
            )
            for kind, arn in arns.items()
        }
        functions = {kind: function for kind, function in found.items() if function is not None}
        if not arns or len(functions) < len(arns):
            return None
        chained = {kind: self.deployment.parameter(name) for kind, name in CHAINED.items()}
        return StackTriggers(functions, {kind: arn for kind, arn in chained.items() if arn})

    def _functions(self) -> tuple[FunctionFacts, ...]:
        client, found = self.aws.client("lambda", attempts=3), []
        for name in CALLS:
            function = self.deployment.outputs.get(f"{name}Function")
            if function:
                facts = self.reading.attempt(f"the function {name}", read_function, client, name, function)
                found += [] if facts is None else [self._simulated(facts)]
        return tuple(found)

    def _simulated(self, facts: FunctionFacts) -> FunctionFacts:
        """IAM knows no Region: it is called in that of the stack."""
        current = facts.live or facts.latest or {}
        wanted = list(calls_of(facts.name, self.deployment, current["FunctionArn"]))
        iam = self.aws.client("iam", attempts=3)
        denied = self.reading.attempt(
            f"what {facts.name} may call", denied_calls, iam, current["Role"], wanted
        )
        return replace(facts, denied=denied)

    def _of_ledger(self) -> dict[str, Any]:
        table, pool_id = (
            self.deployment.outputs.get("LedgerTable"),
            self.deployment.parameter("NewUserPoolId"),
        )
        if not table or not pool_id:
            return {}
        ledger = LedgerReader(self.aws.client("dynamodb", attempts=3), table)
        row = self.reading.attempt("what attach did", ledger.row, pool_pk(pool_id), ATTACHED)
        before = len(self.reading.notes)
        index = self.reading.attempt("the reservation index", ledger.row, f"index#{pool_id}", "state")
        return {
            "attachment": Attachment.of_row(row) if row else None,
            "index": _index(index) if index else None,
            "index_read": len(self.reading.notes) == before,
        }

    def _dead_letters(self) -> Any:
        url = self.deployment.outputs.get("SettleDeadLetterQueueUrl")
        if not url:
            return None
        sqs, cloudwatch = self.aws.client("sqs", attempts=3), self.aws.client("cloudwatch", attempts=3)
        return self.reading.attempt("the settle dead-letter queue", backlog, sqs, cloudwatch, url, self.at)


def _index(row: dict[str, Any]) -> IndexFacts:
    built_at = row.get("built_at")
    return IndexFacts(
        started_at=int(row.get("started_at", 0)),
        built_at=None if built_at is None else int(built_at),
        users=int(row.get("users", 0)),
    )
