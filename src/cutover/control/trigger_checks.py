"""May these functions become triggers of the pool?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cutover.control.pool_ports import PoolState, TriggerFunction
from cutover.control.refusals import Refusal

COGNITO = "cognito-idp.amazonaws.com"
_EQUALITIES = ("stringequals", "stringlike", "arnequals", "arnlike")


def function_of(arn: str) -> str:
    """An ARN without its alias or version: `arn:aws:lambda:<region>:<account>:function:<name>`."""
    return ":".join(arn.split(":")[:7])


def same_function(one: str, other: str) -> bool:
    return function_of(one) == function_of(other)


def foreign_trigger(state: PoolState, ours: str) -> Refusal | None:
    """Somebody else's trigger is never replaced."""
    if state.trigger is None or same_function(state.trigger, ours):
        return None
    return Refusal(
        "foreign_trigger",
        "the pool has somebody else's UserMigration trigger",
        cause=state.trigger,
        fix="remove it where it was set, once whoever set it agrees",
    )


def function_refusals(function: TriggerFunction, state: PoolState) -> tuple[Refusal, ...]:
    """What keeps Cognito from calling `function`, or lets others call it in Cognito's name."""
    wrong_place = tuple(_wrong_place(function.arn, state.arn))
    return wrong_place or (*_not_ready(function), *_invoke_permission(function, state.arn))


def _wrong_place(arn: str, pool_arn: str) -> Iterator[Refusal]:
    function_place, pool_place = arn.split(":")[3:5], pool_arn.split(":")[3:5]
    if len(arn.split(":")) < 8 or arn.endswith(":$LATEST"):
        yield Refusal(
            "no_alias",
            "a trigger of the stack has no alias",
            cause=arn,
            fix="deploy this version's template.yaml: its outputs name the alias live",
        )
    elif function_place[0] != pool_place[0]:
        yield Refusal(
            "wrong_region",
            "the trigger and the pool are in different Regions",
            cause=f"{arn}: function in {function_place[0]}, pool in {pool_place[0]}",
            fix="deploy the stack in the Region of the new pool",
        )


def _not_ready(function: TriggerFunction) -> Iterator[Refusal]:
    if function.state not in ("Active", "") or function.last_update == "Failed":
        yield Refusal(
            "function_not_active",
            "the trigger's function is not ready",
            cause=f"{function.arn}: state {function.state}, last update {function.last_update or 'unknown'}",
            fix="wait until it is Active, or deploy the stack again",
        )


def _invoke_permission(function: TriggerFunction, pool_arn: str) -> Iterator[Refusal]:
    """Who may invoke it in Cognito's name must be this pool, of this account, and nobody else:
    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html"""
    account = pool_arn.split(":")[4] if pool_arn.count(":") >= 4 else ""
    wanted = {"aws:sourcearn": pool_arn, "aws:sourceaccount": account}
    admitted = [_conditions(row) for row in _statements(function.policy) if _admits_cognito(row)]
    if wanted not in admitted:
        yield Refusal(
            "no_invoke_permission",
            "Cognito may not invoke the trigger for this pool",
            cause=f"{function.arn}: no statement for {COGNITO} with SourceArn {pool_arn} and SourceAccount "
            f"{account}",
            fix="deploy the stack with this pool as NewUserPoolId",
        )
    elif any(not {"aws:sourcearn", "aws:sourceaccount"} <= conditions.keys() for conditions in admitted):
        yield Refusal(
            "open_invoke_permission",
            "any user pool could invoke the trigger",
            cause=f"{function.arn}: a statement for {COGNITO} lacks SourceArn or SourceAccount",
            fix="remove that statement from the function's resource policy",
        )


def _statements(policy: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    statements = (policy or {}).get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def _admits_cognito(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")
    service = principal.get("Service") if isinstance(principal, Mapping) else principal
    services = service if isinstance(service, list) else [service]
    actions = statement.get("Action")
    actions = actions if isinstance(actions, list) else [actions]
    return (
        statement.get("Effect") == "Allow"
        and (COGNITO in services or "*" in services)
        and any(action in ("lambda:InvokeFunction", "lambda:*", "*") for action in actions)
    )


def _conditions(statement: Mapping[str, Any]) -> dict[str, Any]:
    """The statement's equality conditions, keys in lower case: IAM does not tell their cases apart."""
    found: dict[str, Any] = {}
    for operator, entries in statement.get("Condition", {}).items():
        if operator.lower() in _EQUALITIES:
            for key, value in entries.items():
                found[key.lower()] = value[0] if isinstance(value, list) and len(value) == 1 else value
    return found
