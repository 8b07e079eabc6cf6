"""The calls that each function makes with its role, and on what: what doctor has IAM simulate.

`tests/control/doctor/test_calls.py` holds this table against the permissions that the template's tests know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cutover.control.deployment import Deployment
from cutover.users.settings import region_of

_CLIENTS = ("cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient")
_TABLES: Mapping[str, tuple[str, ...]] = {
    "source tables": ("dynamodb:DescribeTable", "dynamodb:BatchGetItem"),
    "source role": ("sts:AssumeRole",),
    "target tables": (
        "dynamodb:DescribeTable",
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PutItem",
    ),
    "sub map": ("dynamodb:BatchGetItem",),
    "target role": ("sts:AssumeRole",),
    "ledger": ("dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
    "table parameter": ("ssm:GetParameter",),
}

CALLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "MigrateUser": {
        "new pool": ("cognito-idp:DescribeUserPool", "cognito-idp:AdminGetUser"),
        "new clients": _CLIENTS,
        "old pool": (
            "cognito-idp:AdminInitiateAuth",
            "cognito-idp:AdminGetUser",
            "cognito-idp:DescribeUserPool",
        ),
        "old clients": _CLIENTS,
        "old role": ("sts:AssumeRole",),
        "ledger": ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        "settle queue": ("sqs:SendMessage",),
        "log key": ("secretsmanager:GetSecretValue",),
        "old client's secret": ("secretsmanager:GetSecretValue",),
    },
    "SettleUser": {
        "new pool": ("cognito-idp:AdminGetUser",),
        "new groups": (
            "cognito-idp:GetGroup",
            "cognito-idp:CreateGroup",
            "cognito-idp:AdminAddUserToGroup",
        ),
        "forgotten users": (
            "cognito-idp:AdminDisableUser",
            "cognito-idp:AdminEnableUser",
            "cognito-idp:AdminDeleteUser",
        ),
        "forgotten offers": ("dynamodb:DeleteItem",),
        "event bus": ("events:PutEvents",),
        "old groups": ("cognito-idp:AdminListGroupsForUser",),
        "old role for groups": ("sts:AssumeRole",),
        "ledger": ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        "settle queue": ("sqs:SendMessage",),
    },
    "GuardSignUp": {
        "old users": ("cognito-idp:AdminGetUser", "cognito-idp:ListUsers"),
        "old role": ("sts:AssumeRole",),
        "ledger": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem"),
        "log key": ("secretsmanager:GetSecretValue",),
        "chained sign-up": ("lambda:InvokeFunction",),
    },
    "AddClaims": {
        "ledger": ("dynamodb:BatchGetItem",),
        "chained claims": ("lambda:InvokeFunction",),
    },
    "Watch": {
        "new pool": (
            "cognito-idp:DescribeUserPool",
            "cognito-idp:ListUserPoolClients",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:ListIdentityProviders",
            "cognito-idp:DescribeIdentityProvider",
            "cognito-idp:ListUsers",
        ),
        "ledger": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"),
        "functions": ("lambda:GetFunctionConfiguration", "lambda:ListAliases"),
        "anything": ("lambda:ListEventSourceMappings",),
    },
    "MirrorTable": {**_TABLES, "retry queue": ("sqs:SendMessage",)},
    "RetryKeys": {
        **_TABLES,
        "owed": ("dynamodb:DeleteItem",),
        "retry queue": ("sqs:SendMessage", "sqs:ChangeMessageVisibility"),
    },
}
"""function -> kind of resource -> actions."""


def calls_of(
    function: str, deployment: Deployment, function_arn: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(actions, ARNs) of this deployment. A resource that it does not have is left out, and so is the old
    pool of another account: there the role's own policy decides."""
    known = resources(deployment, function_arn)
    for kind, actions in CALLS.get(function, {}).items():
        if known.get(kind):
            yield actions, known[kind]


def resources(deployment: Deployment, function_arn: str) -> Mapping[str, tuple[str, ...]]:
    """kind -> ARNs. The function stands in the stack's account and Region."""
    parts = function_arn.split(":")
    partition, region, account = parts[1], parts[3], parts[4]

    def arn(service: str, name: str, place: str | None = region) -> str:
        return f"arn:{partition}:{service}:{place}:{account}:{name}"

    def pool(parameter: str) -> tuple[str, ...]:
        pool_id = deployment.parameter(parameter)
        return (arn("cognito-idp", f"userpool/{pool_id}", region_of(pool_id)),) if pool_id else ()

    def queue(output: str) -> tuple[str, ...]:
        url = deployment.outputs.get(output)
        return (arn("sqs", url.rsplit("/", 1)[-1]),) if url else ()

    by_rights = deployment.parameter("Attributes") is None
    old = () if deployment.parameter("OldRoleArn") else pool("OldUserPoolId")
    groups = deployment.parameter("Groups") != "off"
    forgets = deployment.parameter("ForgotPassword") == "on"
    bus = deployment.parameter("EventBusName")
    tables = deployment.parameter("Tables") or ""
    ledger = deployment.outputs.get("LedgerTable")
    return {
        "new pool": pool("NewUserPoolId"),
        "new clients": pool("NewUserPoolId") if by_rights else (),
        "old pool": old,
        "old users": old,
        "old clients": old if by_rights else (),
        "new groups": pool("NewUserPoolId") if groups else (),
        "forgotten users": pool("NewUserPoolId") if forgets else (),
        "forgotten offers": (arn("dynamodb", f"table/{ledger}"),) if forgets and ledger else (),
        "event bus": (arn("events", f"event-bus/{bus.rsplit('/', 1)[-1]}"),) if bus else (),
        "old groups": old if groups else (),
        "old role for groups": listed(deployment, "OldRoleArn") if groups else (),
        "chained sign-up": listed(deployment, "ChainedPreSignUpArn"),
        "chained claims": listed(deployment, "ChainedPreTokenArn"),
        "functions": tuple(
            arn("lambda", f"function:{deployment.outputs[name]}")
            for name in (f"{function}Function" for function in CALLS if function != "Watch")
            if name in deployment.outputs
        ),
        "anything": ("*",) if "MirrorTableFunction" in deployment.outputs else (),
        "old role": listed(deployment, "OldRoleArn"),
        "old client's secret": listed(deployment, "OldClientSecretArn"),
        "log key": (deployment.outputs["LogKeyArn"],) if "LogKeyArn" in deployment.outputs else (),
        "ledger": (arn("dynamodb", f"table/{ledger}"),) if ledger else (),
        "owed": (arn("dynamodb", f"table/{ledger}"),) if ledger else (),
        "sub map": listed(deployment, "SubMapTableArn"),
        "settle queue": queue("SettleQueueUrl"),
        "retry queue": queue("RetryQueueUrl"),
        "source tables": ()
        if deployment.parameter("SourceRoleArn")
        else listed(deployment, "SourceTableArns"),
        "target tables": ()
        if deployment.parameter("TargetRoleArn")
        else listed(deployment, "TargetTableArns"),
        "source role": listed(deployment, "SourceRoleArn"),
        "target role": listed(deployment, "TargetRoleArn"),
        "table parameter": (arn("ssm", f"parameter{tables.removeprefix('ssm:')}"),)
        if tables.startswith("ssm:")
        else (),
    }


def listed(deployment: Deployment, parameter: str) -> tuple[str, ...]:
    return tuple(filter(None, (deployment.parameter(parameter) or "").replace(" ", "").split(",")))
