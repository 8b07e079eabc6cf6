"""What an AWS error means here: one place that knows botocore's exceptions."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from cutover.errors import AwsUnavailable, CutoverError


def error_code(error: BaseException) -> str:
    """The service's error code, or the exception's name where no service answered."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__


def as_cutover_error(error: BaseException) -> CutoverError | None:
    """The operator's form of an AWS error; None for an exception that is not one."""
    if isinstance(error, ClientError):
        return AwsUnavailable(
            f"AWS refused {error.operation_name}: {error_code(error)}",
            cause=str(error.response.get("Error", {}).get("Message", "")),
            fix="check the credentials, the Region and the permissions of the caller",
        )
    if isinstance(error, BotoCoreError):
        return AwsUnavailable(
            "AWS could not be called",
            cause=str(error),
            fix="check the credentials, the Region and the network",
        )
    return None
