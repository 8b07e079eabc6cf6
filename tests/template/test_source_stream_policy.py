"""docs/source-stream-policy.json: what the stream of another account allows the mirror's mapping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.api import lint

from tests.template.permissions import PERMISSIONS

POLICY = Path(__file__).parents[2] / "docs" / "source-stream-policy.json"


@pytest.fixture
def statement() -> dict[str, Any]:
    (only,) = json.loads(POLICY.read_text(encoding="utf-8"))["Statement"]
    return dict(only)


def test_it_allows_what_the_mapping_asks_of_a_stream_and_no_more(statement: dict[str, Any]) -> None:
    assert tuple(statement["Action"]) == PERMISSIONS["MirrorTable", "PollStreams"]


def test_it_lets_the_mirror_s_role_in_and_nobody_else(
    statement: dict[str, Any], template: dict[str, Any]
) -> None:
    """By the account and a condition on the caller: the role need not exist yet."""
    assert "MirrorTableRole" in template["Resources"]
    account = statement["Principal"]["AWS"].removesuffix(":root")
    assert statement["Condition"] == {
        "ArnLike": {"aws:PrincipalArn": f"{account}:role/cutover-MirrorTableRole-*"}
    }


def test_the_sdk_s_model_says_that_a_stream_takes_a_policy() -> None:
    """No emulator here knows policies of streams."""
    model = boto3.client("dynamodb", region_name="eu-west-1").meta.service_model
    arn = model.operation_model("PutResourcePolicy").input_shape.members["ResourceArn"]
    assert "tables and streams" in arn.documentation


def test_a_table_s_template_may_hold_it() -> None:
    """As `ResourcePolicy` of the table's stream, which CloudFormation's schema knows."""
    table = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {
                "StreamViewType": "KEYS_ONLY",
                "ResourcePolicy": {"PolicyDocument": json.loads(POLICY.read_text(encoding="utf-8"))},
            },
        },
    }
    whole = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Orders": table}}
    assert [str(match) for match in lint(json.dumps(whole))] == []
