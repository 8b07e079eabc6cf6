"""The trigger's function as Lambda describes it, with its resource policy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.control.pool_ports import TriggerFunction
from cutover.errors import CutoverError

PENDING_LOOKS = 30
"""A second apart: a function that was just deployed is Pending for a while."""


def read_trigger(client: Any, arn: str, *, sleep: Callable[[float], None]) -> TriggerFunction:
    """The function that `arn` (of an alias) names once it is no longer Pending, and the alias's policy.

    Raises CutoverError where there is no such function or alias, ClientError otherwise.
    """
    described = _described(client, arn)
    for _ in range(PENDING_LOOKS):
        if described.get("State") != "Pending":
            break
        sleep(1.0)
        described = _described(client, arn)
    return TriggerFunction(
        arn, described.get("State", ""), described.get("LastUpdateStatus", ""), _policy(client, arn)
    )


def _described(client: Any, arn: str) -> dict[str, Any]:
    try:
        described: dict[str, Any] = client.get_function_configuration(FunctionName=arn)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise CutoverError(
            "the stack's trigger does not exist",
            cause=arn,
            fix="deploy the stack again",
            next_command="make deploy",
        ) from error
    return described


def _policy(client: Any, arn: str) -> Any:
    function, _, qualifier = arn.rpartition(":") if arn.count(":") == 7 else (arn, "", "")
    wanted = {"FunctionName": function, **({"Qualifier": qualifier} if qualifier else {})}
    try:
        return json.loads(client.get_policy(**wanted)["Policy"])
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return None
        raise
