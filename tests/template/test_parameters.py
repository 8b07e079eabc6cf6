"""Every parameter explains itself, refuses what cannot be meant, and has its place in the prompts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cutover.control.parameters import PARAMETERS
from tests.template.expanding import TABLES, TEMPLATE, USERS

CONSTRAINTS = {"AllowedPattern", "AllowedValues", "MinValue"}
REFUSED = {
    "NewUserPoolId": ["pool", "eu-west-1", "eu-west-1_", "eu-west-1_Abc; drop", "EU-WEST-1_Abc"],
    "OldClientId": ["two words", "id,id"],
    "OldClientSecretArn": ["a-secret-in-the-clear", "arn:aws:ssm:eu-west-1:123456789012:parameter/x"],
    "OldRegion": ["Ireland", "eu-west"],
    "OldRoleArn": [
        "arn:aws:iam::123456789012:user/ann",
        "arn:aws:iam::1234:role/x",
        "arn:aws:iam::123456789012:role/*",
    ],
    "OldExternalId": ["x", "two words"],
    "Attributes": ["given_name, family_name", "a==b", ",", "a,,b"],
    "LegacySubAttribute": ["", "sub", "custom:", "custom:a_name_of_over_twenty"],
    "AllowedClientIds": ["one, two", ","],
    "GroupMap": ["admins", "admins=", "a=b,", "a = b"],
    "OldSubClaim": ["old sub", "1st", "a" * 65],
    "EventBusName": ["a bus", "bus;"],
    "GuardText": ["", "two\nlines", "x" * 201],
    "ChainedPreSignUpArn": ["function", "arn:aws:lambda:eu-west-1:123456789012:function:*"],
    "ChainedPreTokenArn": ["function", "arn:aws:lambda:eu-west-1:1234:function:name"],
    "Tables": ["orders", "{}", "[]", "ssm:name", '["orders"]'],
    "SourceTableArns": ["orders", "arn:aws:dynamodb:eu-west-1:123456789012:table/*"],
    "TargetTableArns": ["orders", "*"],
    "SourceStreamArns": ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "*"],
    "SourceKinesisArns": [
        "changes",
        "*",
        "arn:aws:kinesis:eu-west-1:123456789012:stream/*",
        "arn:aws:kinesis:eu-west-1:123456789012:stream/changes/consumer/fast:1",
    ],
    "KinesisTables": ["or", "orders*", 'a","b'],
    "SourceRoleArn": ["*", "role"],
    "TargetRoleArn": ["*", "role"],
    "ExternalId": ["x"],
    "SubMapTableArn": ["ledger", "arn:aws:dynamodb:eu-west-1:123456789012:table/*"],
    "ExportBucketArn": ["exports", "s3://exports", "arn:aws:s3:::exports/folder", "arn:aws:s3:::*"],
    "ExportKeyArn": ["alias/key", "arn:aws:kms:eu-west-1:123456789012:alias/exports", "*"],
    "AlarmTopicArn": ["topic", "arn:aws:sqs:eu-west-1:123456789012:queue"],
}
ACCEPTED = {
    **{name: [value] for name, value in {**USERS, **TABLES}.items()},
    "OldUserPoolId": ["us-gov-west-1_AbCdEfGhI"],
    "OldClientSecretArn": ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:old/client-AbCdEf"],
    "OldRegion": ["ap-southeast-2"],
    "OldRoleArn": ["arn:aws-us-gov:iam::123456789012:role/path/name"],
    "OldExternalId": ["a/b:c-d"],
    "Attributes": ["given_name", "given_name,plan=tier,custom:a=custom:b"],
    "LegacySubAttribute": ["custom:old_sub"],
    "AllowedClientIds": ["one", "one,two"],
    "GroupMap": ["admins=staff", "admins=staff,a.b=a.b"],
    "OldSubClaim": ["old_sub", "custom:old_sub", "https_claim"],
    "EventBusName": ["default", "shop/people"],
    "GuardText": ["Please sign in."],
    "ChainedPreSignUpArn": ["arn:aws:lambda:eu-west-1:123456789012:function:check-sign-up:live"],
    "ChainedPreTokenArn": ["arn:aws:lambda:eu-west-1:123456789012:function:claims"],
    "Tables": [
        "ssm:/cutover/tables",
        '[{"source": "a", "target": "b"}]',
        '[\n {"source": "a", "target": "b"}\n]',
    ],
    "SourceStreamArns": ["none"],
    "KinesisTables": ["", "orders", "Order_Lines.2026-11"],
    "SourceKinesisArns": ["none", "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/order.changes_1-a"],
    "SourceRoleArn": ["arn:aws:iam::123456789012:role/x"],
    "TargetRoleArn": ["arn:aws:iam::123456789012:role/x"],
    "ExternalId": ["word"],
    "SubMapTableArn": ["arn:aws:dynamodb:eu-west-1:123456789012:table/people-Ledger-1A2B"],
    "ExportBucketArn": ["", "arn:aws:s3:::my.exports-1", "arn:aws-cn:s3:::exports"],
    "ExportKeyArn": ["", "arn:aws:kms:eu-west-1:123456789012:key/mrk-1a2b3c"],
    "AlarmTopicArn": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
}


def _patterns(template: dict[str, Any]) -> dict[str, str]:
    rows = template["Parameters"].items()
    return {name: row["AllowedPattern"] for name, row in rows if "AllowedPattern" in row}


def test_the_command_line_knows_every_parameter_and_no_other(template: dict[str, Any]) -> None:
    assert set(template["Parameters"]) == PARAMETERS


def test_every_parameter_says_what_it_is(template: dict[str, Any]) -> None:
    silent = [name for name, row in template["Parameters"].items() if len(row.get("Description", "")) < 20]
    assert silent == []


def test_every_parameter_refuses_something_and_says_what_it_wants(template: dict[str, Any]) -> None:
    rows = template["Parameters"].items()
    open_ended = [n for n, row in rows if not (CONSTRAINTS & row.keys() and "ConstraintDescription" in row)]
    assert open_ended == []


def test_every_parameter_has_a_default(template: dict[str, Any]) -> None:
    """`sam build` expands the stream mappings, and has the defaults alone to do it with."""
    assert [name for name, row in template["Parameters"].items() if "Default" not in row] == []


def test_every_default_is_allowed(template: dict[str, Any]) -> None:
    rows = template["Parameters"]
    refused = [
        n for n, pattern in _patterns(template).items() if not re.fullmatch(pattern, rows[n]["Default"])
    ]
    assert refused == []


def test_every_parameter_stands_in_one_group(template: dict[str, Any]) -> None:
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(n for group in groups for n in group["Parameters"]) == sorted(template["Parameters"])


def test_every_parameter_has_a_label(template: dict[str, Any]) -> None:
    labels = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterLabels"]
    assert labels.keys() == template["Parameters"].keys()


def test_every_parameter_stands_in_the_documentation(template: dict[str, Any]) -> None:
    text = (TEMPLATE.parent / "docs/deploying.md").read_text(encoding="utf-8")
    assert [name for name in template["Parameters"] if f"`{name}`" not in text] == []


def test_every_pattern_is_tried_here(template: dict[str, Any]) -> None:
    same = {"OldUserPoolId"}  # as NewUserPoolId
    assert _patterns(template).keys() == REFUSED.keys() | same
    assert ACCEPTED.keys() == _patterns(template).keys()


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in REFUSED.items() for v in values])
def test_a_pattern_refuses(template: dict[str, Any], name: str, value: str) -> None:
    assert not re.fullmatch(_patterns(template)[name], value)


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in ACCEPTED.items() for v in values])
def test_a_pattern_accepts(template: dict[str, Any], name: str, value: str) -> None:
    assert re.fullmatch(_patterns(template)[name], value)
