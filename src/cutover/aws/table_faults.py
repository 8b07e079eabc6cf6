"""What an error of a DynamoDB data call says about the write or read that met it.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

from enum import StrEnum

from botocore import exceptions as sdk
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from cutover.aws.faults import error_code
from cutover.tables.ports import FaultReason


class Kind(StrEnum):
    """ITEM: refused for what the items are. THROTTLE: not done, may be tried again. UNREACHABLE: never sent.
    AMBIGUOUS: the reply was lost or is an error of the service; the write may have been done, or may still
    be. TABLE: nothing on this table will succeed until somebody or time puts it right."""

    ITEM = "item"
    THROTTLE = "throttle"
    UNREACHABLE = "unreachable"
    AMBIGUOUS = "ambiguous"
    TABLE = "table"


_THROTTLES = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ReplicatedWriteConflictException",
}
_SERVICE = {"InternalServerError", "InternalFailure", "InternalError", "ServiceUnavailable"}
_ITEMS = {"ValidationException", "ItemCollectionSizeLimitExceededException", "RequestEntityTooLarge"}
_NOT_SENT = (
    sdk.ConnectTimeoutError,
    sdk.EndpointConnectionError,
    sdk.ProxyConnectionError,
    sdk.SSLError,
)
_REPLY_LOST = (sdk.HTTPClientError, sdk.IncompleteReadError, sdk.ResponseStreamingError, ResponseParserError)
_TOO_LARGE = ("item size", "exceeded the maximum allowed size", "collection size")


def classify(error: BaseException) -> Kind:
    """The kind of a ClientError or BotoCoreError; unknown refusals are the table's, so nothing is lost."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, _NOT_SENT):
        return Kind.UNREACHABLE
    if isinstance(error, _REPLY_LOST):
        return Kind.AMBIGUOUS
    return Kind.ITEM if isinstance(error, sdk.ParamValidationError) else Kind.TABLE


def timed_out(error: BaseException) -> bool:
    """Whether the call waited its whole time-out, unlike one that was refused or cut off."""
    return isinstance(error, sdk.ConnectTimeoutError | sdk.ReadTimeoutError)


def item_reason(error: BaseException) -> FaultReason:
    """Too large, or invalid in another way."""
    text = str(error).lower()
    large = error_code(error) != "ValidationException" and isinstance(error, ClientError)
    return (
        FaultReason.TOO_LARGE if large or any(mark in text for mark in _TOO_LARGE) else FaultReason.VALIDATION
    )


def _refusal(error: ClientError) -> Kind:
    code = error_code(error)
    if code in _THROTTLES:
        return Kind.THROTTLE
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _ITEMS or status == 413:
        return Kind.ITEM
    return Kind.AMBIGUOUS if code in _SERVICE or status >= 500 else Kind.TABLE


AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
"""The last one, of a reply that nobody can read, is no BotoCoreError."""
