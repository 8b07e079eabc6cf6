"""Who keeps a pool, and how busy it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from cutover.aws.pool_keeper import keeper_of
from cutover.aws.sign_in_rate import peak_rate
from cutover.control.doctor.facts import Keeper
from tests.aws.cloud import AWS

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def resource(stack: str, logical_id: str, kind: str) -> dict[str, Any]:
    return {
        "StackName": stack,
        "LogicalResourceId": logical_id,
        "ResourceType": kind,
        "Timestamp": NOON,
        "ResourceStatus": "CREATE_COMPLETE",
    }


@pytest.mark.parametrize(
    ("stack", "more", "tool"),
    [
        ("people", (), "CloudFormation"),
        ("amplify-app-dev-1", (), "Amplify"),
        ("people", (("ServerlessDeploymentBucket", "AWS::S3::Bucket"),), "Serverless Framework"),
        ("people", (("CDKMetadata", "AWS::CDK::Metadata"),), "CDK"),
    ],
)
def test_the_stack_of_a_pool_is_found_by_the_pools_id(
    stack: str, more: tuple[tuple[str, str], ...], tool: str
) -> None:
    client = AWS.client("cloudformation")
    rows = [resource(stack, *one) for one in (("Pool", "AWS::Cognito::UserPool"), *more)]
    with Stubber(client) as stubber:
        stubber.add_response(
            "describe_stack_resources", {"StackResources": rows}, {"PhysicalResourceId": "eu-west-1_Ab"}
        )
        assert keeper_of(client, "eu-west-1_Ab") == Keeper(stack, tool)


def test_a_pool_that_cloudformation_does_not_know_has_no_keeper() -> None:
    client = AWS.client("cloudformation")
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_stack_resources", "ValidationError", "Stack for x does not exist")
        assert keeper_of(client, "eu-west-1_Ab") is None


def test_the_busiest_five_minutes_count_over_all_clients() -> None:
    client = AWS.client("cloudwatch")
    later = NOON + timedelta(minutes=5)
    with Stubber(client) as stubber:
        for client_id, points in (("web", {NOON: 600.0, later: 300.0}), ("Admin", {NOON: 300.0})):
            dimensions = [{"Name": "UserPool", "Value": "p"}, {"Name": "UserPoolClient", "Value": client_id}]
            stubber.add_response(
                "get_metric_statistics",
                {"Datapoints": [{"Timestamp": at, "SampleCount": count} for at, count in points.items()]},
                {
                    "Namespace": "AWS/Cognito",
                    "MetricName": "SignInSuccesses",
                    "Dimensions": dimensions,
                    "StartTime": ANY,
                    "EndTime": ANY,
                    "Period": 300,
                    "Statistics": ["SampleCount"],
                },
            )
        assert peak_rate(client, "p", ["web"], int(NOON.timestamp())) == 3.0


@mock_aws
def test_a_pool_without_datapoints_has_no_rate() -> None:
    assert peak_rate(AWS.client("cloudwatch"), "p", [], int(NOON.timestamp())) is None
