"""The simulated calls are those that the template permits."""

from __future__ import annotations

from cutover.control.deployment import Deployment
from cutover.control.doctor.calls import CALLS, calls_of
from tests.template.permissions import AWS_ALONE, PERMISSIONS

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:app-MigrateUser-1"
USERS = Deployment(
    "app",
    {"NewUserPoolId": "eu-west-1_New", "OldUserPoolId": "eu-central-1_Old"},
    {
        "LedgerTable": "ledger",
        "SettleQueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/settle",
        "LogKeyArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key",
    },
)


def test_every_permission_of_every_function_is_simulated_and_no_other() -> None:
    granted: dict[str, set[str]] = {}
    for (function, sid), actions in PERMISSIONS.items():
        if sid not in AWS_ALONE:
            granted.setdefault(function, set()).update(actions)
    simulated = {name: {a for actions in kinds.values() for a in actions} for name, kinds in CALLS.items()}
    assert simulated == granted


def test_calls_name_the_resources_of_this_deployment() -> None:
    arns = {arn for _, found in calls_of("MigrateUser", USERS, ARN) for arn in found}
    assert arns == {
        "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_New",
        "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_Old",
        "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger",
        "arn:aws:sqs:eu-west-1:123456789012:settle",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:key",
    }


def test_the_old_pool_of_another_account_is_not_simulated_but_its_role_is() -> None:
    role = "arn:aws:iam::999999999999:role/theirs"
    there = Deployment("app", {**USERS.parameters, "OldRoleArn": role}, USERS.outputs)
    calls = list(calls_of("MigrateUser", there, ARN))
    assert (("sts:AssumeRole",), (role,)) in calls
    assert not [arn for _, arns in calls for arn in arns if "eu-central-1" in arn]


def test_a_list_of_attributes_makes_the_look_at_the_clients_unnecessary() -> None:
    listed = Deployment("app", {**USERS.parameters, "Attributes": "email"}, USERS.outputs)
    actions = {action for actions, _ in calls_of("MigrateUser", listed, ARN) for action in actions}
    assert "cognito-idp:ListUserPoolClients" not in actions


def test_what_a_stack_of_tables_has_is_simulated_for_the_watch_and_not_without() -> None:
    bucket = {"FailureBucket": "lost", "MirrorTableFunction": "mirror", "BackfillSegmentFunction": "copy"}
    tables = Deployment("app", {}, {**USERS.outputs, **bucket})
    of_tables = {arn for _, found in calls_of("Watch", tables, ARN) for arn in found}
    assert {"arn:aws:s3:::lost", "arn:aws:s3:::lost/*"} <= of_tables
    assert not [arn for arn in of_tables if arn.endswith("function:copy")]
    of_users = {action for actions, _ in calls_of("Watch", USERS, ARN) for action in actions}
    assert "dynamodb:DeleteItem" not in of_users
