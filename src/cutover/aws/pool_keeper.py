"""The CloudFormation stack that a user pool belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.control.doctor.facts import Keeper

_SIGNS = (
    ("CDK", "ResourceType", "AWS::CDK::Metadata"),
    ("Serverless Framework", "LogicalResourceId", "ServerlessDeploymentBucket"),
)


def keeper_of(client: Any, pool_id: str) -> Keeper | None:
    """None where the pool belongs to no stack. `client` is a CloudFormation client of the pool's Region.

    A resource's stack is found by its physical id, and an unknown one is a ValidationError:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
    """
    try:
        rows = client.describe_stack_resources(PhysicalResourceId=pool_id)["StackResources"]
    except ClientError as error:
        if error_code(error) == "ValidationError":
            return None
        raise
    if not rows:
        return None
    return Keeper(rows[0]["StackName"], _tool(rows[0]["StackName"], rows))


def _tool(stack: str, rows: Iterable[Mapping[str, Any]]) -> str:
    for tool, name, value in _SIGNS:
        if any(row.get(name) == value for row in rows):
            return tool
    return "Amplify" if stack.startswith("amplify-") else "CloudFormation"
