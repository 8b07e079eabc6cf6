"""Each way a verb can end has its exit code, and none of them shows an operator a traceback."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions as sdk
from botocore.exceptions import ClientError

from cutover import errors
from cutover.aws.faults import error_code
from cutover.cli.options import Invocation
from cutover.tables.ports import AuthorityLost, TableFault
from tests.cli.verbs import Shell


def raising(error: BaseException) -> Any:
    def body(invocation: Invocation) -> None:
        raise error

    return body


def refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeTable")


def test_a_verb_that_returns_nothing_is_done(shell: Shell) -> None:
    assert shell.work(lambda _: None).code == 0


@pytest.mark.parametrize("code", [0, 3, 6])
def test_a_verb_returns_its_own_code(shell: Shell, code: int) -> None:
    assert shell.work(lambda _: code).code == code


def test_true_is_not_an_exit_code(shell: Shell) -> None:
    assert shell.work(lambda _: True).code == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.CutoverError("broken"), 1),
        (errors.UsageError("not understood"), 2),
        (errors.DifferencesFound("3 differ"), 3),
        (errors.InterlockRefused("lag", "too far behind"), 4),
        (AuthorityLost("a=b", "source", "target"), 4),
        (errors.AwsUnavailable("no AWS"), 5),
        (TableFault("orders", "throttled"), 5),
        (refused("AccessDeniedException"), 5),
        (errors.PartlyDone("half"), 6),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 1),
        (FileNotFoundError(2, "No such file or directory", "plan.json"), 1),
        (ModuleNotFoundError("No module named 'ministack'", name="ministack"), 1),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_each_error_has_its_code(shell: Shell, error: BaseException, code: int) -> None:
    ran = shell.work(raising(error))
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert ran.err.lstrip().startswith("error: ")


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (sdk.NoCredentialsError(), "--profile"),
        (sdk.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "--profile"),
        (sdk.ProfileNotFound(profile="staging"), "--profile"),
        (sdk.NoRegionError(), "--region"),
        (sdk.UnauthorizedSSOTokenError(), "aws sso login"),
        (sdk.EndpointConnectionError(endpoint_url="https://x"), "network"),
        (sdk.ConnectTimeoutError(endpoint_url="https://x"), "network"),
        (sdk.ReadTimeoutError(endpoint_url="https://x"), "network"),
        (refused("ExpiredTokenException"), "sign in again"),
        (refused("UnrecognizedClientException"), "sign in again"),
        (refused("AccessDenied"), "permission"),
        (refused("ThrottlingException"), "wait"),
        (refused("ResourceNotFoundException"), "Region"),
    ],
    ids=lambda value: error_code(value) if isinstance(value, Exception) else "",
)
def test_an_aws_error_is_5_and_says_how_to_put_it_right(shell: Shell, error: Exception, fix: str) -> None:
    ran = shell.work(raising(error))
    assert ran.code == 5
    assert fix in next(line for line in ran.err.splitlines() if line.strip().startswith("fix:"))


def test_a_value_that_the_sdk_refuses_is_not_repeated(shell: Shell) -> None:
    ran = shell.work(raising(sdk.ParamValidationError(report="Invalid type, value: hunter2")))
    assert ran.code == 5
    assert "hunter2" not in ran.out + ran.err


def test_a_defect_shows_its_traceback_on_stderr_alone(shell: Shell) -> None:
    ran = shell.work(raising(ZeroDivisionError("1/0")))
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert "this is a defect of cutover" in ran.err
    assert ran.out == ""


def test_an_interlock_is_named_by_its_code(shell: Shell) -> None:
    ran = shell.work(raising(errors.InterlockRefused("lease_held", "somebody else writes")))
    assert ran.err.startswith("error: somebody else writes (lease_held)\n")
