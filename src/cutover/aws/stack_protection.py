"""A stack's termination protection."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cutover.aws.faults import error_code

_GONE = ("DELETE_COMPLETE", "DELETE_IN_PROGRESS")


class StackProtection:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html"""

    def __init__(self, client: Any, stack: str) -> None:
        self._client = client
        self._stack = stack

    def is_on(self) -> bool | None:
        """None where the stack is gone."""
        try:
            found = self._client.describe_stacks(StackName=self._stack)["Stacks"][0]
        except ClientError as error:
            if error_code(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] in _GONE else bool(found.get("EnableTerminationProtection"))

    def switch(self, on: bool) -> None:
        self._client.update_termination_protection(StackName=self._stack, EnableTerminationProtection=on)
