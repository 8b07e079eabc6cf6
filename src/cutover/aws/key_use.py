"""Whether the functions' roles may use the tables' own keys, by IAM's simulation.

DynamoDB decrypts the table's key in the name of whoever calls it, so a caller needs `kms:Decrypt` through
DynamoDB; the key's own policy may give that without the role's knowing, and is not simulated:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cutover.aws.role_simulation import denied_calls
from cutover.control.doctor.facts import FunctionFacts

DECRYPT = "kms:Decrypt"

KeyDecision = tuple[str, str, str, str]
"""(function, key ARN, action, decision), of what is not allowed."""


def key_decisions(
    iam: Any, functions: Iterable[FunctionFacts], keys: Iterable[str]
) -> tuple[KeyDecision, ...]:
    """What is not allowed. Raises ClientError where the caller may not simulate."""
    distinct = tuple(dict.fromkeys(keys))
    return tuple(
        (function.name, key, action, decision)
        for function in functions
        for key in distinct
        for action, _, decision in _denied(iam, function, key)
    )


def _denied(iam: Any, function: FunctionFacts, key: str) -> tuple[tuple[str, str, str], ...]:
    configuration = function.live or function.latest or {}
    if "Role" not in configuration:
        return ()
    _, partition, _, region, _ = key.split(":", 4)
    account = configuration["Role"].split(":")[4]
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    context = {"kms:ViaService": f"dynamodb.{region}.{suffix}", "kms:CallerAccount": account}
    return denied_calls(iam, configuration["Role"], [((DECRYPT,), (key,))], context)
