"""What an AWS error means here: one place that knows botocore's exceptions."""

from __future__ import annotations

from botocore import exceptions as sdk
from botocore.exceptions import BotoCoreError, ClientError

from cutover.errors import AwsUnavailable, CutoverError

_FIXES: tuple[tuple[tuple[type[BotoCoreError], ...], str, str], ...] = (
    (
        (sdk.NoCredentialsError, sdk.PartialCredentialsError),
        "no complete AWS credentials were found",
        "sign in (aws sso login, aws configure), or name a profile with --profile",
    ),
    (
        (sdk.SSOError, sdk.TokenRetrievalError, sdk.CredentialRetrievalError, sdk.NoAuthTokenError),
        "the AWS credentials could not be fetched",
        "sign in again (aws sso login), or name another profile with --profile",
    ),
    (
        (sdk.ProfileNotFound, sdk.ConfigParseError, sdk.ConfigNotFound),
        "the AWS configuration does not hold what was asked for",
        "check ~/.aws/config, --profile and AWS_PROFILE",
    ),
    (
        (sdk.NoRegionError, sdk.InvalidRegionError),
        "no usable AWS Region is named",
        "give --region, or set AWS_REGION or the profile's region",
    ),
    (
        (sdk.ConnectionError, sdk.HTTPClientError, sdk.EndpointConnectionError),
        "AWS could not be reached",
        "check the network, the Region and any --endpoint-url or AWS_ENDPOINT_URL, then run it again",
    ),
)

_SIGN_IN_AGAIN = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "RequestExpired",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "IncompleteSignature",
        "MissingAuthenticationToken",
    }
)
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
_THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
    }
)


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
            fix=_fix_of(error_code(error)),
        )
    if isinstance(error, sdk.ParamValidationError):
        # Its text repeats the value that was given, which may be a secret.
        return AwsUnavailable(
            "a value has a form that AWS does not take",
            cause=type(error).__name__,
            fix="check the names, ids and numbers that were given",
        )
    if isinstance(error, BotoCoreError):
        for kinds, message, fix in _FIXES:
            if isinstance(error, kinds):
                return AwsUnavailable(message, cause=str(error), fix=fix)
        return AwsUnavailable(
            "AWS could not be called",
            cause=str(error),
            fix="check the credentials, the Region and the network",
        )
    return None


def _fix_of(code: str) -> str:
    if code in _SIGN_IN_AGAIN:
        return "the credentials are expired or unknown to AWS: sign in again, or give another --profile"
    if code in _DENIED:
        return "let somebody with the rights run it, or add the permission to this caller"
    if code in _THROTTLED:
        return "AWS throttles this account's calls: wait a little, then run the same command again"
    return "check the names, the Region and the permissions of the caller"
