"""The deployed stack, read from CloudFormation."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code
from cutover.aws.session import Aws
from cutover.control.deployment import Deployment
from cutover.errors import CutoverError


class StackMissing(CutoverError):
    """There is no such stack in this account and Region."""


def read_deployment(aws: Aws, stack: str) -> Deployment:
    """Parameters and outputs of `stack`.

    Raises StackMissing, and AwsUnavailable (through `faults`) when it cannot be read. CloudFormation says
    of a missing stack only in the text of a ValidationError that it "does not exist":
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
    """
    client = aws.client("cloudformation", attempts=3)
    try:
        description = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if error_code(error) == "ValidationError" and "does not exist" in str(error):
            raise _missing(stack, client.meta.region_name) from error
        raise
    return Deployment(
        stack=stack,
        parameters={row["ParameterKey"]: row["ParameterValue"] for row in description.get("Parameters", [])},
        outputs={row["OutputKey"]: row["OutputValue"] for row in description.get("Outputs", [])},
        status=description["StackStatus"],
    )


def _missing(stack: str, region: str) -> StackMissing:
    return StackMissing(
        f"stack {stack} does not exist in {region}",
        cause="it was never deployed there, or was deleted, or stands in another Region or account",
        fix="deploy it, or say where it is with --stack, --region and --profile",
        next_command="make deploy",
    )
