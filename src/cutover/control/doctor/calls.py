"""The calls that each function makes with its role, and on what: what doctor has IAM simulate.

`tests/control/doctor/test_calls.py` holds this table against the permissions that the template's tests know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cutover.control.deployment import Deployment
from cutover.control.doctor.call_resources import resources

_CLIENTS = ("cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient")
_TABLES: Mapping[str, tuple[str, ...]] = {
    "source tables": ("dynamodb:DescribeTable", "dynamodb:BatchGetItem"),
    "source role": ("sts:AssumeRole",),
    "target tables": (
        "dynamodb:DescribeTable",
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    ),
    "sub map": ("dynamodb:BatchGetItem",),
    "target role": ("sts:AssumeRole",),
    "ledger": ("dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"),
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
        "owed": (
            "dynamodb:Query",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
        ),
        "sub map": ("dynamodb:BatchGetItem",),
        "retry queue": ("sqs:SendMessage",),
        "failure bucket": ("s3:ListBucket",),
        "lost batches": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"),
        "table parameter": ("ssm:GetParameter",),
    },
    "MirrorTable": {**_TABLES, "retry queue": ("sqs:SendMessage",)},
    "BackfillSegment": {
        **_TABLES,
        "source tables": (
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:Scan",
            "dynamodb:BatchGetItem",
        ),
        "target tables": (
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:PutItem",
        ),
        "ledger": (
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:Query",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
        ),
        "exports": ("s3:GetObject",),
        "retry queue": ("sqs:SendMessage",),
    },
    "RetryKeys": {
        **_TABLES,
        "owed": ("dynamodb:DeleteItem",),
        "retry queue": ("sqs:SendMessage", "sqs:ChangeMessageVisibility"),
    },
}
"""function -> kind of resource -> actions."""


UNWATCHED = {"Watch", "BackfillSegment"}
"""Functions that the watch does not look at: itself, and one that runs when somebody wants it."""


def calls_of(
    function: str, deployment: Deployment, function_arn: str
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(actions, ARNs) of this deployment. A resource that it does not have is left out, and so is the old
    pool of another account: there the role's own policy decides."""
    watched = tuple(f"{name}Function" for name in CALLS if name not in UNWATCHED)
    known = resources(deployment, function_arn, watched)
    for kind, actions in CALLS.get(function, {}).items():
        if known.get(kind):
            yield actions, known[kind]
