"""The role that Cognito takes for the log of a user import job.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool-cli-cloudwatch-iam-role.html
"""

from __future__ import annotations

from typing import Any


def test_cognito_alone_takes_it_and_for_the_new_pool_alone(template: dict[str, Any]) -> None:
    role = template["Resources"]["ImportLogsRole"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert "userpool/${NewUserPoolId}" in str(statement["Condition"]["ArnLike"]["aws:SourceArn"])


def test_it_may_write_the_logs_that_the_page_names_and_nothing_else(template: dict[str, Any]) -> None:
    (policy,) = template["Resources"]["ImportLogsRole"]["Properties"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert set(statement["Action"]) == {
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }
    assert str(statement["Resource"]).count("log-group:/aws/cognito/*") == 1


def test_the_verb_finds_it_among_the_outputs(template: dict[str, Any]) -> None:
    value = template["Outputs"]["ImportLogsRoleArn"]["Value"]
    assert value == {"Fn::GetAtt": ["ImportLogsRole", "Arn"]}
