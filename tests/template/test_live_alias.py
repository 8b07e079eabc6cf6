"""A changed parameter reaches what runs: the functions behind `live`, not $LATEST alone.

SAM names a version by a hash of the template's text, in which a changed parameter does not show:
https://github.com/aws/serverless-application-model/issues/3820
"""

from __future__ import annotations

import pytest

from cutover.rehearsal.local import Local
from tests.template.deploying import Stack
from tests.template.expanding import ACCOUNT, TABLES, USERS

pytestmark = pytest.mark.local_stack

ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
BASE = {
    **USERS,
    **TABLES,
    "OldRoleArn": f"{ROLE}old",
    "SourceRoleArn": f"{ROLE}source",
    "MirrorState": "off",
    "OnAws": "false",
}
USER_FUNCTIONS = ("MigrateUserFunction", "SettleUserFunction", "GuardSignUpFunction", "AddClaimsFunction")
TABLE_FUNCTIONS = ("MirrorTableFunction", "RetryKeysFunction", "BackfillSegmentFunction")
USER_CHANGES = {
    "NewUserPoolId": ("NEW_USER_POOL_ID", "eu-west-1_Another01"),
    "OldUserPoolId": ("OLD_USER_POOL_ID", "eu-west-1_Another02"),
    "OldClientId": ("OLD_CLIENT_ID", "2example"),
    "OldClientSecretArn": (
        "OLD_CLIENT_SECRET_ARN",
        f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:s-AbCdEf",
    ),
    "OldRegion": ("OLD_REGION", "eu-central-1"),
    "OldRoleArn": ("OLD_ROLE_ARN", f"{ROLE}other"),
    "OldExternalId": ("OLD_EXTERNAL_ID", "shared-word"),
    "Attributes": ("ATTRIBUTES", "given_name,plan=tier"),
    "LegacySubAttribute": ("LEGACY_SUB_ATTRIBUTE", "custom:was"),
    "MfaPolicy": ("MFA_POLICY", "accept"),
    "TemporaryPassword": ("TEMPORARY_PASSWORD", "reset"),
    "ResetRequired": ("RESET_REQUIRED", "reset"),
    "WeakPassword": ("WEAK_PASSWORD", "reset"),
    "ForgotPassword": ("FORGOT_PASSWORD", "on"),
    "ForgotPasswordPerHour": ("FORGOT_PASSWORD_PER_HOUR", "7"),
    "RolloutPercent": ("ROLLOUT_PERCENT", "25"),
    "Groups": ("GROUPS", "off"),
    "GroupMap": ("GROUP_MAP", "admins=staff"),
    "OldSubClaim": ("OLD_SUB_CLAIM", "was"),
    "EventBusName": ("EVENT_BUS", "people"),
    "GuardText": ("GUARD_TEXT", "Please sign in."),
    "GuardOnOutage": ("GUARD_ON_OUTAGE", "allow"),
    "ChainedPreSignUpArn": (
        "CHAINED_PRE_SIGN_UP_ARN",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:check:live",
    ),
    "ChainedPreTokenArn": ("CHAINED_PRE_TOKEN_ARN", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:claims"),
    "AllowedClientIds": ("ALLOWED_CLIENT_IDS", "one,two"),
}
LONG_TABLES = '[{"source":"orders","target":"orders-new","transform":"' + "m" * 1000 + ':f"}]'
TABLE_CHANGES = {
    "Tables": ("TABLES", LONG_TABLES),
    "SourceRoleArn": ("SOURCE_ROLE_ARN", f"{ROLE}other"),
    "TargetRoleArn": ("TARGET_ROLE_ARN", f"{ROLE}target"),
    "ExternalId": ("EXTERNAL_ID", "shared-word"),
    "SubMapTableArn": ("SUB_MAP_TABLE", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/people-ledger"),
}
CASES = [
    pytest.param(functions, parameter, variable, value, id=parameter)
    for functions, changes in ((USER_FUNCTIONS, USER_CHANGES), (TABLE_FUNCTIONS, TABLE_CHANGES))
    for parameter, (variable, value) in changes.items()
]


@pytest.fixture(scope="module")
def stack(running_stack: Local) -> Stack:
    stack = Stack(running_stack, "live-alias")
    stack.deploy(BASE)
    return stack


@pytest.mark.slow
@pytest.mark.parametrize(("functions", "parameter", "variable", "value"), CASES)
def test_a_changed_parameter_stands_behind_live(
    stack: Stack, functions: tuple[str, ...], parameter: str, variable: str, value: str
) -> None:
    stack.deploy(
        {**stack.values, parameter: value}
    )  # that one alone: another could bring a new version along
    assert [stack.environment(function)[variable] for function in functions] == [value] * len(functions)


def test_every_parameter_that_becomes_a_variable_is_changed_here(stack: Stack) -> None:
    stack.deploy(BASE)
    variables = {
        name for function in (*USER_FUNCTIONS, *TABLE_FUNCTIONS) for name in stack.environment(function)
    }
    changed = {variable for changes in (USER_CHANGES, TABLE_CHANGES) for variable, _ in changes.values()}
    of_the_stack = {
        "POWERTOOLS_SERVICE_NAME",
        "LEDGER_TABLE",
        "SETTLE_QUEUE_URL",
        "RETRY_QUEUE_URL",
        "LOG_KEY_ARN",
        "PUBLISHED_FOR",
    }
    assert variables == changed | of_the_stack


def test_a_parameter_that_is_changed_back_stands_behind_live(stack: Stack) -> None:
    stack.deploy({**BASE, "MfaPolicy": "accept"})
    stack.deploy(BASE)
    assert stack.environment("MigrateUserFunction")["MFA_POLICY"] == "refuse"


def test_an_older_version_stays_for_the_way_back(stack: Stack) -> None:
    stack.deploy({**BASE, "ForgotPassword": "on"})
    versions = stack.local.client("lambda").list_versions_by_function(
        FunctionName=stack.outputs()["MigrateUserFunction"]
    )["Versions"]
    kept = {
        row["Environment"]["Variables"]["FORGOT_PASSWORD"] for row in versions if row["Version"] != "$LATEST"
    }
    assert kept == {"off", "on"}
