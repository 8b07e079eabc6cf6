"""The deployed stack, read from CloudFormation."""

from __future__ import annotations

from cutover.aws.session import Aws
from cutover.control.deployment import Deployment


def read_deployment(aws: Aws, stack: str) -> Deployment:
    """Parameters and outputs of `stack`. Raises AwsUnavailable (through `faults`) when it cannot be read."""
    description = aws.client("cloudformation", attempts=3).describe_stacks(StackName=stack)["Stacks"][0]
    return Deployment(
        stack=stack,
        parameters={row["ParameterKey"]: row["ParameterValue"] for row in description.get("Parameters", [])},
        outputs={row["OutputKey"]: row["OutputValue"] for row in description.get("Outputs", [])},
        status=description["StackStatus"],
        termination_protection=bool(description.get("EnableTerminationProtection")),
    )
