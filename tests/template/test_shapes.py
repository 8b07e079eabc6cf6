"""Users only, tables only, both, and what is refused: on the local stack's CloudFormation."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from cutover.rehearsal.local import Local
from tests.template.deploying import Stack
from tests.template.expanding import ACCOUNT, KINESIS, REGION, TABLES, USERS

pytestmark = pytest.mark.local_stack

LOCAL = {"OnAws": "false", "MirrorState": "off"}
WATCH = {"Watch"}
USER_FUNCTIONS = {"MigrateUser", "SettleUser", "GuardSignUp", "AddClaims"} | WATCH
TABLE_FUNCTIONS = {"MirrorTable", "RetryKeys", "BackfillSegment"} | WATCH
SECOND_STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/customers/stream/2026-01-01T00:00:00.000"
USER_OUTPUTS = {
    "NewUserPoolId",
    "MigrateUserArn",
    "MigrateUserFunction",
    "SettleUserFunction",
    "GuardSignUpArn",
    "GuardSignUpFunction",
    "AddClaimsArn",
    "AddClaimsFunction",
    "SettleQueueUrl",
    "SettleDeadLetterQueueUrl",
    "ImportLogsRoleArn",
    "LogKeyArn",
}
TABLE_OUTPUTS = {
    "Tables",
    "MirrorTableFunction",
    "RetryKeysFunction",
    "BackfillStateMachine",
    "BackfillSegmentFunction",
    "RetryQueueUrl",
    "RetryDeadLetterQueueUrl",
    "FailureBucket",
}
TABLE_ID = "".join(filter(str.isalnum, TABLES["SourceTableArns"]))
KEY = "arn:aws:kms:us-east-1:123456789012:key/1a2b3c4d"
CONTRADICTIONS = [
    ({}, "Give NewUserPoolId"),
    ({"NewUserPoolId": USERS["NewUserPoolId"]}, "needs OldUserPoolId"),
    ({**USERS, "OldClientId": ""}, "needs OldClientId"),
    ({**USERS, "OldUserPoolId": USERS["NewUserPoolId"]}, "the same pool"),
    ({**TABLES, "OldUserPoolId": USERS["OldUserPoolId"]}, "needs NewUserPoolId"),
    ({**USERS, "SourceTableArns": TABLES["SourceTableArns"]}, "needs Tables"),
    ({**USERS, "SourceStreamArns": TABLES["SourceStreamArns"]}, "needs Tables"),
    ({"Tables": TABLES["Tables"]}, "needs SourceTableArns"),
    ({**TABLES, "TargetTableArns": ""}, "needs TargetTableArns"),
    ({**TABLES, "SourceStreamArns": "none"}, "needs SourceStreamArns"),
    ({**USERS, "SourceKinesisArns": KINESIS}, "SourceKinesisArns needs Tables"),
    ({**TABLES, "KinesisTables": "orders"}, "needs SourceKinesisArns"),
    ({**USERS, "OldExternalId": "word"}, "needs OldRoleArn"),
    ({**TABLES, "ExternalId": "word"}, "needs SourceRoleArn"),
    ({**USERS, "SubMapTableArn": TABLES["SourceTableArns"]}, "needs Tables"),
    ({**USERS, "ExportBucketArn": "arn:aws:s3:::exports"}, "ExportBucketArn needs Tables"),
    ({**TABLES, "ExportKeyArn": KEY}, "ExportKeyArn needs ExportBucketArn"),
]
_numbers = itertools.count()


@pytest.fixture
def stack(running_stack: Local) -> Iterator[Stack]:
    stack = Stack(running_stack, f"shape-{next(_numbers)}")
    yield stack
    running_stack.client("cloudformation").delete_stack(StackName=stack.name)


def _functions(stack: Stack) -> set[str]:
    return {name for name, kind in stack.resources().items() if kind == "AWS::Lambda::Function"}


def _streams(stack: Stack) -> set[str]:
    mappings = stack.local.client("lambda").list_event_source_mappings(
        FunctionName=f"{stack.outputs()['MirrorTableFunction']}:live"
    )["EventSourceMappings"]
    return {mapping["EventSourceArn"] for mapping in mappings}


def test_users_alone_bring_no_table_function(stack: Stack) -> None:
    stack.deploy({**USERS, **LOCAL})
    assert _functions(stack) == USER_FUNCTIONS


def test_users_alone_bring_their_outputs(stack: Stack) -> None:
    stack.deploy({**USERS, **LOCAL})
    assert stack.outputs().keys() - {"LedgerTable", "WatchFunction"} == USER_OUTPUTS


def test_tables_alone_bring_no_user_function(stack: Stack) -> None:
    stack.deploy({**TABLES, **LOCAL})
    assert _functions(stack) == TABLE_FUNCTIONS


def test_tables_alone_bring_their_outputs(stack: Stack) -> None:
    stack.deploy({**TABLES, **LOCAL})
    assert stack.outputs().keys() - {"LedgerTable", "WatchFunction"} == TABLE_OUTPUTS


def test_both_bring_all(stack: Stack) -> None:
    stack.deploy({**USERS, **TABLES, **LOCAL})
    assert _functions(stack) == USER_FUNCTIONS | TABLE_FUNCTIONS


def test_each_stream_gets_a_mapping(stack: Stack) -> None:
    streams = {TABLES["SourceStreamArns"], SECOND_STREAM}
    stack.deploy({**TABLES, **LOCAL, "SourceStreamArns": ",".join(sorted(streams))})
    assert _streams(stack) == streams


def test_a_stream_that_is_no_longer_named_loses_its_mapping(stack: Stack) -> None:
    both = f"{TABLES['SourceStreamArns']},{SECOND_STREAM}"
    stack.deploy({**TABLES, **LOCAL, "SourceStreamArns": both})
    stack.deploy({**TABLES, **LOCAL, "SourceStreamArns": SECOND_STREAM})
    assert _streams(stack) == {SECOND_STREAM}


def test_a_kinesis_stream_gets_a_mapping_beside_the_others(stack: Stack) -> None:
    stack.deploy({**TABLES, **LOCAL, "SourceKinesisArns": KINESIS})
    assert _streams(stack) == {TABLES["SourceStreamArns"], KINESIS}


def test_changes_may_come_by_kinesis_alone(stack: Stack) -> None:
    stack.deploy({**TABLES, **LOCAL, "SourceStreamArns": "none", "SourceKinesisArns": KINESIS})
    assert _streams(stack) == {KINESIS}
    assert stack.environment("WatchFunction")["SOURCE_STREAM_ARNS"] == f"none,{KINESIS}"


def test_an_empty_list_of_streams_is_as_good_as_none(stack: Stack) -> None:
    stack.deploy({**USERS, **LOCAL, "SourceStreamArns": ""})
    assert _functions(stack) == USER_FUNCTIONS


def test_on_aws_the_alarms_come_along(stack: Stack) -> None:
    stack.deploy({**USERS, **TABLES, "MirrorState": "off"})
    alarms = {name for name, kind in stack.resources().items() if kind == "AWS::CloudWatch::Alarm"}
    assert alarms == {
        "MigrateUserErrorsAlarm",
        "MigrateUserThrottlesAlarm",
        "GuardUnavailableAlarm",
        "SettleDeadLetterAlarm",
        "MirrorLagAlarm",
        "MirrorLossAlarm",
        "RetryDeadLetterAlarm",
        "BackfillFailedAlarm",
        "OwedAlarm",
        "LostBatchesAlarm",
        "WatchSilentAlarm",
        "WatchDriftAlarm",
        "SquattedAlarm",
        *(f"{alarm}{TABLE_ID}" for alarm in ("MirrorLag", "MirrorLoss")),
    }


@pytest.mark.parametrize(("values", "said"), CONTRADICTIONS, ids=[said for _, said in CONTRADICTIONS])
def test_parameters_that_contradict_each_other_are_refused_before_anything_is_made(
    stack: Stack, values: dict[str, str], said: str
) -> None:
    with pytest.raises(ClientError, match=said):
        stack.deploy({**LOCAL, **values})
