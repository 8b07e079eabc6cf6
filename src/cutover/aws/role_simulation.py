"""What a role may call, by IAM's own simulation: nothing is called but the simulator.

It knows the role's policies, its permissions boundary and the account's service control policies, not the
resources' own policies:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

ALLOWED = "allowed"


def denied_calls(
    client: Any,
    role_arn: str,
    wanted: Iterable[tuple[tuple[str, ...], tuple[str, ...]]],
    context: Mapping[str, str] | None = None,
) -> tuple[tuple[str, str, str], ...]:
    """(action, resource, decision) of every wanted (actions, ARNs) that is not allowed.

    `client` is an IAM client, `context` holds the condition keys of the calls and their values. Raises
    ClientError where the caller may not simulate.
    """
    entries = [
        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in (context or {}).items()
    ]
    more = {"ContextEntries": entries} if entries else {}
    denied: list[tuple[str, str, str]] = []
    for actions, arns in wanted:
        pages = client.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=role_arn, ActionNames=list(actions), ResourceArns=list(arns), **more
        )
        for page in pages:
            denied += [_row(row) for row in page["EvaluationResults"] if row["EvalDecision"] != ALLOWED]
    return tuple(denied)


def _row(result: Mapping[str, Any]) -> tuple[str, str, str]:
    return result["EvalActionName"], result.get("EvalResourceName", "*"), result["EvalDecision"]
